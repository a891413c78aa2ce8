"""What makes functions, under the module name that Theano has for it."""

from typing import TYPE_CHECKING

from croton.arguments import In as In
from croton.arguments import Out as Out
from croton.arguments import Param as Param
from croton.arguments import SymbolicInput as SymbolicInput
from croton.arguments import SymbolicOutput as SymbolicOutput
from croton.compile import builders as builders
from croton.compile import mode as mode
from croton.compile import ops as ops
from croton.compile import sharedvalue as sharedvalue
from croton.compile.mode import Mode as Mode
from croton.compile.mode import get_default_mode as get_default_mode
from croton.compile.mode import get_mode as get_mode
from croton.compile.mode import predefined_linkers as predefined_linkers
from croton.compile.mode import predefined_modes as predefined_modes
from croton.compile.mode import predefined_optimizers as predefined_optimizers
from croton.compile.mode import register_mode as register_mode
from croton.compile.ops import FromFunctionOp as FromFunctionOp
from croton.compile.ops import as_op as as_op
from croton.function import Function as Function
from croton.function import function as function
from croton.lazy import lazily as _lazily
from croton.op_from_graph import OpFromGraph as OpFromGraph
from croton.shared import SharedVariable as SharedVariable
from croton.shared import shared as shared

if TYPE_CHECKING:
    from croton.compile import debugmode as debugmode
    from croton.compile import monitormode as monitormode
    from croton.compile import nanguardmode as nanguardmode
    from croton.watching import DebugMode as DebugMode
    from croton.watching import MonitorMode as MonitorMode
    from croton.watching import NanGuardMode as NanGuardMode
else:
    __getattr__ = _lazily(__name__, ["croton.watching"], ["debugmode", "monitormode", "nanguardmode"])

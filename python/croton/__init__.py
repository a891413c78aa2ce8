"""Symbolic expressions over arrays, compiled to machine code in milliseconds.

Examples
--------
>>> import croton as ct, croton.tensor as T
>>> x = T.dvector("x")
>>> f = ct.function([x], [x.sum(), ct.grad((x**2).sum(), x)])
>>> f([1.0, 2.0])
[array(3.), array([2., 4.])]
"""

from croton import _core
from croton._core import __version__
from croton.errors import PACKAGE, DisconnectedInputError, MissingInputError, UnusedInputError

_core.set_package_folder(PACKAGE)

from croton import tensor  # noqa: E402  # first: it takes in some of what is above it

_core.watch_interrupts()

from croton import (  # noqa: E402
    compile,
    configparser,
    d3viz,
    errors,
    fft,
    gof,
    gradient,
    optimize,
    printing,
    raise_op,
    random,
    sandbox,
    scan_module,
    sparse,
)
from croton.arguments import In, Out, Param, SymbolicInput, SymbolicOutput  # noqa: E402
from croton.clone import clone  # noqa: E402
from croton.compile.ops import as_op  # noqa: E402
from croton.config import change_flags, config  # noqa: E402
from croton.custom_gradient import custom_vjp  # noqa: E402
from croton.elementwise_op import elementwise_op  # noqa: E402
from croton.function import Function, function  # noqa: E402
from croton.gradient import Lop, Rop, grad, subgraph_grad  # noqa: E402
from croton.ifelse import ifelse  # noqa: E402
from croton.modes import Mode, predefined_linkers, predefined_modes, predefined_optimizers  # noqa: E402
from croton.op import Apply, Op  # noqa: E402
from croton.op_from_graph import OpFromGraph  # noqa: E402
from croton.printing import debugprint, pp, pprint  # noqa: E402
from croton.scan_module import foldl, foldr, map, reduce, scan, scan_checkpoints, while_loop  # noqa: E402
from croton.shared import SharedVariable, shared  # noqa: E402
from croton.tensor.constants import get_scalar_constant_value  # noqa: E402
from croton.tensor.products import dot  # noqa: E402
from croton.tensor.subtensor import sparse_grad  # noqa: E402
from croton.tensor.types import as_array as _asarray  # noqa: E402
from croton.tensor.variable import Constant, Variable  # noqa: E402
from croton.threads import num_threads, set_num_threads  # noqa: E402
from croton.updates import OrderedUpdates  # noqa: E402
from croton.vectorize import vectorize, vectorize_graph  # noqa: E402

__all__ = [
    "Apply",
    "Constant",
    "DisconnectedInputError",
    "Function",
    "In",
    "Lop",
    "MissingInputError",
    "Mode",
    "Op",
    "OpFromGraph",
    "OrderedUpdates",
    "Out",
    "Param",
    "Rop",
    "SharedVariable",
    "SymbolicInput",
    "SymbolicOutput",
    "UnusedInputError",
    "Variable",
    "__version__",
    "_asarray",
    "as_op",
    "change_flags",
    "clone",
    "compile",
    "config",
    "configparser",
    "custom_vjp",
    "d3viz",
    "debugprint",
    "dot",
    "elementwise_op",
    "errors",
    "fft",
    "foldl",
    "foldr",
    "function",
    "get_scalar_constant_value",
    "gof",
    "grad",
    "gradient",
    "ifelse",
    "map",
    "num_threads",
    "optimize",
    "pp",
    "pprint",
    "predefined_linkers",
    "predefined_modes",
    "predefined_optimizers",
    "printing",
    "raise_op",
    "random",
    "reduce",
    "sandbox",
    "scan",
    "scan_checkpoints",
    "scan_module",
    "set_num_threads",
    "shared",
    "sparse",
    "sparse_grad",
    "subgraph_grad",
    "tensor",
    "vectorize",
    "vectorize_graph",
    "while_loop",
]

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
_core.watch_interrupts()

from croton import gradient, printing, random, sandbox, tensor  # noqa: E402
from croton.arguments import In, Out, Param  # noqa: E402
from croton.clone import clone  # noqa: E402
from croton.config import change_flags, config  # noqa: E402
from croton.function import Function, function  # noqa: E402
from croton.gradient import Lop, grad  # noqa: E402
from croton.printing import debugprint, pp  # noqa: E402
from croton.shared import SharedVariable, shared  # noqa: E402
from croton.tensor.variable import Constant, Variable  # noqa: E402
from croton.threads import num_threads, set_num_threads  # noqa: E402
from croton.updates import OrderedUpdates  # noqa: E402

__all__ = [
    "Constant",
    "DisconnectedInputError",
    "Function",
    "In",
    "Lop",
    "MissingInputError",
    "OrderedUpdates",
    "Out",
    "Param",
    "SharedVariable",
    "UnusedInputError",
    "Variable",
    "__version__",
    "change_flags",
    "clone",
    "config",
    "debugprint",
    "function",
    "grad",
    "gradient",
    "num_threads",
    "pp",
    "printing",
    "random",
    "sandbox",
    "set_num_threads",
    "shared",
    "tensor",
]

"""Symbolic arrays: `import croton.tensor as T`.

Beside the names in the `__all__` of the modules imported here, the module has one function for each
elementwise op (`exp`, `add`, ...), and the constructors of inputs (`matrix`, `fmatrix`, `fmatrices`, ...),
which are made from tables.
"""

from typing import TYPE_CHECKING

from croton import fft as _transforms
from croton.config import config as config
from croton.lazy import lazily as _lazily
from croton.tensor import basic as basic
from croton.tensor import blas as blas
from croton.tensor import constructors as _constructors
from croton.tensor import elementwise as _elementwise
from croton.tensor import extra_ops as extra_ops
from croton.tensor import fft as fft
from croton.tensor import linalg as linalg
from croton.tensor import nlinalg as nlinalg
from croton.tensor import nnet as nnet
from croton.tensor import protocols as _protocols
from croton.tensor import shared_randomstreams as shared_randomstreams
from croton.tensor import signal as signal
from croton.tensor import slinalg as slinalg
from croton.tensor import type as type
from croton.tensor import var as _var  # noqa: F401  # before the function of this name
from croton.tensor import xlogx as xlogx
from croton.tensor.arithmetic import *
from croton.tensor.broadcasting import *
from croton.tensor.complex_numbers import *
from croton.tensor.constants import *
from croton.tensor.constructors import tensor as tensor
from croton.tensor.contraction import *
from croton.tensor.creation import *
from croton.tensor.derivatives import *
from croton.tensor.diagonals import *
from croton.tensor.elementwise import *
from croton.tensor.gradient import *
from croton.tensor.indexing import *
from croton.tensor.joining import *
from croton.tensor.movement import *
from croton.tensor.nan_reductions import *
from croton.tensor.nonzeros import *
from croton.tensor.order_statistics import *
from croton.tensor.padding import *
from croton.tensor.positions import *
from croton.tensor.products import *
from croton.tensor.ranges import *
from croton.tensor.reductions import *
from croton.tensor.repeating import *
from croton.tensor.running import *
from croton.tensor.searching import *
from croton.tensor.segments import *
from croton.tensor.sorting import *
from croton.tensor.special import *
from croton.tensor.special_functions import *
from croton.tensor.splitting import *
from croton.tensor.statistics import *
from croton.tensor.subtensor import *
from croton.tensor.type_lists import *
from croton.tensor.types import (
    TensorType as TensorType,
)
from croton.tensor.types import (
    all_dtypes as all_dtypes,
)
from croton.tensor.types import (
    bool_dtypes as bool_dtypes,
)
from croton.tensor.types import (
    complex_dtypes as complex_dtypes,
)
from croton.tensor.types import (
    continuous_dtypes as continuous_dtypes,
)
from croton.tensor.types import (
    discrete_dtypes as discrete_dtypes,
)
from croton.tensor.types import (
    float_dtypes as float_dtypes,
)
from croton.tensor.types import (
    int_dtypes as int_dtypes,
)
from croton.tensor.types import (
    integer_dtypes as integer_dtypes,
)
from croton.tensor.types import (
    uint_dtypes as uint_dtypes,
)

from croton.errors import AsTensorError as AsTensorError  # isort: skip
from croton.tensor.variable import Constant as Constant
from croton.tensor.variable import Variable as Variable
from croton.tensor.variable import as_variable as as_variable
from croton.tensor.windows import *

# What is made of compiled functions comes after all that those need.
from croton.finite_differences import numeric_grad as numeric_grad  # isort: skip
from croton.finite_differences import verify_grad as verify_grad  # isort: skip
from croton.partial_gradients import Rop as Rop  # isort: skip
from croton.tensor import opt as opt  # isort: skip
from croton.tensor import sharedvar as sharedvar  # isort: skip

# The functions above have more arguments than the table's of the same name.
for _table in (_elementwise.FUNCTIONS, _constructors.FUNCTIONS):
    for _name, _function in _table.items():
        globals().setdefault(_name, _function)

# np.fft.rfft of a variable is NumPy's function, not Theano's.
_protocols.enable({**globals(), "fft": _transforms})

if TYPE_CHECKING:
    from croton.tensor.generated import *
    from croton.tensor.op_classes import *
else:
    __getattr__ = _lazily(__name__, ["croton.tensor.op_classes"])

as_tensor = as_tensor_variable
Tensor = TensorType
TensorVariable = Variable
TensorConstant = Constant
concat = concatenate
softsign = nnet.softsign
permute_dims = transpose
amax = max
amin = min


def shape(x: object) -> Variable:
    """The sizes of the axes of `x` as an int64 vector."""
    return as_variable(as_variable(x).shape)

"""Symbolic arrays: `import croton.tensor as T`.

Beside the names imported here, the module has one function for each elementwise op (`exp`, `add`, ...), and
the constructors of inputs (`matrix`, `fmatrix`, `fmatrices`, ...), which are made from tables.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from croton.config import config as config
from croton.tensor import constructors as _constructors
from croton.tensor import elementwise as _elementwise
from croton.tensor import nnet as nnet
from croton.tensor.constructors import tensor as tensor
from croton.tensor.creation import (
    alloc as alloc,
)
from croton.tensor.creation import (
    arange as arange,
)
from croton.tensor.creation import (
    as_tensor_variable as as_tensor_variable,
)
from croton.tensor.creation import (
    constant as constant,
)
from croton.tensor.creation import (
    diag as diag,
)
from croton.tensor.creation import (
    diagonal as diagonal,
)
from croton.tensor.creation import (
    eye as eye,
)
from croton.tensor.creation import (
    fill as fill,
)
from croton.tensor.creation import (
    full as full,
)
from croton.tensor.creation import (
    full_like as full_like,
)
from croton.tensor.creation import (
    identity_like as identity_like,
)
from croton.tensor.creation import (
    ones as ones,
)
from croton.tensor.creation import (
    ones_like as ones_like,
)
from croton.tensor.creation import (
    second as second,
)
from croton.tensor.creation import (
    trace as trace,
)
from croton.tensor.creation import (
    tri as tri,
)
from croton.tensor.creation import (
    tril as tril,
)
from croton.tensor.creation import (
    triu as triu,
)
from croton.tensor.creation import (
    zeros as zeros,
)
from croton.tensor.creation import (
    zeros_like as zeros_like,
)
from croton.tensor.elementwise import (
    cast as cast,
)
from croton.tensor.elementwise import (
    ceil_intdiv as ceil_intdiv,
)
from croton.tensor.elementwise import (
    clip as clip,
)
from croton.tensor.elementwise import (
    divmod as divmod,
)
from croton.tensor.elementwise import (
    iround as iround,
)
from croton.tensor.elementwise import (
    isclose as isclose,
)
from croton.tensor.elementwise import (
    round as round,
)
from croton.tensor.elementwise import (
    stop_gradient as stop_gradient,
)
from croton.tensor.elementwise import (
    where as where,
)
from croton.tensor.gradient import Lop as Lop
from croton.tensor.gradient import consider_constant as consider_constant
from croton.tensor.gradient import disconnected_grad as disconnected_grad
from croton.tensor.gradient import grad as grad
from croton.tensor.indexing import take as take
from croton.tensor.joining import roll as roll
from croton.tensor.joining import split as split
from croton.tensor.movement import (
    broadcast_to as broadcast_to,
)
from croton.tensor.movement import (
    concatenate as concatenate,
)
from croton.tensor.movement import (
    dimshuffle as dimshuffle,
)
from croton.tensor.movement import (
    expand_dims as expand_dims,
)
from croton.tensor.movement import (
    flatten as flatten,
)
from croton.tensor.movement import (
    horizontal_stack as horizontal_stack,
)
from croton.tensor.movement import (
    join as join,
)
from croton.tensor.movement import (
    moveaxis as moveaxis,
)
from croton.tensor.movement import (
    ravel as ravel,
)
from croton.tensor.movement import (
    repeat as repeat,
)
from croton.tensor.movement import (
    reshape as reshape,
)
from croton.tensor.movement import (
    shape_padaxis as shape_padaxis,
)
from croton.tensor.movement import (
    shape_padleft as shape_padleft,
)
from croton.tensor.movement import (
    shape_padright as shape_padright,
)
from croton.tensor.movement import (
    squeeze as squeeze,
)
from croton.tensor.movement import (
    stack as stack,
)
from croton.tensor.movement import (
    stacklists as stacklists,
)
from croton.tensor.movement import (
    swapaxes as swapaxes,
)
from croton.tensor.movement import (
    tile as tile,
)
from croton.tensor.movement import (
    transpose as transpose,
)
from croton.tensor.movement import (
    vertical_stack as vertical_stack,
)
from croton.tensor.products import (
    batched_dot as batched_dot,
)
from croton.tensor.products import (
    dot as dot,
)
from croton.tensor.products import (
    matmul as matmul,
)
from croton.tensor.products import (
    outer as outer,
)
from croton.tensor.products import (
    tensordot as tensordot,
)
from croton.tensor.reductions import (
    all as all,
)
from croton.tensor.reductions import (
    allclose as allclose,
)
from croton.tensor.reductions import (
    any as any,
)
from croton.tensor.reductions import (
    argmax as argmax,
)
from croton.tensor.reductions import (
    argmin as argmin,
)
from croton.tensor.reductions import (
    logsumexp as logsumexp,
)
from croton.tensor.reductions import (
    max as max,
)
from croton.tensor.reductions import (
    max_and_argmax as max_and_argmax,
)
from croton.tensor.reductions import (
    mean as mean,
)
from croton.tensor.reductions import (
    min as min,
)
from croton.tensor.reductions import (
    norm as norm,
)
from croton.tensor.reductions import (
    prod as prod,
)
from croton.tensor.reductions import (
    ptp as ptp,
)
from croton.tensor.reductions import (
    std as std,
)
from croton.tensor.reductions import (
    sum as sum,
)
from croton.tensor.reductions import (
    var as var,
)
from croton.tensor.subtensor import inc_subtensor as inc_subtensor
from croton.tensor.subtensor import set_subtensor as set_subtensor
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
from croton.tensor.variable import Constant as Constant
from croton.tensor.variable import Variable as Variable
from croton.tensor.variable import as_variable as as_variable

# The functions above have more arguments than the table's of the same name.
for _table in (_elementwise.FUNCTIONS, _constructors.FUNCTIONS):
    for _name, _function in _table.items():
        globals().setdefault(_name, _function)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Callable[..., Any]: ...


as_tensor = as_tensor_variable
Tensor = TensorType
TensorVariable = Variable
TensorConstant = Constant


def shape(x: object) -> Variable:
    """The sizes of the axes of `x` as an int64 vector."""
    return as_variable(as_variable(x).shape)

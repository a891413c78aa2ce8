"""Symbolic arrays: `import croton.tensor as T`.

Beside the names imported here, the module has one function for each elementwise op (`exp`, `add`, `where`, ...)
and the constructors of inputs (`matrix`, `fmatrix`, `fmatrices`, ...), which are made from tables.
"""

from croton.config import config as config
from croton.tensor import constructors as _constructors
from croton.tensor import elementwise as _elementwise
from croton.tensor import nnet as nnet
from croton.tensor.constructors import tensor as tensor
from croton.tensor.creation import (
    alloc as alloc,
    arange as arange,
    as_tensor_variable as as_tensor_variable,
    constant as constant,
    diag as diag,
    diagonal as diagonal,
    eye as eye,
    fill as fill,
    full as full,
    full_like as full_like,
    identity_like as identity_like,
    ones as ones,
    ones_like as ones_like,
    second as second,
    trace as trace,
    tri as tri,
    tril as tril,
    triu as triu,
    zeros as zeros,
    zeros_like as zeros_like,
)
from croton.tensor.elementwise import (
    cast as cast,
    ceil_intdiv as ceil_intdiv,
    clip as clip,
    divmod as divmod,
    iround as iround,
    isclose as isclose,
    round as round,
    stop_gradient as stop_gradient,
    where as where,
)
from croton.tensor.indexing import take as take
from croton.tensor.movement import (
    broadcast_to as broadcast_to,
    concatenate as concatenate,
    dimshuffle as dimshuffle,
    expand_dims as expand_dims,
    flatten as flatten,
    horizontal_stack as horizontal_stack,
    join as join,
    moveaxis as moveaxis,
    ravel as ravel,
    repeat as repeat,
    reshape as reshape,
    shape_padaxis as shape_padaxis,
    shape_padleft as shape_padleft,
    shape_padright as shape_padright,
    squeeze as squeeze,
    stack as stack,
    stacklists as stacklists,
    swapaxes as swapaxes,
    tile as tile,
    transpose as transpose,
    vertical_stack as vertical_stack,
)
from croton.tensor.products import (
    batched_dot as batched_dot,
    dot as dot,
    matmul as matmul,
    outer as outer,
    tensordot as tensordot,
)
from croton.tensor.reductions import (
    all as all,
    allclose as allclose,
    any as any,
    argmax as argmax,
    argmin as argmin,
    logsumexp as logsumexp,
    max as max,
    max_and_argmax as max_and_argmax,
    mean as mean,
    min as min,
    norm as norm,
    prod as prod,
    ptp as ptp,
    std as std,
    sum as sum,
    var as var,
)
from croton.tensor.types import (
    TensorType as TensorType,
    all_dtypes as all_dtypes,
    bool_dtypes as bool_dtypes,
    complex_dtypes as complex_dtypes,
    continuous_dtypes as continuous_dtypes,
    discrete_dtypes as discrete_dtypes,
    float_dtypes as float_dtypes,
    int_dtypes as int_dtypes,
    integer_dtypes as integer_dtypes,
    uint_dtypes as uint_dtypes,
)
from croton.tensor.variable import Constant as Constant, Variable as Variable, as_variable as as_variable

# The functions above have more arguments than the table's of the same name.
for _table in (_elementwise.FUNCTIONS, _constructors.FUNCTIONS):
    for _name, _function in _table.items():
        globals().setdefault(_name, _function)

as_tensor = as_tensor_variable
Tensor = TensorType
TensorVariable = Variable
TensorConstant = Constant


def shape(x: object) -> Variable:
    """The sizes of the axes of `x` as an int64 vector."""
    return as_variable(as_variable(x).shape)

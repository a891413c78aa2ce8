"""The numbers that expressions are known to be before any call."""

from __future__ import annotations

from typing import Any

import numpy as np

from croton import _core
from croton.errors import EmptyConstantError, NotScalarConstantError, complaint
from croton.tensor.creation import constant
from croton.tensor.expression import TensorLike, as_node, describe
from croton.tensor.variable import Variable

__all__ = ["EmptyConstantError", "NotScalarConstantError", "extract_constant", "get_scalar_constant_value"]

# What has the elements of its first input, whatever sizes it takes besides.
SAME_ELEMENTS = {"broadcast_to", "dimshuffle", "reshape"}


def get_scalar_constant_value(v: TensorLike, **options: Any) -> np.ndarray[Any, Any]:
    """The number that all elements of `v` are known to be, as a NumPy array without axes.

    Parameters
    ----------
    v : array_like or Variable
    options
        Accepted as in Theano.

    Raises
    ------
    EmptyConstantError
        If `v` is a constant without elements.
    NotScalarConstantError
        If `v` depends on inputs or shared variables, or has different elements.

    Examples
    --------
    >>> T.get_scalar_constant_value(T.ones((2, 3)) * 4 + 1)
    array(5.)
    """
    node = as_node(v)
    while node._op in SAME_ELEMENTS:
        node = node._inputs[0]
    if any(leaf._op != "constant" for leaf in _core.leaves([node])):
        raise NotScalarConstantError(complaint("get_scalar_constant_value", "a constant", describe(v)))
    (value,) = _core.interpret([node], [])
    if not value.size:
        raise EmptyConstantError(complaint("get_scalar_constant_value", "a constant with elements", "none"))
    first = value.reshape(-1)[0]
    if not ((value == first) | ((value != value) & (first != first))).all():
        given = "different elements"
        raise NotScalarConstantError(complaint("get_scalar_constant_value", "one number", given))
    return np.asarray(first)


def extract_constant(x: TensorLike, **options: Any) -> Any:
    """`get_scalar_constant_value` of `x`, or `x` itself as a variable where that is not known.

    Examples
    --------
    >>> T.extract_constant(T.dscalar("x")), T.extract_constant(2)
    (x : float64, array(2))
    """
    try:
        return get_scalar_constant_value(x)
    except NotScalarConstantError:
        return x if isinstance(x, Variable) else constant(x)

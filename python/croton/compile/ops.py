"""Small ops, under the module name that Theano has for them."""

from __future__ import annotations

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.variable import Variable


def shape_i(var: TensorLike, i: int) -> Variable:
    """The size of axis `i` of `var`, an int64 scalar.

    Parameters
    ----------
    var : TensorLike
    i : int
        Not negative, as in Theano.
    """
    node = as_node(var)
    if not 0 <= i < node.ndim:
        raise ValueError(complaint("shape_i", f"an axis of {describe(wrap(node))}", repr(i)))
    return wrap(_core.dim(node, i))

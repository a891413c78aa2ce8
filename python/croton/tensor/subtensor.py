"""New arrays that differ from others at indexed positions: set_subtensor and inc_subtensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Node, TensorLike, describe, dims_of, nodes_of, size_node, wrap
from croton.tensor.indexing import Selection, getitem

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "advanced_boolean_inc_subtensor",
    "advanced_boolean_set_subtensor",
    "advanced_boolean_subtensor",
    "advanced_inc_subtensor",
    "advanced_inc_subtensor1",
    "advanced_set_subtensor",
    "advanced_set_subtensor1",
    "advanced_subtensor",
    "advanced_subtensor1",
    "inc_subtensor",
    "set_subtensor",
    "sparse_grad",
]


def _parts(operation: str, x: Any) -> tuple[Variable, Any]:
    """The array and the index of x = array[index]."""
    indexed = getattr(x, "_indexed", None)
    if indexed is None:
        given = describe(x)
        raise TypeError(
            complaint(operation, "an indexed variable such as x[2:5]", given, "index it in the call")
        )
    array, index = indexed
    return array, index


def _values(operation: str, x: Variable, y: TensorLike) -> Node:
    """`y` in the dtype and the shape of x."""
    node = nodes_of([x, y], operation)[1]
    if not _core.can_cast_safely(node.dtype, x.dtype):
        remedy = f"cast it to '{x.dtype}'"
        raise TypeError(complaint(operation, f"values of {x.dtype}", describe(wrap(node)), remedy))
    if node.ndim > x.ndim:
        raise ValueError(complaint(operation, f"values with at most {x.ndim} axes", describe(wrap(node))))
    node = _core.cast(node, x.dtype)
    return _core.broadcast_to(node, [size_node(size) for size in dims_of(x._node)])


def sparse_grad(var: Variable) -> Variable:
    """`var` = a[index] itself, for programs written for Theano: gradients by `a` are dense arrays here.

    Parameters
    ----------
    var : Variable
        An indexed variable.

    Raises
    ------
    TypeError
        For anything else.

    Examples
    --------
    >>> a = T.dvector("a")
    >>> ct.grad(ct.sparse_grad(a[[0, 0, 2]]).sum(), a).eval({a: np.zeros(3)})
    array([2., 0., 1.])
    """
    _parts("sparse_grad", var)
    return var


def inc_subtensor(x: Variable, y: TensorLike, inplace: bool = False, **options: Any) -> Variable:
    """The array that `x` = a[index] is a part of, with `y` added there; repeated positions add up.

    Parameters
    ----------
    x : Variable
        An indexed variable.
    y : array_like or Variable
        Broadcast to the shape of `x`.
    inplace, options
        Accepted as in Theano; memory is reused where that is safe.

    Raises
    ------
    TypeError
        If `x` is no indexed variable, or `y` of a dtype that that of `x` does not hold.
    ValueError
        If `y` does not broadcast to the shape of `x`; here if the sizes are known, else in the call.

    Examples
    --------
    >>> import croton.tensor as T
    >>> a = T.zeros(4)
    >>> T.inc_subtensor(a[1:3], 5.0).eval()
    array([0., 5., 5., 0.])
    """
    array, index = _parts("inc_subtensor", x)
    node = array._node
    return wrap(Selection(node, index).write(node, _values("inc_subtensor", x, y), "add"))


def set_subtensor(x: Variable, y: TensorLike, inplace: bool = False, **options: Any) -> Variable:
    """The array that `x` = a[index] is a part of, with `y` in that place. Arguments as `inc_subtensor`.

    Of several values for one position the last one stays, and it alone gets the gradient.

    Examples
    --------
    >>> import croton.tensor as T
    >>> a = T.zeros(4)
    >>> T.set_subtensor(a[[0, 2]], [1.0, 2.0]).eval()
    array([1., 0., 2., 0.])
    """
    array, index = _parts("set_subtensor", x)
    node = array._node
    return wrap(Selection(node, index).write(node, _values("set_subtensor", x, y), "set"))


# ---- Theano's functions for one kind of index each
def advanced_subtensor(x: TensorLike, *index: Any) -> Variable:
    """x[index], one entry for each axis.

    Examples
    --------
    >>> T.advanced_subtensor(np.eye(3), [0, 1], [0, 2]).eval()
    array([1., 0.])
    """
    return getitem(x, index)


def advanced_inc_subtensor(x: TensorLike, y: TensorLike, *index: Any) -> Variable:
    """`x` with `y` added to x[index]."""
    return inc_subtensor(getitem(x, index), y)


def advanced_set_subtensor(x: TensorLike, y: TensorLike, *index: Any) -> Variable:
    """`x` with `y` in the place of x[index].

    Examples
    --------
    >>> T.advanced_set_subtensor([1.0, 2.0, 3.0], 9.0, [0, 2]).eval()
    array([9., 2., 9.])
    """
    return set_subtensor(getitem(x, index), y)


advanced_subtensor1 = advanced_boolean_subtensor = advanced_subtensor
advanced_inc_subtensor1 = advanced_boolean_inc_subtensor = advanced_inc_subtensor
advanced_set_subtensor1 = advanced_boolean_set_subtensor = advanced_set_subtensor

"""Arrays made from sizes and values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Expression,
    TensorLike,
    as_node,
    as_variable,
    constant_node,
    describe,
    dims_of,
    nodes_of,
    size_node,
    wrap,
)
from croton.tensor.movement import shape_nodes
from croton.tensor.types import dtype_name

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "AllocEmpty",
    "alloc",
    "as_tensor_variable",
    "constant",
    "empty",
    "empty_like",
    "fill",
    "full",
    "full_like",
    "get_vector_length",
    "ones",
    "ones_like",
    "second",
    "tensor_copy",
    "zeros",
    "zeros_like",
]


def constant(value: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None) -> Variable:
    """A constant array. Python floats become floatX, Python ints int64, all else keeps its dtype.

    Parameters
    ----------
    value : array_like
        Copied: later changes of an array do not matter.
    name : str, optional
    ndim : int, optional
        Leading axes of size 1 are added up to this rank.
    dtype : optional
        A dtype to convert to.

    Raises
    ------
    TypeError
        For symbolic variables, and for what NumPy makes no array of numbers of.
    ValueError
        If the value has more than `ndim` axes.

    Examples
    --------
    >>> T.constant([1, 2], ndim=2).type
    int64[1, 2]
    """
    if isinstance(value, Expression):
        raise TypeError(complaint("constant", "numbers", describe(value), "use the variable itself"))
    node = constant_node(value, dtype_name(dtype) if dtype is not None else None)
    if ndim is not None:
        if ndim < node.ndim:
            raise ValueError(complaint("constant", f"at most {ndim} axes", str(node.ndim)))
        node = constant_node(
            np.reshape(np.asarray(value), (1,) * (ndim - node.ndim) + np.shape(value)), node.dtype
        )
    result = wrap(node)
    result.name = name
    return result


def as_tensor_variable(x: TensorLike, name: str | None = None, ndim: int | None = None) -> Variable:
    """`x` as an expression: itself, a constant, or nested lists of scalars stacked.

    Parameters
    ----------
    x : array_like, Variable or nested lists of scalars
        Python floats become floatX, Python ints int64, all else keeps its dtype.
    name : str, optional
        For a new expression; a variable keeps its own.
    ndim : int, optional
        Leading axes of size 1 are added up to this rank.

    Raises
    ------
    TypeError
        For what is no number and no array of numbers.
    ValueError
        If `x` has more than `ndim` axes.

    Examples
    --------
    >>> a = T.dscalar("a")
    >>> T.as_tensor_variable([a, 1.0]).eval({a: 3.0})
    array([3., 1.])
    """
    result = as_variable(x)
    if ndim is not None and result.ndim != ndim:
        if result.ndim > ndim:
            raise ValueError(complaint("as_tensor_variable", f"{ndim} axes", describe(result)))
        node = result._node
        result = wrap(_core.dimshuffle(node, [-1] * (ndim - node.ndim) + list(range(node.ndim))))
    if name is not None and not isinstance(x, Expression):
        result.name = name
    return result


def full(shape: Any, fill_value: TensorLike, dtype: Any = None) -> Variable:
    """An array of `shape` filled with `fill_value`.

    Parameters
    ----------
    shape : int, sequence of int and int scalars, or integer vector of known length
    fill_value : scalar
    dtype : optional
        By default that of `fill_value`.

    Raises
    ------
    ValueError
        For negative sizes, where they are known.
    TypeError
        For sizes that are not integers.

    Examples
    --------
    >>> T.full((2,), 7).eval()
    array([7, 7])
    """
    node = as_node(fill_value)
    if dtype is not None:
        node = _core.cast(node, dtype_name(dtype))
    return wrap(_core.full(shape_nodes(shape, "full"), node))


def zeros(shape: Any, dtype: Any = "floatX") -> Variable:
    """Zeros of `shape`.

    Parameters
    ----------
    shape
        As for `full`, which also says what is raised.
    dtype : optional

    Examples
    --------
    >>> n = T.lscalar("n")
    >>> T.zeros((n, 2), "int8").eval({n: 1})
    array([[0, 0]], dtype=int8)
    """
    return full(shape, 0, dtype or "floatX")


def ones(shape: Any, dtype: Any = "floatX") -> Variable:
    """Ones of `shape`. Arguments as `zeros`.

    Examples
    --------
    >>> T.ones(2).eval()
    array([1., 1.])
    """
    return full(shape, 1, dtype or "floatX")


def full_like(model: TensorLike, fill_value: TensorLike, dtype: Any = None) -> Variable:
    """`fill_value` in the shape and, if no dtype is given, the dtype of `model`.

    Parameters
    ----------
    model : array_like or Variable
        Its elements are not looked at.
    fill_value : scalar
        Cast to the dtype.
    dtype : optional

    Examples
    --------
    >>> T.full_like([1, 2], 7.5).eval()
    array([7, 7])
    """
    node = as_node(model)
    value = _core.cast(as_node(fill_value), dtype_name(dtype or node.dtype))
    return wrap(_core.full([size_node(size) for size in dims_of(node)], value))


def zeros_like(model: TensorLike, dtype: Any = None, opt: bool = False) -> Variable:
    """Zeros in the shape and, if no dtype is given, the dtype of `model`.

    Parameters
    ----------
    model : array_like or Variable
        Its elements are not looked at.
    dtype : optional
    opt : bool
        Accepted as in Theano.
    """
    return full_like(model, 0, dtype)


def ones_like(model: TensorLike, dtype: Any = None, opt: bool = False) -> Variable:
    """Ones in the shape and, if no dtype is given, the dtype of `model`. Arguments as `zeros_like`."""
    return full_like(model, 1, dtype)


def alloc(value: TensorLike, *shape: Any) -> Variable:
    """`value` repeated to `shape` by NumPy's rules of broadcasting.

    Parameters
    ----------
    value : array_like or Variable
    *shape : int or int scalar

    Raises
    ------
    ValueError
        If `value` does not broadcast to `shape`; here if the sizes are known, else in the call.

    Examples
    --------
    >>> T.alloc([1, 2], 2, 2).eval()
    array([[1, 2],
           [1, 2]])
    """
    return wrap(_core.broadcast_to(as_node(value), shape_nodes(shape, "alloc")))


def fill(a: TensorLike, b: TensorLike) -> Variable:
    """`b` broadcast to the shape of `a`, whose elements are not looked at.

    Parameters
    ----------
    a, b : array_like or Variable
        The dtype is that of `b`.

    Raises
    ------
    ValueError
        If `b` does not broadcast to the shape of `a`; here if the sizes are known, else in the call.

    Examples
    --------
    >>> T.fill([[1, 2], [3, 4]], [5.0, 6.0]).eval()
    array([[5., 6.],
           [5., 6.]])
    """
    node = as_node(a)
    value = nodes_of([wrap(node), b], "fill")[1]
    return wrap(_core.broadcast_to(value, [size_node(size) for size in dims_of(node)]))


def second(a: TensorLike, b: TensorLike) -> Variable:
    """`fill`."""
    return fill(a, b)


def empty(shape: Any, dtype: Any = "floatX") -> Variable:
    """`zeros`: an array of which nobody reads the elements costs nothing anyway.

    Examples
    --------
    >>> T.empty((2, 3)).type
    float64[2, 3]
    """
    return zeros(shape, dtype)


def empty_like(model: TensorLike, dtype: Any = None) -> Variable:
    """`zeros_like`; see `empty`."""
    return zeros_like(model, dtype)


def AllocEmpty(dtype: Any) -> Callable[..., Variable]:
    """A function that makes an array of `dtype` from sizes; see `empty`.

    Examples
    --------
    >>> T.AllocEmpty("float32")(2, 3).type
    float32[2, 3]
    """
    return lambda *shape: zeros(shape, dtype)


def tensor_copy(x: TensorLike) -> Variable:
    """The same expression: expressions never change.

    Examples
    --------
    >>> x = T.matrix("x")
    >>> T.tensor_copy(x) == x
    True
    """
    return wrap(as_node(x))


def get_vector_length(v: TensorLike) -> int:
    """The number of elements of a vector, if it is known.

    Raises
    ------
    ValueError
        If `v` is no vector, or its length is not known.

    Examples
    --------
    >>> T.get_vector_length(T.matrix("x").shape)
    2
    """
    node = as_node(v)
    if node.ndim != 1 or node.static_shape[0] is None:
        raise ValueError(complaint("get_vector_length", "a vector of known length", describe(wrap(node))))
    return node.static_shape[0]

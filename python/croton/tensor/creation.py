"""Arrays made from sizes and values."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    Expression,
    TensorLike,
    as_node,
    as_size,
    as_variable,
    constant_node,
    describe,
    dims_of,
    is_weak,
    nodes_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import shape_nodes
from croton.tensor.types import dtype_name

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


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
    """`x` as an expression: itself, a constant, or nested lists of scalars stacked."""
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
    """An array of `shape` (integers and int scalars) filled with `fill_value`."""
    node = as_node(fill_value)
    if dtype is not None:
        node = _core.cast(node, dtype_name(dtype))
    return wrap(_core.full(shape_nodes(shape, "full"), node))


def zeros(shape: Any, dtype: Any = "floatX") -> Variable:
    """Zeros of `shape`, a sequence of integers and int scalars or one of them."""
    return full(shape, 0, dtype or "floatX")


def ones(shape: Any, dtype: Any = "floatX") -> Variable:
    """Ones of `shape`, a sequence of integers and int scalars or one of them."""
    return full(shape, 1, dtype or "floatX")


def full_like(model: TensorLike, fill_value: TensorLike, dtype: Any = None) -> Variable:
    """`fill_value` in the shape and, if no dtype is given, the dtype of `model`."""
    node = as_node(model)
    value = _core.cast(as_node(fill_value), dtype_name(dtype or node.dtype))
    return wrap(_core.full([size_node(size) for size in dims_of(node)], value))


def zeros_like(model: TensorLike, dtype: Any = None, opt: bool = False) -> Variable:
    """Zeros in the shape and, if no dtype is given, the dtype of `model`."""
    return full_like(model, 0, dtype)


def ones_like(model: TensorLike, dtype: Any = None, opt: bool = False) -> Variable:
    """Ones in the shape and, if no dtype is given, the dtype of `model`."""
    return full_like(model, 1, dtype)


def alloc(value: TensorLike, *shape: Any) -> Variable:
    """`value` repeated to `shape`."""
    return wrap(_core.broadcast_to(as_node(value), shape_nodes(shape, "alloc")))


def fill(a: TensorLike, b: TensorLike) -> Variable:
    """`b` in the shape of `a`."""
    node = as_node(a)
    value = nodes_of([wrap(node), b], "fill")[1]
    return wrap(_core.broadcast_to(value, [size_node(size) for size in dims_of(node)]))


def second(a: TensorLike, b: TensorLike) -> Variable:
    """`b` in the shape of `a`."""
    return fill(a, b)


def arange(start: TensorLike, stop: TensorLike = None, step: TensorLike = 1, dtype: Any = None) -> Variable:
    """start, start + step, ... up to, but without, `stop`.

    Parameters
    ----------
    start, stop, step : number or scalar Variable
        `arange(n)` counts from 0 to n - 1.
    dtype : optional
        By default the common dtype of the arguments: int64 for Python integers.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.arange(2, 8, 2).eval()
    array([2, 4, 6])
    """
    if stop is None:
        start, stop = 0, start
    values = (start, stop, step)
    if all(is_weak(value) or isinstance(value, np.generic) for value in values):
        kind: Any = dtype_name(dtype) if dtype is not None else None
        return wrap(constant_node(np.arange(start, stop, step, dtype=kind)))
    first, end, gap = nodes_of([start, stop, step], "arange")
    if any(node.ndim for node in (first, end, gap)):
        raise TypeError(
            complaint("arange", "scalars", ", ".join(describe(wrap(n)) for n in (first, end, gap)))
        )
    if np.dtype(end.dtype).kind in "biu":
        low, high, stride = (as_size(wrap(node), "arange") for node in (first, end, gap))
        span = size_op("sub", high, low)
        if stride != 1:
            span = size_op("neg", size_op("floor_div", size_op("neg", span), stride))
        length = size_node(size_op("maximum", span, 0))
    else:
        steps = apply("ceil", apply("true_div", apply("sub", wrap(end), wrap(first)), wrap(gap)))
        length = apply("maximum", _as_int(steps), 0)._node
    count = wrap(_core.iota([length], 0))
    result = apply("add", apply("mul", wrap(_core.cast(count._node, gap.dtype)), wrap(gap)), wrap(first))
    wanted = dtype_name(dtype) if dtype is not None else _core.promote(first.dtype, end.dtype)
    return wrap(_core.cast(result._node, wanted))


def _as_int(x: Variable) -> Variable:
    return wrap(_core.cast(x._node, "int64"))


def _positions(rows: Any, columns: Any) -> tuple[Variable, Variable]:
    """The row and the column number, as matrices that broadcast."""
    i = _core.iota([size_node(as_size(rows))], 0)
    j = _core.iota([size_node(as_size(columns))], 0)
    return wrap(_core.dimshuffle(i, [0, -1])), wrap(_core.dimshuffle(j, [-1, 0]))


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = "floatX") -> Variable:
    """An N x M matrix of ones on and below diagonal `k`, and zeros above."""
    i, j = _positions(N, N if M is None else M)
    return wrap(_core.cast(apply("le", j, apply("add", i, k))._node, dtype_name(dtype or "floatX")))


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = "floatX") -> Variable:
    """An n x m matrix of ones on diagonal `k` and zeros elsewhere."""
    i, j = _positions(n, n if m is None else m)
    return wrap(_core.cast(apply("eq", j, apply("add", i, k))._node, dtype_name(dtype or "floatX")))


def identity_like(x: TensorLike) -> Variable:
    """The identity in the shape and dtype of the matrix `x`."""
    node = as_node(x)
    rows, columns = dims_of(node)
    return eye(wrap(size_node(rows)), wrap(size_node(columns)), 0, node.dtype)


def _masked(operation: str, x: TensorLike, keep: str, k: Any) -> Variable:
    node = as_node(x)
    if node.ndim < 2:
        raise ValueError(complaint(operation, "a matrix, or more axes", describe(wrap(node))))
    dims = dims_of(node)
    i, j = _positions(wrap(size_node(dims[-2])), wrap(size_node(dims[-1])))
    return where(apply(keep, j, apply("add", i, k)), wrap(node), 0)


def tril(x: TensorLike, k: Any = 0) -> Variable:
    """`x` with zeros above diagonal `k` of its last two axes."""
    return _masked("tril", x, "le", k)


def triu(x: TensorLike, k: Any = 0) -> Variable:
    """`x` with zeros below diagonal `k` of its last two axes."""
    return _masked("triu", x, "ge", k)


def diag(v: TensorLike, k: int = 0) -> Variable:
    """The matrix with the vector `v` on diagonal `k`, or diagonal `k` of the matrix `v`."""
    node = as_node(v)
    if node.ndim == 1:
        n = dims_of(node)[0]
        side = wrap(size_node(size_op("add", n, builtins.abs(k))))
        i, j = _positions(side, side)
        line = wrap(_core.iota([size_node(n)], 0))
        row = apply("add", line, builtins.max(-k, 0))
        padded = _core.scatter(_core.zeros([side._node], node.dtype), node, row._node, 0, "set")
        return where(apply("eq", j, apply("add", i, k)), wrap(_core.dimshuffle(padded, [0, -1])), 0)
    if node.ndim != 2:
        raise ValueError(complaint("diag", "a vector or a matrix", describe(wrap(node))))
    return diagonal(wrap(node), k)


def diagonal(x: TensorLike, offset: int = 0) -> Variable:
    """Diagonal `offset` of the matrix `x`, as a vector."""
    node = as_node(x)
    if node.ndim != 2:
        raise ValueError(complaint("diagonal", "a matrix", describe(wrap(node))))
    rows, columns = dims_of(node)
    down, right = builtins.max(-offset, 0), builtins.max(offset, 0)
    length = size_op("minimum", size_op("sub", rows, down), size_op("sub", columns, right))
    line = wrap(_core.iota([size_node(size_op("maximum", length, 0))], 0))
    stride = wrap(size_node(columns))
    flat = _core.reshape(node, [size_node(size_op("mul", rows, columns))])
    position = apply("add", apply("mul", apply("add", line, down), stride), apply("add", line, right))
    return wrap(_core.take(flat, position._node, 0))


def trace(x: TensorLike) -> Variable:
    """The sum of the diagonal of the matrix `x`."""
    return wrap(_core.reduce("sum", diagonal(x)._node, [0], False))

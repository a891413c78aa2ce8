"""Sums of products: dot, matmul, tensordot and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.contraction import Term, contract
from croton.tensor.elementwise import apply
from croton.tensor.expression import (
    Node,
    TensorLike,
    describe,
    dims_of,
    is_sparse,
    nodes_of,
    product,
    same_dtype,
    wrap,
)
from croton.tensor.joining import stack
from croton.tensor.movement import flatten, moveaxis, reshape_sizes, swapaxes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "batched_dot",
    "batched_tensordot",
    "cross",
    "dot",
    "inner",
    "kron",
    "matmul",
    "matvec",
    "outer",
    "tensordot",
    "vdot",
    "vecdot",
    "vecmat",
]


def _check(operation: str, a: Node, i: int, b: Node, j: int) -> None:
    """Sizes that are summed over must be equal: 1 does not broadcast here."""
    m, n = a.static_shape[i], b.static_shape[j]
    if m is not None and n is not None and m != n:
        required = f"equal sizes of axis {i % a.ndim} of the first and axis {j % b.ndim} of the second"
        raise ValueError(complaint(operation, required, f"{describe(wrap(a))} and {describe(wrap(b))}"))


def dot(a: TensorLike, b: TensorLike) -> Variable:
    """The dot product by NumPy's rules.

    Parameters
    ----------
    a, b : array_like or Variable
        Scalars multiply; two vectors give the sum of products; otherwise the last axis of `a` is summed
        with the last but one of `b` (the only one of a vector).

    Returns
    -------
    Variable
        Of shape a.shape[:-1] + b.shape[:-2] + b.shape[-1:].

    Raises
    ------
    ValueError
        If the sizes summed over differ; here if they are known, else in the call.

    Examples
    --------
    >>> T.dot([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).eval()
    array([3., 7.])
    """
    for operand in (a, b):
        if is_sparse(operand):
            return operand.dot_of(a, b)  # type: ignore[no-any-return]
    x, y = nodes_of([a, b], "dot")
    if x.ndim == 0 or y.ndim == 0:
        return apply("mul", wrap(x), wrap(y))
    if (x.ndim > 2 and y.ndim > 1) or y.ndim > 2:
        return tensordot(wrap(x), wrap(y), [[x.ndim - 1], [max(y.ndim - 2, 0)]])
    _check("dot", x, -1, y, max(y.ndim - 2, 0))
    rows, columns = x.ndim > 1, y.ndim > 1
    left = x if rows else _core.dimshuffle(x, [-1, 0])
    right = y if columns else _core.dimshuffle(y, [0, -1])
    result = _core.matmul(left, right)
    kept = [k for k in range(result.ndim) if k < result.ndim - 2]
    kept += [result.ndim - 2] * rows + [result.ndim - 1] * columns
    return wrap(_core.dimshuffle(result, kept))


def matmul(a: TensorLike, b: TensorLike) -> Variable:
    """The matrix product a @ b of the last two axes; leading axes are batches and broadcast.

    Parameters
    ----------
    a, b : array_like or Variable
        A vector counts as a row on the left and as a column on the right, and loses that axis again.

    Returns
    -------
    Variable
        Of shape (..., m, n) for (..., m, k) and (..., k, n).

    Raises
    ------
    ValueError
        For scalars, and if the sizes summed over differ; here if they are known, else in the call.

    Examples
    --------
    >>> T.matmul(np.ones((5, 2, 3)), np.ones((3, 4))).type
    float64[5, 2, 4]
    """
    x, y = nodes_of([a, b], "matmul")
    if x.ndim == 0 or y.ndim == 0:
        given = f"{describe(wrap(x))} and {describe(wrap(y))}"
        raise ValueError(complaint("matmul", "arrays of one axis or more", given, "use *"))
    if x.ndim <= 2 and y.ndim <= 2:
        return dot(wrap(x), wrap(y))
    _check("matmul", x, -1, y, max(y.ndim - 2, 0))
    left = x if x.ndim > 1 else _core.dimshuffle(x, [-1, 0])
    right = y if y.ndim > 1 else _core.dimshuffle(y, [0, -1])
    result = _core.matmul(left, right)
    drop = {result.ndim - 2} if x.ndim == 1 else {result.ndim - 1} if y.ndim == 1 else set()
    return wrap(_core.dimshuffle(result, [k for k in range(result.ndim) if k not in drop]))


def vecdot(a: TensorLike, b: TensorLike, axis: int = -1) -> Variable:
    """Sums of products along one axis, of `a` conjugated ones; the others broadcast.

    Parameters
    ----------
    a, b : array_like or Variable
    axis : int
        The axis in both.

    Raises
    ------
    ValueError
        If the sizes summed over are known and differ; in the call, others of size 1 broadcast.

    Examples
    --------
    >>> T.vecdot([[1, 2], [3, 4]], [1, 1]).eval()
    array([3, 7])
    """
    x, y = (moveaxis(wrap(node), axis, -1)._node for node in nodes_of([a, b], "vecdot"))
    _check("vecdot", x, -1, y, -1)
    return wrap(_core.reduce("sum", (wrap(_core.conj(x)) * wrap(y))._node, [max(x.ndim, y.ndim) - 1], False))


def matvec(a: TensorLike, b: TensorLike) -> Variable:
    """Matrices of shape (..., m, n) times vectors of shape (..., n): (..., m).

    Parameters
    ----------
    a, b : array_like or Variable
        The leading axes broadcast together.

    Raises
    ------
    ValueError
        For fewer axes, and if the sizes summed over differ; here if they are known, else in the call.

    Examples
    --------
    >>> T.matvec([[1, 2], [3, 4]], [1, 1]).eval()
    array([3, 7])
    """
    x, y = (wrap(node) for node in nodes_of([a, b], "matvec"))
    if x.ndim < 2 or y.ndim < 1:
        given = f"{describe(x)} and {describe(y)}"
        raise ValueError(complaint("matvec", "a matrix and a vector, or more axes", given))
    if y.ndim == 1:
        return matmul(x, y)
    return matmul(x, y.dimshuffle(*range(y.ndim), "x"))[..., 0]


def vecmat(a: TensorLike, b: TensorLike) -> Variable:
    """Vectors of shape (..., m) times matrices of shape (..., m, n): (..., n).

    Parameters
    ----------
    a, b : array_like or Variable
        The leading axes broadcast together.

    Raises
    ------
    ValueError
        For fewer axes, and if the sizes summed over differ; here if they are known, else in the call.

    Examples
    --------
    >>> T.vecmat([1, 1], [[1, 2], [3, 4]]).eval()
    array([4, 6])
    """
    return matvec(swapaxes(b, -1, -2), a)


def cross(a: TensorLike, b: TensorLike, axisa: int = -1, axisb: int = -1, axisc: int = -1) -> Variable:
    """The cross product of vectors with three elements; all other axes broadcast.

    Parameters
    ----------
    a, b : array_like or Variable
    axisa, axisb, axisc : int
        The axis of the elements in `a`, in `b` and in the result.

    Raises
    ------
    ValueError
        For vectors of other sizes; here if they are known, else in the call.

    Examples
    --------
    >>> T.cross([1, 0, 0], [0, 1, 0]).eval()
    array([0, 0, 1])
    """
    x, y = (wrap(node) for node in nodes_of([a, b], "cross"))
    x, y = moveaxis(x, axisa, -1), moveaxis(y, axisb, -1)
    for part in (x, y):
        if part.type.shape[-1] not in (3, None):
            raise ValueError(complaint("cross", "vectors of 3 elements", describe(part)))
    # A size that is not known is 3 from here on; a call with another one raises.
    x, y = (reshape_sizes(part._node, [*dims_of(part._node)[:-1], 3]) for part in (x, y))
    parts = [x[..., i] * y[..., j] - x[..., j] * y[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return moveaxis(stack(parts, axis=-1), -1, axisc)


def inner(a: TensorLike, b: TensorLike) -> Variable:
    """Sums of products along the last axes of both; scalars multiply.

    Returns
    -------
    Variable
        Of shape a.shape[:-1] + b.shape[:-1].

    Raises
    ------
    ValueError
        If the sizes summed over differ; here if they are known, else in the call.

    Examples
    --------
    >>> T.inner([[1, 2], [3, 4]], [1, 1]).eval()
    array([3, 7])
    """
    x, y = nodes_of([a, b], "inner")
    if x.ndim == 0 or y.ndim == 0:
        return apply("mul", wrap(x), wrap(y))
    return tensordot(wrap(x), wrap(y), [[x.ndim - 1], [y.ndim - 1]])


def vdot(a: TensorLike, b: TensorLike) -> Variable:
    """The sum of products of all elements in C order, of `a` conjugated ones, a scalar.

    Parameters
    ----------
    a, b : array_like or Variable
        Of equal sizes.

    Raises
    ------
    ValueError
        If the numbers of elements differ; here if they are known, else in the call.

    Examples
    --------
    >>> T.vdot([[1, 2], [3, 4]], [[1, 0], [0, 1]]).eval()
    array(5)
    """
    x, y = nodes_of([a, b], "vdot")
    return dot(flatten(wrap(_core.conj(x))), flatten(wrap(y)))


def kron(a: TensorLike, b: TensorLike) -> Variable:
    """The Kronecker product: each element of `a` times the whole of `b`.

    Returns
    -------
    Variable
        With sizes that are the products of those of `a` and `b`; the one with fewer axes gets leading axes of
        size 1.

    Examples
    --------
    >>> T.kron([1, 2], [1, 10]).eval()
    array([ 1, 10,  2, 20])
    """
    x, y = nodes_of([a, b], "kron")
    rank = max(x.ndim, y.ndim)
    x, y = (_core.dimshuffle(node, [-1] * (rank - node.ndim) + list(range(node.ndim))) for node in (x, y))
    left = _core.dimshuffle(x, [entry for k in range(rank) for entry in (k, -1)])
    right = _core.dimshuffle(y, [entry for k in range(rank) for entry in (-1, k)])
    sizes = [product(pair) for pair in zip(dims_of(x), dims_of(y), strict=True)]
    return reshape_sizes((wrap(left) * wrap(right))._node, sizes)


def batched_tensordot(a: TensorLike, b: TensorLike, axes: int | Sequence[Any] = 2) -> Variable:
    """tensordot(a[i], b[i], axes) for every i of the first axis.

    Parameters
    ----------
    a, b : array_like or Variable
    axes : int or pair of sequences
        The number of last axes of `a` and first axes of `b` after the batch, or the axes of each; axis 0, the
        batch, is none of them.

    Raises
    ------
    ValueError
        For scalars, for axes that are not there or the first, and for unequal sizes of pairs of axes or of
        the batches.

    Examples
    --------
    >>> T.batched_tensordot([[1, 2], [3, 4]], [[1, 1], [1, 0]], 1).eval()
    array([3, 3])
    """
    x, y = same_dtype(nodes_of([a, b], "batched_tensordot"))
    if x.ndim < 1 or y.ndim < 1:
        given = f"{describe(wrap(x))} and {describe(wrap(y))}"
        raise ValueError(complaint("batched_tensordot", "arrays with a first axis", given))
    if isinstance(axes, int):
        first, second = list(range(x.ndim - axes, x.ndim)), list(range(1, axes + 1))
    else:
        first, second = _axis_lists(x, y, axes)
    if 0 in first or 0 in second or len(first) >= x.ndim or len(second) >= y.ndim:
        required = "axes beside the first one, which counts the batches"
        raise ValueError(complaint("batched_tensordot", required, str(axes)))
    _check("batched_tensordot", x, 0, y, 0)
    left = ["batch", *(f"x{k}" for k in range(1, x.ndim))]
    right = ["batch", *(f"y{k}" for k in range(1, y.ndim))]
    for n, (i, j) in enumerate(zip(first, second, strict=True)):
        _check("batched_tensordot", x, i, y, j)
        left[i] = right[j] = f"sum{n}"
    kept = [label for label in [*left, *right[1:]] if not label.startswith("sum")]
    result = contract(Term(x, tuple(left)), Term(y, tuple(right)), set(kept))
    return wrap(_core.dimshuffle(result.node, [result.labels.index(label) for label in kept]))


def batched_dot(a: TensorLike, b: TensorLike) -> Variable:
    """dot(a[i], b[i]) for every i of the first axis.

    Parameters
    ----------
    a, b : array_like or Variable
        Batches of scalars, vectors or matrices: of one to three axes.

    Raises
    ------
    ValueError
        For other ranks, and where the sizes of the first axes or of those summed over are known and differ.

    Examples
    --------
    >>> T.batched_dot(np.ones((5, 2, 3)), np.ones((5, 3))).type
    float64[5, 2]
    """
    x, y = nodes_of([a, b], "batched_dot")
    if not (1 <= x.ndim <= 3 and 1 <= y.ndim <= 3):
        raise ValueError(complaint("batched_dot", "ranks 1 to 3", f"{x.ndim} and {y.ndim}"))
    _check("batched_dot", x, 0, y, 0)
    if x.ndim == 1 or y.ndim == 1:
        left = _core.dimshuffle(x, [0] + [-1] * (y.ndim - 1)) if x.ndim == 1 else x
        right = _core.dimshuffle(y, [0] + [-1] * (x.ndim - 1)) if y.ndim == 1 else y
        return apply("mul", wrap(left), wrap(right))
    left = x if x.ndim == 3 else _core.dimshuffle(x, [0, -1, 1])
    right = y if y.ndim == 3 else _core.dimshuffle(y, [0, 1, -1])
    _check("batched_dot", left, 2, right, 1)
    kept = [0] + [1] * (x.ndim == 3) + [2] * (y.ndim == 3)
    return wrap(_core.dimshuffle(_core.matmul(left, right), kept))


def outer(a: TensorLike, b: TensorLike) -> Variable:
    """Every element of `a` times every element of `b`, both flattened: a matrix.

    Examples
    --------
    >>> T.outer([1, 2], [1, 10]).eval()
    array([[ 1, 10],
           [ 2, 20]])
    """
    x, y = nodes_of([a, b], "outer")
    left, right = flatten(wrap(x))._node, flatten(wrap(y))._node
    return apply("mul", wrap(_core.dimshuffle(left, [0, -1])), wrap(_core.dimshuffle(right, [-1, 0])))


def _axis_lists(x: Node, y: Node, axes: Any) -> tuple[list[int], list[int]]:
    if isinstance(axes, int):
        if not 0 <= axes <= min(x.ndim, y.ndim):
            raise ValueError(complaint("tensordot", f"0 to {min(x.ndim, y.ndim)} axes", str(axes)))
        return list(range(x.ndim - axes, x.ndim)), list(range(axes))
    first, second = ([part] if isinstance(part, int) else list(part) for part in axes)
    if len(first) != len(second):
        raise ValueError(complaint("tensordot", "as many axes of the first as of the second", str(axes)))
    for node, part in ((x, first), (y, second)):
        if any(not -node.ndim <= k < node.ndim for k in part):
            raise ValueError(complaint("tensordot", f"axes of {describe(wrap(node))}", str(part)))
    return [k % x.ndim for k in first], [k % y.ndim for k in second]


def tensordot(a: TensorLike, b: TensorLike, axes: int | Sequence[Any] = 2) -> Variable:
    """Sums of products over pairs of axes, as numpy.tensordot.

    Parameters
    ----------
    a, b : array_like or Variable
    axes : int or pair of sequences
        The number of last axes of `a` and first axes of `b`, or the axes of each.

    Returns
    -------
    Variable
        With the axes of `a` that are left, then those of `b`.

    Raises
    ------
    ValueError
        For axes that are not there, more of one than of the other, and pairs of different sizes; sizes that
        are not known are checked in the call.

    Examples
    --------
    >>> T.tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]]).eval()
    array(5)
    """
    x, y = nodes_of([a, b], "tensordot")
    first, second = _axis_lists(x, y, axes)
    for i, j in zip(first, second, strict=True):
        _check("tensordot", x, i, y, j)
    rows = [k for k in range(x.ndim) if k not in first]
    columns = [k for k in range(y.ndim) if k not in second]
    m, n = dims_of(x), dims_of(y)
    left = _core.dimshuffle(x, rows + first)
    right = _core.dimshuffle(y, second + columns)
    if len(rows) != 1 or len(first) != 1:
        sizes = [product([m[k] for k in rows]), product([m[k] for k in first])]
        left = reshape_sizes(left, sizes)._node
    if len(columns) != 1 or len(first) != 1:
        sizes = [product([n[k] for k in second]), product([n[k] for k in columns])]
        right = reshape_sizes(right, sizes)._node
    result = _core.matmul(left, right)
    if len(rows) == len(columns) == 1:
        return wrap(result)
    return reshape_sizes(result, [m[k] for k in rows] + [n[k] for k in columns])

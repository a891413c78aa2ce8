"""Elements repeated and moved around: repeat, tile, roll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Expression,
    Node,
    TensorLike,
    as_node,
    as_size,
    constant_node,
    dims_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import flatten, reshape_sizes, shape_padleft, sizes_of
from croton.tensor.reductions import normalize_axes
from croton.tensor.running import cumsum

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["repeat", "roll", "tile"]


def _repeat_counted(node: Node, counts: Expression, axis: int) -> Variable:
    """`repeat` with a symbolic count for each element: each result element steps on at the end of a run."""
    ends = cumsum(wrap(_core.cast(counts._node, "int64")))._node
    total = _core.reduce("sum", _core.cast(counts._node, "int64"), [0], False)
    one = _core.constant(1)
    steps = _core.full([_core.dim(ends, 0)], one)
    room = _core.apply("add", [total, one])
    marks = _core.scatter_add(steps, ends, room, 0)
    element = cumsum(wrap(_core.slice(marks, 0, _core.constant(0), total, 1)))._node
    return wrap(_core.take(node, element, axis))


def repeat(x: TensorLike, repeats: Any, axis: int | None = None) -> Variable:
    """Each element `repeats` times in a row along `axis`; along the flattened array without an axis.

    Parameters
    ----------
    x : array_like or Variable
    repeats : int, int scalar, or vector of int
        One count for all elements, or one of 0 or more for each; both may be symbolic.
    axis : int, optional

    Raises
    ------
    ValueError
        For negative counts, and another number of them than of elements; where they are known.

    Examples
    --------
    >>> T.repeat([1, 2], 2).eval()
    array([1, 1, 2, 2])
    >>> T.repeat([1, 2], [3, 1]).eval()
    array([1, 1, 1, 2])
    """
    node = as_node(x) if axis is not None else flatten(x)._node
    (k,) = normalize_axes("repeat", node, axis or 0)
    if isinstance(repeats, list | tuple | np.ndarray) and np.ndim(repeats) == 1 and len(repeats) != 1:
        return _repeat_each(node, repeats, k)
    if isinstance(repeats, Expression) and repeats.ndim:
        return _repeat_counted(node, repeats, k)
    count = as_size(repeats if isinstance(repeats, Expression) else np.ravel(repeats)[0], "repeat")
    if isinstance(count, int) and count < 0:
        raise ValueError(complaint("repeat", "counts of 0 or more", str(count)))
    dims = dims_of(node)
    pattern = list(range(node.ndim))
    pattern.insert(k + 1, -1)
    wide = [*dims[: k + 1], count, *dims[k + 1 :]]
    copies = _core.broadcast_to(_core.dimshuffle(node, pattern), [size_node(size) for size in wide])
    return reshape_sizes(copies, [*dims[:k], size_op("mul", dims[k], count), *dims[k + 1 :]])


def _repeat_each(node: _core.Variable, repeats: Any, axis: int) -> Variable:
    counts = np.asarray(repeats)
    size = node.static_shape[axis]
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise ValueError(complaint("repeat", "integer counts of 0 or more", str(repeats)))
    if size is not None and size != len(counts):
        raise ValueError(complaint("repeat", f"{size} counts", str(len(counts))))
    if size is None:
        dims = dims_of(node)
        node = reshape_sizes(node, [*dims[:axis], len(counts), *dims[axis + 1 :]])._node
    return wrap(_core.take(node, constant_node(np.repeat(np.arange(len(counts)), counts)), axis))


def tile(x: TensorLike, reps: Any, ndim: int | None = None) -> Variable:
    """The whole array `reps` times along each axis.

    Parameters
    ----------
    x : array_like or Variable
    reps : int, sequence of int and int scalars, or integer vector
        Counts for the last axes; more counts than axes add axes in front.
    ndim : int, optional
        The length of `reps` if that is a vector of unknown length.

    Examples
    --------
    >>> T.tile([1, 2], (2, 2)).eval()
    array([[1, 2, 1, 2],
           [1, 2, 1, 2]])
    """
    counts = sizes_of(reps, "tile", ndim)
    node = as_node(x)
    node = shape_padleft(wrap(node), max(0, len(counts) - node.ndim))._node
    counts = [*[1] * (node.ndim - len(counts)), *counts]
    dims = dims_of(node)
    pattern = [entry for k in range(node.ndim) for entry in (-1, k)]
    wide = [size for pair in zip(counts, dims, strict=True) for size in pair]
    copies = _core.broadcast_to(_core.dimshuffle(node, pattern), [size_node(size) for size in wide])
    return reshape_sizes(copies, [size_op("mul", *pair) for pair in zip(counts, dims, strict=True)])


def roll(x: TensorLike, shift: Any, axis: int | Sequence[int] | None = None) -> Variable:
    """The elements moved by `shift` positions along `axis`, those beyond the end to the front.

    Parameters
    ----------
    x : array_like or Variable
    shift : int, int scalar, or sequence of them
        One for each axis, or one for all.
    axis : int or sequence of int, optional
        Without an axis, along the flattened array.

    Raises
    ------
    ValueError
        For several shifts along another number of axes than one or as many, and for axes outside `x`.

    Examples
    --------
    >>> T.roll([1, 2, 3, 4], 1).eval()
    array([4, 1, 2, 3])
    """
    node = as_node(x)
    if axis is None:
        return reshape_sizes(roll(flatten(wrap(node)), shift, 0)._node, dims_of(node))
    axes = list(axis) if isinstance(axis, list | tuple) else [axis]
    shifts = list(shift) if isinstance(shift, list | tuple) else [shift] * len(axes)
    axes = axes * len(shifts) if len(axes) == 1 else axes
    if len(shifts) != len(axes):
        raise ValueError(complaint("roll", f"{len(axes)} shifts", str(len(shifts))))
    for one, by in zip(axes, shifts, strict=True):
        (k,) = normalize_axes("roll", node, one)
        size = dims_of(node)[k]
        tail = size_op("mod", as_size(by, "roll"), size_op("maximum", size, 1))
        cut = size_op("sub", size, tail)
        last = _core.slice(node, k, size_node(cut), size_node(tail), 1)
        first = _core.slice(node, k, size_node(0), size_node(cut), 1)
        # The parts of a symbolic shift have unknown sizes, which sum to the old one.
        node = reshape_sizes(_core.concatenate([last, first], k), dims_of(node))._node
    return wrap(node)

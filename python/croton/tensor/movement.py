"""The same elements under other shapes and orders of axes, and arrays side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Expression,
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    nodes_of,
    product,
    same_dtype,
    size_node,
    size_op,
    stack_nodes,
    wrap,
)
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def sizes_of(shape: Any, operation: str = "shape", ndim: int | None = None) -> list[Size]:
    """The sizes in `shape`: an integer, a sequence of integers and int scalars, or an integer vector."""
    if isinstance(shape, np.ndarray):
        shape = shape.tolist()
    if isinstance(shape, list | tuple):
        return [as_size(size, operation) for size in shape]
    if isinstance(shape, Expression) and shape.ndim == 1:
        length = shape._node.static_shape[0] if ndim is None else ndim
        if length is None:
            remedy = "give the rank with ndim=, or a tuple of scalars"
            raise ValueError(complaint(operation, "a vector of known length", describe(shape), remedy))
        return [as_size(_core.take(shape._node, size_node(k), 0), operation) for k in range(length)]
    return [as_size(shape, operation)]


def shape_nodes(shape: Any, operation: str = "shape") -> list[Node]:
    """The sizes in `shape` as nodes; negative ones are an error."""
    sizes = sizes_of(shape, operation)
    if any(isinstance(size, int) and size < 0 for size in sizes):
        raise ValueError(complaint(operation, "sizes of 0 or more", str(shape)))
    return [size_node(size) for size in sizes]


def dimshuffle(x: TensorLike, *pattern: Any) -> Variable:
    """The axes of `x` in the order of `pattern`; "x" inserts one of size 1, left-out ones must have size 1.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.vector("v").dimshuffle("x", 0).ndim
    2
    """
    node = as_node(x)
    entries = pattern[0] if len(pattern) == 1 and isinstance(pattern[0], list | tuple) else pattern
    axes = []
    for entry in entries:
        if isinstance(entry, str) and entry == "x":
            axes.append(-1)
            continue
        if not isinstance(entry, int | np.integer) or not -node.ndim <= entry < node.ndim:
            required = f'axes below {node.ndim} or "x"'
            raise ValueError(complaint("dimshuffle", required, f"{entry!r} for {describe(wrap(node))}"))
        axes.append(int(entry) % node.ndim)
    used = [axis for axis in axes if axis >= 0]
    if len(set(used)) < len(used):
        raise ValueError(complaint("dimshuffle", "each axis at most once", str(tuple(entries))))
    for axis in set(range(node.ndim)) - set(used):
        if node.static_shape[axis] != 1:
            remedy = "index the axis, or declare its size as 1"
            required = f"a size known to be 1 for axis {axis}, which is left out"
            raise ValueError(complaint("dimshuffle", required, describe(wrap(node)), remedy))
    return wrap(_core.dimshuffle(node, axes))


def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Variable:
    """The axes in the order of `axes`, by default reversed."""
    node = as_node(x)
    if axes is None:
        return wrap(_core.dimshuffle(node, list(range(node.ndim))[::-1]))
    if len(axes) != node.ndim:
        raise ValueError(complaint("transpose", f"{node.ndim} axes", str(tuple(axes))))
    return dimshuffle(wrap(node), *axes)


def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Variable:
    """Two axes exchanged."""
    node = as_node(x)
    (a,), (b,) = normalize_axes("swapaxes", node, axis1), normalize_axes("swapaxes", node, axis2)
    order = list(range(node.ndim))
    order[a], order[b] = b, a
    return wrap(_core.dimshuffle(node, order))


def moveaxis(x: TensorLike, source: int, destination: int) -> Variable:
    """One axis moved to another position."""
    node = as_node(x)
    (a,), (b,) = normalize_axes("moveaxis", node, source), normalize_axes("moveaxis", node, destination)
    order = [axis for axis in range(node.ndim) if axis != a]
    order.insert(b, a)
    return wrap(_core.dimshuffle(node, order))


def reshape_sizes(node: Node, sizes: Sequence[Size]) -> Variable:
    """`node` with these sizes, one of which may be -1: what is left of the number of elements."""
    free = [k for k, size in enumerate(sizes) if isinstance(size, int) and size < 0]
    if len(free) > 1 or any(sizes[k] != -1 for k in free):
        given = ", ".join(str(size) if isinstance(size, int) else "?" for size in sizes)
        raise ValueError(complaint("reshape", "sizes of 0 or more, and at most one -1", f"({given})"))
    sizes = list(sizes)
    if free:
        # Sizes that occur on both sides cancel: (n, a, b) -> (n, -1) needs no division.
        dims, others = dims_of(node), [size for size in sizes if size is not sizes[free[0]]]
        others = [size for k, size in enumerate(sizes) if k != free[0]]
        for size in list(others):
            if size in dims and size != 0:
                dims.remove(size)
                others.remove(size)
        total, known = product(dims), product(others)
        if isinstance(total, int) and isinstance(known, int) and (known == 0 or total % known):
            required = f"sizes whose product divides that of {describe(wrap(node))}"
            raise ValueError(
                complaint("reshape", required, str([s if isinstance(s, int) else "?" for s in sizes]))
            )
        sizes[free[0]] = size_op("floor_div", total, known) if others else total
    return wrap(_core.reshape(node, [size_node(size) for size in sizes]))


def reshape(x: TensorLike, newshape: Any, ndim: int | None = None) -> Variable:
    """The elements of `x` in C order under another shape.

    Parameters
    ----------
    x : array_like or Variable
    newshape : int, sequence of int and int scalars, or integer vector
        One size may be -1: what is left of the number of elements.
    ndim : int, optional
        The length of `newshape` if that is a vector of unknown length.

    Raises
    ------
    ValueError
        If the number of elements differs; here if sizes are known, else in the call.
    """
    return reshape_sizes(as_node(x), sizes_of(newshape, "reshape", ndim))


def flatten(x: TensorLike, ndim: int = 1) -> Variable:
    """The first `ndim` - 1 axes as they are and all others as one (Theano's flatten)."""
    node = as_node(x)
    if not isinstance(ndim, int) or ndim < 1 or ndim > max(node.ndim, 1):
        raise ValueError(complaint("flatten", f"ndim from 1 to {max(node.ndim, 1)}", repr(ndim)))
    dims = dims_of(node)
    return reshape_sizes(node, [*dims[: ndim - 1], product(dims[ndim - 1 :])])


def ravel(x: TensorLike) -> Variable:
    """All elements in one axis."""
    return flatten(x)


def broadcast_to(x: TensorLike, shape: Any) -> Variable:
    """`x` repeated to `shape` by NumPy's rules."""
    return wrap(_core.broadcast_to(as_node(x), shape_nodes(shape, "broadcast_to")))


def squeeze(x: TensorLike, axis: Any = None) -> Variable:
    """Without the given axes of size 1; by default without all whose size is known to be 1."""
    node = as_node(x)
    if axis is None:
        axes = [k for k, size in enumerate(node.static_shape) if size == 1]
    else:
        axes = normalize_axes("squeeze", node, axis)
        for k in axes:
            if node.static_shape[k] is None:
                # Known from here on; a call with another size raises.
                dims = dims_of(node)
                dims[k] = 1
                node = reshape_sizes(node, dims)._node
            elif node.static_shape[k] != 1:
                raise ValueError(complaint("squeeze", f"size 1 for axis {k}", describe(wrap(node))))
    return wrap(_core.dimshuffle(node, [k for k in range(node.ndim) if k not in axes]))


def expand_dims(x: TensorLike, axis: Any) -> Variable:
    """New axes of size 1 at positions `axis` of the result."""
    node = as_node(x)
    given = list(axis) if isinstance(axis, list | tuple) else [axis]
    rank = node.ndim + len(given)
    for entry in given:
        if not -rank <= entry < rank:
            raise ValueError(complaint("expand_dims", f"axes from {-rank} to {rank - 1}", str(entry)))
    new = {entry % rank for entry in given}
    old = iter(range(node.ndim))
    return wrap(_core.dimshuffle(node, [-1 if k in new else next(old) for k in range(rank)]))


def shape_padleft(x: TensorLike, n_ones: int = 1) -> Variable:
    """`n_ones` new first axes of size 1."""
    node = as_node(x)
    return wrap(_core.dimshuffle(node, [-1] * n_ones + list(range(node.ndim))))


def shape_padright(x: TensorLike, n_ones: int = 1) -> Variable:
    """`n_ones` new last axes of size 1."""
    node = as_node(x)
    return wrap(_core.dimshuffle(node, list(range(node.ndim)) + [-1] * n_ones))


def shape_padaxis(x: TensorLike, axis: int) -> Variable:
    """A new axis of size 1 at position `axis`."""
    return expand_dims(x, axis)


def concatenate(tensors: Sequence[TensorLike], axis: int = 0) -> Variable:
    """Arrays of equal rank side by side along `axis`, in their common dtype."""
    if isinstance(tensors, Expression) or not tensors:
        raise TypeError(complaint("concatenate", "a list of at least one array", describe(tensors)))
    nodes = same_dtype(nodes_of(tensors, "concatenate"))
    return wrap(_core.concatenate(nodes, normalize_axes("concatenate", nodes[0], axis)[0]))


def join(axis: int, *tensors: TensorLike) -> Variable:
    """`concatenate` with the axis first."""
    return concatenate(tensors, axis)


def stack(tensors: Any, *others: Any, axis: int = 0) -> Variable:
    """Arrays of equal shape side by side along a new axis."""
    if others and isinstance(tensors, list | tuple):
        axis, *others = others  # type: ignore[assignment]
    parts = tensors if isinstance(tensors, list | tuple) else [tensors, *others]
    if not parts:
        raise ValueError(complaint("stack", "at least one array", "none"))
    nodes = nodes_of(parts, "stack")
    rank = nodes[0].ndim + 1
    if not -rank <= axis < rank:
        raise ValueError(complaint("stack", f"an axis from {-rank} to {rank - 1}", str(axis)))
    return wrap(stack_nodes(nodes, axis % rank))


def stacklists(tensors: Any) -> Variable:
    """Nested lists of scalars or arrays as one array."""
    if isinstance(tensors, list | tuple):
        return stack([stacklists(part) for part in tensors])
    return wrap(as_node(tensors))


def horizontal_stack(*tensors: TensorLike) -> Variable:
    """Matrices side by side."""
    return concatenate(tensors, 1)


def vertical_stack(*tensors: TensorLike) -> Variable:
    """Matrices on top of each other."""
    return concatenate(tensors, 0)


def repeat(x: TensorLike, repeats: Any, axis: int | None = None) -> Variable:
    """Each element `repeats` times in a row along `axis`; along the flattened array without an axis."""
    node = as_node(x) if axis is not None else flatten(x)._node
    (k,) = normalize_axes("repeat", node, axis or 0)
    count = as_size(repeats, "repeat")
    dims = dims_of(node)
    pattern = list(range(node.ndim))
    pattern.insert(k + 1, -1)
    wide = [*dims[: k + 1], count, *dims[k + 1 :]]
    copies = _core.broadcast_to(_core.dimshuffle(node, pattern), [size_node(size) for size in wide])
    return reshape_sizes(copies, [*dims[:k], size_op("mul", dims[k], count), *dims[k + 1 :]])


def tile(x: TensorLike, reps: Any, ndim: int | None = None) -> Variable:
    """The whole array `reps` times along each axis, as numpy.tile."""
    counts = sizes_of(reps, "tile", ndim)
    node = as_node(x)
    node = shape_padleft(wrap(node), max(0, len(counts) - node.ndim))._node
    counts = [*[1] * (node.ndim - len(counts)), *counts]
    dims = dims_of(node)
    pattern = [entry for k in range(node.ndim) for entry in (-1, k)]
    wide = [size for pair in zip(counts, dims, strict=True) for size in pair]
    copies = _core.broadcast_to(_core.dimshuffle(node, pattern), [size_node(size) for size in wide])
    return reshape_sizes(copies, [size_op("mul", *pair) for pair in zip(counts, dims, strict=True)])

"""Arrays cut into parts and put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Size, TensorLike, as_node, as_size, dims_of, size_node, size_op, wrap
from croton.tensor.movement import flatten, reshape_sizes
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def split(
    x: TensorLike, splits_size: Sequence[Any], n_splits: int | None = None, axis: int = 0
) -> list[Variable]:
    """The parts of `x` along `axis` of the given sizes (integers or int scalars), which sum to its size.

    Where the sum is larger the last parts are shorter; where it is smaller the rest is left out.
    """
    node = as_node(x)
    (k,) = normalize_axes("split", node, axis)
    sizes = [as_size(size, "split") for size in splits_size]
    if n_splits is not None and n_splits != len(sizes):
        raise ValueError(complaint("split", f"{n_splits} sizes", str(len(sizes))))
    parts = []
    start: Size = 0
    total = dims_of(node)[k]
    for size in sizes:
        left = size_op("maximum", size_op("sub", total, start), 0)
        length = size_op("minimum", size, left)
        parts.append(wrap(_core.slice(node, k, size_node(start), size_node(length), 1)))
        start = size_op("add", start, length)
    return parts


def roll(x: TensorLike, shift: TensorLike, axis: int | None = None) -> Variable:
    """The elements moved by `shift` positions along `axis`, those beyond the end to the front.

    Without an axis, along the flattened array.
    """
    node = as_node(x)
    if axis is None:
        return reshape_sizes(roll(flatten(wrap(node)), shift, 0)._node, dims_of(node))
    (k,) = normalize_axes("roll", node, axis)
    size = dims_of(node)[k]
    tail = size_op("mod", as_size(shift, "roll"), size_op("maximum", size, 1))
    cut = size_op("sub", size, tail)
    last = _core.slice(node, k, size_node(cut), size_node(tail), 1)
    first = _core.slice(node, k, size_node(0), size_node(cut), 1)
    return wrap(_core.concatenate([last, first], k))

"""The operands of transforms as the engine takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import moveaxis
from croton.tensor.reductions import normalize_axes
from croton.tensor.types import REAL_TYPES, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

# The factor of a transform as the engine has it: none, 1/n, 1/sqrt(n).
NO_FACTOR, WHOLE, ROOT = 0, 1, 2
FORWARD = {None: NO_FACTOR, "backward": NO_FACTOR, "ortho": ROOT, "forward": WHOLE}
INVERSE = {None: WHOLE, "backward": WHOLE, "ortho": ROOT, "forward": NO_FACTOR}
OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def factor_of(operation: str, table: dict[Any, int], norm: Any) -> int:
    if norm not in table:
        raise ValueError(complaint(operation, 'a norm of "backward", "ortho" or "forward"', repr(norm)))
    return table[norm]


def numbers(x: TensorLike, kind: str, operation: str) -> Node:
    """`x` as numbers that the engine transforms: real ("f") or complex ("c") ones of 32 or 64 bits."""
    node = as_node(x)
    if kind_of(node.dtype) == "c":
        if kind == "f":
            raise TypeError(complaint(operation, "real numbers", describe(wrap(node)), "use fft"))
        return node
    real = {"float16": "float32", "bfloat16": "float32", "float32": "float32"}.get(node.dtype, "float64")
    target = real if kind == "f" else {real: name for name, real in REAL_TYPES.items()}[real]
    return _core.cast(node, target)


def last(operation: str, node: Node, axis: int) -> tuple[Variable, int]:
    if node.ndim == 0:
        raise ValueError(complaint(operation, "an array of one axis or more", describe(wrap(node))))
    (k,) = normalize_axes(operation, node, axis)
    return moveaxis(wrap(node), k, node.ndim - 1), k


def length_of(operation: str, n: Any) -> Size:
    size = as_size(n, operation)
    if isinstance(size, int) and size < 1:
        raise ValueError(complaint(operation, "a length of 1 or more", str(size)))
    return size


def resized(x: Variable, n: Size) -> Node:
    """The first `n` elements along the last axis, or all and zeros behind them."""
    node, axis = x._node, x.ndim - 1
    sizes = dims_of(node)
    size, start = sizes[axis], size_node(0)
    if size == n:
        return node
    kept = size_op("minimum", size, n)
    part = node if kept == size else _core.slice(node, axis, start, size_node(kept), 1)
    if kept == n:
        return part
    sizes[axis] = n
    zeros = _core.zeros([size_node(s) for s in sizes], node.dtype)
    return _core.set_slice(zeros, part, axis, start, 1)

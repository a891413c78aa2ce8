"""Sizes that operations on sparse matrices need to be equal, named as the user knows them."""

from __future__ import annotations

from typing import Any

from croton import _core
from croton.sparse.variable import SparseVariable
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import as_variable, static_value, wrap

LINES = ("rows", "columns")
Pair = tuple[Any, Any, str]  # two sizes, and the text of the error where they differ


def called(x: Any) -> str:
    """How messages call an operand."""
    kind = "the sparse matrix" if isinstance(x, SparseVariable) else "the dense array"
    return f"'{x.name}'" if getattr(x, "name", None) else kind


def required(x: SparseVariable, *pairs: Pair) -> SparseVariable:
    """`x`; where the sizes of a pair differ, it is an error: here if both are known, else in the call.

    Raises
    ------
    ValueError
    """
    indptr = x.indptr
    for first, second, text in pairs:
        nodes = [as_variable(size)._node for size in (first, second)]
        if nodes[0] is nodes[1] or nodes[0] == nodes[1]:
            continue
        known = [static_value(node) for node in nodes]
        if None not in known and known[0] != known[1]:
            raise ValueError(f"{text}, given {known[0]} and {known[1]}")
        sizes = [cast(wrap(node), "int64")._node for node in nodes]
        number = _core.keep_requirement(text)
        indptr = wrap(_core.apply_all("required_sizes", [indptr._node, *sizes], [number])[0])
    return SparseVariable(x.format, x.data, x.indices, indptr, x.minor, x.name)


def same(operation: str, x: Any, y: Any, axis: int, other: int | None = None) -> Pair:
    """For `required`: axis `axis` of `x` has the size of the axis `other` (or the same one) of `y`."""
    other = axis if other is None else other
    what = LINES[other] if y.ndim == 2 else "elements"
    again = "" if LINES[axis] == what else f"{what} "
    text = f"sparse.{operation}: required as many {LINES[axis]} in {called(x)} as {again}in {called(y)}"
    return x.shape[axis], y.shape[other if y.ndim == 2 else 0], text


def _stretched(size: Any, to: Any) -> Any:
    """`size`, or `to` in the place of 1."""
    step = size - 1
    is_one = apply("maximum", 1 - apply("maximum", step, -step), 0)
    return size + (to - 1) * is_one


def broadcasting(operation: str, x: Any, y: Any, both: bool = True) -> list[Pair]:
    """For `required`: the axes of the sparse matrix `x` and of `y` are equal where neither has size 1.

    With `both` false, only an axis of `y` may have size 1.
    """
    pairs = []
    for axis in range(2 - y.ndim, 2) if y.ndim <= 2 else ():
        own, other, text = same(operation, x, y, axis)
        pairs.append((_stretched(own, other) if both else own, _stretched(other, own), text))
    return pairs

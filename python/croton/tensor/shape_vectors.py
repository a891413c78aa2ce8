"""Sizes that were put into vectors and taken out again: stack([n, m])[0] is n, its product n * m."""

from __future__ import annotations

from functools import reduce

import numpy as np

from croton import _core

ELEMENTWISE = {row["name"] for row in _core.op_rows() if row["elementwise"]}
REDUCTIONS = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum"}
DEEPEST = 50  # sizes are short expressions; beyond this they stay as they are

Node = _core.Variable


def scalar_of(node: Node) -> Node:
    """An equal scalar that depends on scalars directly, where vectors of known length lie between them."""
    parts = _Elements().of(node, 0)
    return node if parts is None else parts[0]


class _Elements:
    """The elements of vectors and scalars as scalars, or None where they are not known one by one."""

    def __init__(self) -> None:
        self._known: dict[int, list[Node] | None] = {}

    def of(self, node: Node, depth: int) -> list[Node] | None:
        if node._id not in self._known:
            found = self._find(node, depth + 1) if depth < DEEPEST else None
            self._known[node._id] = [node] if found is None and node.ndim == 0 else found
        return self._known[node._id]

    def _find(self, node: Node, depth: int) -> list[Node] | None:
        inputs = node._inputs
        count = 1 if node.ndim == 0 else node.static_shape[0]
        if node.ndim > 1 or count is None or not inputs:
            value = node._value() if node._op == "constant" and node.ndim == 1 else None
            return None if value is None else [_core.constant(element) for element in value]
        if node._op in ("slice", "take"):
            return self._moved(node, depth)
        parts = []
        for each in inputs[:1] if node._op in ("dimshuffle", "reshape", "broadcast_to") else inputs:
            part = self.of(each, depth)
            if part is None:
                return None
            parts.append(part)
        if node._op == "concatenate":
            return [element for part in parts for element in part]
        if node._op in REDUCTIONS and parts[0]:
            return [reduce(lambda a, b: _core.apply(REDUCTIONS[node._op], [a, b]), parts[0])]
        if any(len(part) not in (1, count) for part in parts):
            return None
        rows = list(zip(*(part * count if len(part) == 1 else part for part in parts), strict=True))
        if node._op in ("dimshuffle", "reshape", "broadcast_to"):
            return [row[0] for row in rows]
        if node._op == "cast":
            return [_core.cast(row[0], node.dtype) for row in rows]
        return [_core.apply(node._op, list(row)) for row in rows] if node._op in ELEMENTWISE else None

    def _moved(self, node: Node, depth: int) -> list[Node] | None:
        """Which elements of a vector a slice or take shows does not depend on their values."""
        source, *others = node._inputs
        elements = self.of(source, depth) if source.ndim == 1 else None
        if elements is None or any(each._op != "constant" for each in others):
            return None
        numbers = _core.constant(np.arange(len(elements)))
        (places,) = _core.interpret(_core.substitute([node], [(source, numbers)]), [])
        return [elements[int(place)] for place in np.ravel(places)]

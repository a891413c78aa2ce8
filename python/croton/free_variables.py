"""What expressions depend on besides given variables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from croton import _core
from croton.tensor.expression import Node

ELEMENTWISE = {row["name"] for row in _core.op_rows() if row["elementwise"]}


def _reached(outputs: Iterable[Node], bound: set[Node]) -> list[Node]:
    """The nodes that `outputs` depend on otherwise than through `bound`, each after its inputs."""
    found, todo = set(outputs), list(outputs)
    while todo:
        node = todo.pop()
        for each in () if node in bound else node._inputs:
            if each not in found:
                found.add(each)
                todo.append(each)
    return sorted(found, key=lambda node: node._id)


def _is_size(node: Node) -> bool:
    if node.ndim or node.dtype != "int64":
        return False
    return node._op in ("dim", "broadcast_size", "cast") or node._op in ELEMENTWISE


def free_expressions(outputs: Sequence[Node], bound: Sequence[Node]) -> list[Node]:
    """The largest expressions within `outputs` that do not depend on `bound`, except constants.

    Of sizes, what they are sizes of.

    Parameters
    ----------
    outputs, bound : sequence of Node
    """
    stops = set(bound)
    varying = set(bound)
    found: dict[Node, None] = {}

    def add(node: Node) -> None:
        if node in varying or node._op == "constant":
            return
        if _is_size(node):
            for each in node._inputs:
                add(each)
        else:
            found[node] = None

    for node in _reached(outputs, stops):
        if node not in stops and any(each in varying for each in node._inputs):
            varying.add(node)
            for each in node._inputs:
                add(each)
    for node in outputs:
        add(node)
    return list(found)

"""What printed and drawn graphs say about their nodes."""

from __future__ import annotations

import re
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Expression, Node


def place(node: Node) -> str:
    """An expression as messages show it, with the user's line."""
    made = f" (made at {node._source[0]}:{node._source[1]})" if node._source else ""
    return f"{node._text(80)}{made}"


def sizes_among(nodes: list[Node]) -> set[Node]:
    """What is computed from sizes alone."""
    found: set[Node] = set()
    for node in nodes:
        from_sizes = node._inputs and all(x in found or x._op == "constant" for x in node._inputs)
        if node._op == "dim" or (not node.ndim and node.dtype == "int64" and from_sizes):
            found.add(node)
    return found


def roots_of(operation: str, obj: Any) -> list[tuple[Node, str]]:
    """The nodes to show, each with what to call it: a name, or the shared variable that it updates."""
    spec = getattr(obj, "_spec", None)
    if spec is not None:
        updates = [(value, f"update of {target._leaf_name or 'shared'}") for target, value in spec.updates]
        return [(node, "") for node in spec.outputs] + updates
    given = list(obj) if isinstance(obj, list | tuple) else [obj]
    for x in given:
        if not isinstance(x, Expression):
            raise TypeError(complaint(operation, "variables or a compiled function", repr(x)))
    return [(x._node, getattr(x, "_name", None) or "") for x in given]


def labels_of(roots: list[Node]) -> dict[Node, tuple[str, str]]:
    """For each node its op and options, or what a leaf is called; and its type."""
    nodes = dict.fromkeys(roots)
    todo = list(nodes)
    while todo:
        for node in todo.pop()._inputs:
            if node not in nodes:
                nodes[node] = None
                todo.append(node)
    # The listing has one line for each node, in the order in which they were made.
    lines = re.split(r"^%\d+ = ", _core.listing(roots), flags=re.MULTILINE)[1:]
    found = {}
    for node, line in zip(sorted(nodes, key=lambda n: n._id), lines, strict=True):
        text, _, kind = line.rstrip("\n").rpartition(" : ")
        if node._inputs:
            text = re.sub(r"(,? %\d+)+", "", text, count=1)
        found[node] = text, kind
    return {node: found[node] for node in nodes}  # independent of when nodes were made

"""A graph of expressions as one HTML file to look at in a browser, without anything from outside."""

from __future__ import annotations

import html as markup
import json
import os
from dataclasses import dataclass
from typing import Any

from croton import _core
from croton.errors import PACKAGE
from croton.graph_layout import GAP, place
from croton.graph_text import labels_of, roots_of, sizes_among
from croton.tensor.expression import Node

DOCS = {row["name"]: row["doc"] for row in _core.op_rows()}
LONGEST = 26  # characters of a label
SHOWN = 400  # characters of an expression in the details


@dataclass
class Drawing:
    """What is drawn of a graph: its nodes, each after its inputs, and the launches that compute them."""

    titles: dict[Node, str]
    nodes: list[Node]
    inputs: dict[Node, list[Node]]
    labels: dict[Node, tuple[str, str]]
    launches: list[tuple[str, list[Node]]]
    launches_of: dict[Node, list[int]]  # the numbers of those that compute a node


def _is_number(node: Node) -> bool:
    return node._op == "constant" and node.ndim == 0


def _drawing(obj: Any) -> Drawing:
    shown = roots_of("html", obj)
    launches: list[tuple[str, list[Node]]] = []
    if isinstance(obj, _core.CompiledFunction):
        roots, launches = _core.program(obj)
        shown = [(root, name) for root, (_, name) in zip(roots, shown, strict=True)]
    titles = dict(shown)
    launches_of: dict[Node, list[int]] = {}
    for k, (_, group) in enumerate(launches):
        for node in dict.fromkeys(node for node in group if node._inputs):
            launches_of.setdefault(node, []).append(k)
    everything = _core.nodes(list(titles))
    hidden = sizes_among(everything) - set(titles)
    hidden |= {node for node in everything if _is_number(node) and node not in titles}
    needed = {x for node in everything if node not in hidden for x in node._inputs} | set(titles)
    nodes = [node for node in everything if node in needed and node not in hidden]
    inputs = {node: [x for x in node._inputs if x not in hidden] for node in nodes}
    return Drawing(titles, nodes, inputs, labels_of(list(titles)), launches, launches_of)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _lines(drawing: Drawing, node: Node) -> tuple[str, str]:
    """The two lines of text in a node: what it does, with numbers among its operands, and its type."""
    label, kind = drawing.labels[node]
    if any(_is_number(x) for x in node._inputs):
        operands = [drawing.labels[x][0] if _is_number(x) else "·" for x in node._inputs]
        label += f" ({', '.join(operands)})"
    name = drawing.titles.get(node) or ""
    return _short(f"{name} = {label}" if name and node._inputs else label), _short(kind)


def _colour(launch: int) -> str:
    return f"hsl({launch * 137.5 % 360:.0f} 70% 82%)"


def _svg_node(drawing: Drawing, number: int, node: Node, at: tuple[float, float], width: float) -> str:
    lines = _lines(drawing, node)
    launches = drawing.launches_of.get(node, [])
    kind = node._op if not node._inputs else "result" if node in drawing.titles else "op"
    style = f' style="fill:{_colour(launches[0])}"' if launches else ""
    texts = "".join(
        f'<text y="{y}" class="t{k}">{markup.escape(line)}</text>'
        for k, (line, y) in enumerate(zip(lines, (-4, 12), strict=True))
    )
    box = f'<rect x="{-width / 2:.1f}" y="-20" width="{width:.1f}" height="40" rx="6"{style}/>'
    move = f"translate({at[0]:.1f} {at[1]:.1f})"
    return f'<g class="node {kind}" id="n{number}" transform="{move}">{box}{texts}</g>'


def _svg_edge(start: int, end: int, a: tuple[float, float], b: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = (a[0], a[1] + 20), (b[0], b[1] - 20)
    bend = max((y2 - y1) / 2, GAP)
    path = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    return f'<path class="edge" data-from="{start}" data-to="{end}" d="{path}"/>'


def _svg(drawing: Drawing) -> str:
    widths = {node: 7.2 * max(map(len, _lines(drawing, node))) + 18 for node in drawing.nodes}
    at = place(drawing.inputs, widths)  # type: ignore[arg-type]
    numbers = {node: k for k, node in enumerate(drawing.nodes)}
    parts = []
    for node in drawing.nodes:
        for x in drawing.inputs[node]:
            parts.append(_svg_edge(numbers[x], numbers[node], at[x], at[node]))
    for node, number in numbers.items():
        parts.append(_svg_node(drawing, number, node, at[node], widths[node]))
    left = min((at[node][0] - widths[node] / 2 for node in drawing.nodes), default=0) - 30
    right = max((at[node][0] + widths[node] / 2 for node in drawing.nodes), default=0) + 30
    bottom = max((y for _, y in at.values()), default=0) + 50
    box = f"{left:.0f} -50 {right - left:.0f} {bottom + 50:.0f}"
    return f'<svg id="graph" viewBox="{box}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


def _details(drawing: Drawing) -> dict[str, Any]:
    """What a click on a node shows."""
    numbers = {node: k for k, node in enumerate(drawing.nodes)}
    nodes = []
    for node in drawing.nodes:
        label, kind = drawing.labels[node]
        nodes.append(
            {
                "label": label,
                "op": node._op,
                "doc": DOCS.get(node._op, ""),
                "type": kind,
                "name": drawing.titles.get(node) or node._leaf_name,
                "text": node._text(SHOWN),
                "source": f"{node._source[0]}:{node._source[1]}" if node._source else "",
                "inputs": [
                    [drawing.labels[x][0], numbers.get(x, -1)] for x in node._inputs if x in drawing.labels
                ],
                "launches": drawing.launches_of.get(node, []),
            }
        )
    launches = [
        {"kind": kind, "ops": [node._op for node in group if node._inputs], "colour": _colour(k)}
        for k, (kind, group) in enumerate(drawing.launches)
    ]
    return {"nodes": nodes, "launches": launches}


def page_of(obj: Any, title: str | None = None) -> str:
    """The HTML file for variables or a compiled function."""
    drawing = _drawing(obj)
    if title is None:
        title = getattr(obj, "name", None) or ", ".join(node._text(60) for node in drawing.titles)
    with open(os.path.join(PACKAGE, "graph_view.html"), encoding="utf-8") as file:
        page = file.read()
    # Inside a script element, nothing but "</" ends the text.
    data = json.dumps(_details(drawing)).replace("<", "\\u003c")
    for name, text in (("TITLE", markup.escape(title)), ("GRAPH", _svg(drawing)), ("DATA", data)):
        page = page.replace(f"<!--{name}-->", text)
    return page

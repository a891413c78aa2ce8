"""Expressions as text: a formula, a tree, or a graph for Graphviz."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Expression, Node

DEEP = 40  # from this depth on, a line says how deep it is instead of showing it


def pp(x: Any) -> str:
    """The expression as a formula."""
    if not isinstance(x, Expression):
        raise TypeError(complaint("pp", "a symbolic variable", repr(x)))
    return x._node._text(100_000)


pprint = pp


def _roots(operation: str, obj: Any) -> list[tuple[Node, str]]:
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


def _labels(roots: list[Node]) -> dict[Node, tuple[str, str]]:
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


def _identifier(number: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def _tree(
    roots: list[tuple[Node, str]], depth: int, print_type: bool, ids: str, stop_on_name: bool
) -> Iterator[str]:
    labels = _labels([node for node, _ in roots])
    numbers: dict[Node, int] = {}
    for root, title in roots:
        todo = [(root, 0)]
        while todo:
            node, level = todo.pop()
            seen = node in numbers
            number = numbers.setdefault(node, len(numbers))
            label, kind = labels[node]
            line = " |" * level if level <= DEEP else f" ({level})|"
            line += label + (f" <{kind}>" if print_type else "")
            line += {"CHAR": f" [id {_identifier(number)}]", "int": f" [id {number}]"}.get(ids, "")
            name = title if level == 0 else node._leaf_name if node._inputs else ""
            line += f" '{name}'" if name else ""
            inputs = [] if level + 1 == depth or (stop_on_name and name) else node._inputs
            if inputs and seen:
                yield line + " (shown above)"
                continue
            yield line
            todo += [(each, level + 1) for each in reversed(inputs)]


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: Any = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
) -> str | None:
    """Prints expressions as a tree: one line for each node, its inputs below it and further to the right.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function
        Of a function, the expressions of its outputs and updates as they were written.
    depth : int
        How many levels to print; -1 means all.
    print_type : bool
        Whether to add the types.
    file : optional
        Where to print, by default standard output; "str" returns the text.
    ids : {"CHAR", "int", ""}
        How to mark nodes. What has been printed before is not printed again below the same mark.
    stop_on_name : bool
        Whether to leave out what is below a node with a name.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> y = T.exp(x)
    >>> ct.debugprint(y.sum() + y, print_type=True)
    add <float64[?]> [id A]
     |sum [0] <float64[]> [id B]
     | |exp <float64[?]> [id C]
     | | |x <float64[?]> [id D]
     |exp <float64[?]> [id C] (shown above)
    """
    if ids not in ("CHAR", "int", ""):
        raise ValueError(complaint("debugprint", "ids of 'CHAR', 'int' or ''", repr(ids)))
    lines = _tree(_roots("debugprint", obj), depth, print_type, ids, stop_on_name)
    text = "".join(line + "\n" for line in lines)
    if file == "str":
        return text
    print(text, end="", file=file or sys.stdout)
    return None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


SHAPES = {"input": "box", "shared": "box, style=filled, fillcolor=lightgrey", "constant": "plaintext"}


def dot_source(obj: Any) -> str:
    """The graph of expressions in the language of Graphviz, an arrow from each input to what uses it.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function

    Examples
    --------
    >>> print(ct.printing.dot_source(T.exp(T.dscalar("x"))))
    digraph {
      0 [label="exp\\nfloat64[]", shape=ellipse];
      1 [label="x\\nfloat64[]", shape=box];
      1 -> 0;
    }
    """
    roots = _roots("dot_source", obj)
    labels = _labels([node for node, _ in roots])
    numbers = {node: k for k, node in enumerate(labels)}
    titles = {node: f" '{title}'" for node, title in roots if title}
    lines = []
    for node, (label, kind) in labels.items():
        text = _quoted(f"{label}{titles.get(node, '')}\n{kind}")
        lines.append(f"  {numbers[node]} [label={text}, shape={SHAPES.get(node._op, 'ellipse')}];")
    for node in labels:
        for k, each in enumerate(node._inputs):
            place = f" [label={k}]" if len(node._inputs) > 1 else ""
            lines.append(f"  {numbers[each]} -> {numbers[node]}{place};")
    return "\n".join(["digraph {", *lines, "}"])


def pydotprint(fct: Any, outfile: str | os.PathLike[str], **options: Any) -> None:
    """Writes `dot_source(fct)` to a file; Graphviz's `dot -Tpng` makes a picture of it.

    Parameters
    ----------
    fct : Variable, list of Variable, or compiled function
    outfile : path
        Its name ends with .dot or .gv.
    options
        Theano's options of style have no effect.
    """
    if os.path.splitext(outfile)[1] not in (".dot", ".gv"):
        remedy = "write that, and make pictures with Graphviz: dot -Tpng graph.dot -o graph.png"
        raise ValueError(complaint("pydotprint", "a file name with .dot or .gv", str(outfile), remedy))
    with open(outfile, "w", encoding="utf-8") as file:
        file.write(dot_source(fct) + "\n")

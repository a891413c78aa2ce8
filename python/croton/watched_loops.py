"""The steps of loops, run once more with all that they compute kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from croton import _core
from croton.evaluation import value_from
from croton.graph_text import place, sizes_among
from croton.reference import Array, Node

Values: TypeAlias = "dict[Node, Array]"
COMPUTING = {row["name"] for row in _core.op_rows() if row["computes"]}


def computing_among(nodes: list[Node]) -> list[Node]:
    """Those whose values are worth a look: NumPy has them, and they are no sizes."""
    sizes = sizes_among(nodes)
    return [x for x in nodes if x._op in COMPUTING and x not in sizes and x.dtype != "bfloat16"]


def compiled(inputs: list[Node], results: list[Node], name: str, skip: list[str]) -> Any:
    """A function of arrays that need no conversion."""
    return _core.compile(inputs, results, [], name, _refuse, _refuse, False, False, skip)


def _refuse(*args: Any) -> Any:
    raise AssertionError("the arguments have been converted before")


def missing(node: Node) -> Exception:
    """The error for an expression without a value."""
    return RuntimeError(f"internal error: {place(node)} has no value")


def loops_among(nodes: list[Node], skip: list[str]) -> dict[Node, WatchedLoop]:
    """What runs the steps of each loop."""
    return {node: WatchedLoop(node, skip) for node in nodes if node._op == "scan"}


class WatchedLoop:
    """The steps of a loop.

    Parameters
    ----------
    node : Node
        The loop, of rewritten expressions.
    skip : list of str
        Names of passes.

    Attributes
    ----------
    loops : dict
        Those that a step runs.
    """

    def __init__(self, node: Node, skip: list[str]) -> None:
        self._body = _core.body(node)
        outputs = self._body["outputs"]
        self._watched = computing_among(_core.nodes(outputs))
        self._step = compiled(self._body["inputs"], outputs + self._watched, "step", skip)
        self.loops = loops_among(self._watched, skip)

    def run(self, node: Node, values: Values) -> Iterator[tuple[Values, Values]]:
        """For each step what it is given and what it computes.

        Parameters
        ----------
        node : Node
        values : dict
            Of what the loop depends on.
        """
        body = self._body
        operands = [x._value() if x._op == "constant" else values.get(x) for x in node._inputs]
        found = [
            value_from(x, values.get, missing) if operand is None else operand
            for x, operand in zip(node._inputs, operands, strict=True)
        ]
        count, sequences = int(found[0]), found[1 : 1 + body["sequences"]]
        carried = found[1 + body["sequences"] :][: body["carries"]]
        fixed = found[1 + body["sequences"] + body["carries"] :]
        for t in range(count - 1, -1, -1) if body["reversed"] else range(count):
            given = [*(np.array(x[t]) for x in sequences), *carried, *fixed]
            results = self._step(*given)
            outputs, rest = results[: len(body["outputs"])], results[len(body["outputs"]) :]
            yield dict(zip(body["inputs"], given, strict=True)), dict(zip(self._watched, rest, strict=True))
            carried = outputs[: body["carries"]]
            if body["until"] and outputs[-1]:
                return

"""The value of one expression by the reference interpreter, from values that are known below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from croton import _core
from croton.tensor.expression import Node

Known = Callable[[Node], "np.ndarray[Any, Any] | None"]


def value_from(node: Node, known: Known, missing: Callable[[Node], Exception]) -> np.ndarray[Any, Any]:
    """The value of an expression.

    Parameters
    ----------
    node : Node
    known : callable
        Returns the value of an expression below, or None where it is to be computed, too.
    missing : callable
        Makes the error for an input without a value.
    """
    values: list[tuple[Node, Any]] = []
    stand_ins: list[tuple[Node, Node]] = []
    # The further results of a call need the call itself, not its first result.
    seen, todo = {node}, [(each, node._op == "output") for each in node._inputs]
    while todo:
        each, whole = todo.pop()
        if each in seen or each._op == "constant":
            continue
        seen.add(each)
        value = None if whole else known(each)
        if value is None and not each._inputs:
            raise missing(each)
        if value is None:
            todo += [(x, each._op == "output") for x in each._inputs]
        elif each._inputs:
            stand_in = _core.input(each.dtype, each.static_shape, each._text(40))
            stand_ins.append((each, stand_in))
            values.append((stand_in, value))
        else:
            values.append((each, value))
    root = _core.substitute([node], stand_ins)[0] if stand_ins else node
    return _core.interpret([root], values)[0]

"""How many steps there are between two states that the gradient of a loop finds stored."""

from __future__ import annotations

import re
from math import prod
from numbers import Integral

import numpy as np

from croton.errors import complaint
from croton.tensor.elementwise import apply
from croton.tensor.expression import Node, size_node, wrap
from croton.tensor.variable import Variable

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


def block_size(
    checkpoint: int | bool | str | None, steps: Variable, initial: list[Variable], truncated: int
) -> Node | None:
    """The size of a block for `scan`'s option `checkpoint`; None without blocks."""
    if checkpoint is None or checkpoint is False:
        return None
    if truncated:
        given = f"truncate_gradient={truncated}"
        raise ValueError(complaint("scan", "checkpoint without truncate_gradient", given))
    size = _size(checkpoint, steps, initial)
    return size_node(size) if isinstance(size, int) else size._node


def _size(checkpoint: int | bool | str, steps: Variable, initial: list[Variable]) -> Variable | int:
    if checkpoint is True:
        return _about_root(steps)
    if isinstance(checkpoint, str):
        budget = _bytes(checkpoint)
        state = sum((prod(list(x.shape), start=_item_size(x)) for x in initial), start=0)
        blocks = apply("floor_div", steps * state + (budget - 1), budget)
        return apply("minimum", apply("maximum", blocks, 1), _about_root(steps))
    if not isinstance(checkpoint, Integral) or checkpoint < 1:
        raise ValueError(complaint("scan", "checkpoint as an integer of 1 or more", repr(checkpoint)))
    return int(checkpoint)


def _about_root(steps: Variable) -> Variable:
    """The power of two from sqrt(steps) on: in integers, so that it is known with the sizes."""
    size = wrap(size_node(1))
    for power in range(20):
        size = size + apply("minimum", apply("maximum", steps - 4**power, 0), 1) * 2**power
    return size


def _bytes(budget: str) -> int:
    parts = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMG]?)B\s*", budget)
    if parts is None or float(parts[1]) == 0:
        raise ValueError(complaint("scan", "checkpoint as a budget like '64 MB'", repr(budget)))
    return max(1, int(float(parts[1]) * _UNITS[parts[2]]))


def _item_size(x: Variable) -> int:
    return 2 if x.dtype == "bfloat16" else np.dtype(x.dtype).itemsize

"""Random loops: a step as a list of instructions, which run on expressions as on arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

import croton.tensor as T

BATCH, WIDTH, ROW = 2, 3, 4
# Values of a step have the shape (BATCH, WIDTH). Numbers of values come modulo how many there are.
OPERATIONS = {
    "add": lambda xp, a, b, w: a + b,
    "mul": lambda xp, a, b, w: a * b,
    "sub_scaled": lambda xp, a, b, w: a - 0.5 * b,
    "tanh": lambda xp, a, b, w: xp.tanh(a),
    "sin": lambda xp, a, b, w: xp.sin(a),
    "sigmoid": lambda xp, a, b, w: 1 / (1 + xp.exp(-a)),
    "dot": lambda xp, a, b, w: xp.dot(a, w),
    "dot_transposed": lambda xp, a, b, w: xp.dot(a, w.T),
    "dot_both": lambda xp, a, b, w: 0.2 * xp.dot(xp.dot(a, b.T), a),
    "affine": lambda xp, a, b, w: xp.dot(a, w) + b,
    "halves": lambda xp, a, b, w: xp.concatenate([a[:, :1], xp.dot(b, w)[:, 1:]], axis=1),
    "mean": lambda xp, a, b, w: a + b.sum(axis=0) / BATCH,
}
NAMES = st.sampled_from([*OPERATIONS, "dot", "dot", "affine"])
# What sums over steps add: like a product of matrices, like a bias, like a state.
TERMS = {
    "product": ((WIDTH, WIDTH), lambda xp, a, b: xp.dot(a.T, b)),
    "scaled_product": ((WIDTH, WIDTH), lambda xp, a, b: 0.3 * xp.dot(a.T, b).T + xp.dot(b.T, b)),
    "bias": ((WIDTH,), lambda xp, a, b: a.sum(axis=0)),
    "values": ((BATCH, WIDTH), lambda xp, a, b: a * b),
    "mixed": ((WIDTH, WIDTH), lambda xp, a, b: xp.dot(a.T, b) + a.sum(axis=0) * b[:1].T),
}


@dataclass
class RandomLoop:
    """Two sequences, two states, sums and outputs; fixed are two matrices and a vector."""

    steps: int
    instructions: list[tuple[str, int, int, int]]
    states: list[int]
    yields: list[int]
    sums: list[tuple[str, int, int]] = field(default_factory=list)
    backwards: bool = False
    checkpoint: Any = None

    def shapes(self) -> list[tuple[int, ...]]:
        """Of the arguments: sequences, initial states, fixed values."""
        sequences = [(self.steps, BATCH, ROW), (self.steps, BATCH, WIDTH)]
        return [*sequences, (BATCH, WIDTH), (BATCH, WIDTH), (ROW, WIDTH), (WIDTH, WIDTH), (WIDTH,)]

    def step(self, xp: Any, x: Any, y: Any, h: Any, s: Any, sums: Any, v: Any, w: Any, c: Any) -> tuple:
        """The next states and sums, and what the step yields."""
        values = [xp.dot(x, v), y, h, s, y + c]
        for name, a, b, weight in self.instructions:
            n = len(values)
            values.append(OPERATIONS[name](xp, values[a % n], values[b % n], (w, 0.4 * w)[weight]))
        pick = [values[k % len(values)] for k in (*self.states, *self.yields)]
        h, s = xp.tanh(pick[0]), 0.5 * s + xp.sin(pick[1])
        added = []
        for total, (name, a, b) in zip(sums, self.sums, strict=True):
            added.append(total + TERMS[name][1](xp, values[a % len(values)], values[b % len(values)]))
        return [h, s, *added], pick[2:]

    def first_sums(self, zeros: Any) -> list[Any]:
        return [zeros(TERMS[name][0]) for name, _, _ in self.sums]


@st.composite
def loops(draw) -> RandomLoop:
    number = st.integers(0, 40)
    return RandomLoop(
        steps=draw(st.sampled_from([4, 3, 5, 1, 2, 7, 0])),
        instructions=draw(st.lists(st.tuples(NAMES, number, number, st.integers(0, 1)), max_size=8)),
        states=draw(st.lists(number, min_size=2, max_size=2)),
        yields=draw(st.lists(number, max_size=2)),
        sums=draw(st.lists(st.tuples(st.sampled_from([*TERMS]), number, number), max_size=2)),
        backwards=draw(st.booleans()),
        checkpoint=draw(st.sampled_from([None, None, None, True, 1, 2, 3])),
    )


def symbolic(loop: RandomLoop, scan: Any, arguments: list[Any]) -> list[Any]:
    """Traces of the states, the last sums, and the yields, as expressions."""
    x, y, h, s, v, w, c = arguments
    count = len(loop.sums)

    def step(row_x: Any, row_y: Any, h: Any, s: Any, *sums: Any) -> list[Any]:
        following, yields = loop.step(T, row_x, row_y, h, s, sums, v, w, c)
        return [*following, *yields]

    initial = [h, s, *loop.first_sums(lambda shape: T.zeros(shape, "float64")), *[None] * len(loop.yields)]
    found, _ = scan(step, [x, y], initial, go_backwards=loop.backwards, checkpoint=loop.checkpoint)
    # Of no steps there is no last one.
    last = [found[2 + k][-1] if loop.steps else found[2 + k] for k in range(count)]
    return [*found[:2], *last, *found[2 + count :]]


def numeric(loop: RandomLoop, xp: Any, arguments: list[Any]) -> list[Any]:
    """The same by a loop over arrays."""
    x, y, h, s, v, w, c = arguments
    sums = [0 * c.sum() + total for total in loop.first_sums(xp.zeros)]
    traces: list[list[Any]] = [[], []]
    outputs: list[list[Any]] = [[] for _ in loop.yields]
    order = range(loop.steps)
    for t in reversed(order) if loop.backwards else order:
        (h, s, *sums), yields = loop.step(xp, x[t], y[t], h, s, sums, v, w, c)
        for rows, value in zip([*traces, *outputs], [h, s, *yields], strict=True):
            rows.append(value)
    empty = xp.zeros((0, BATCH, WIDTH))
    stacked = [xp.array(rows) if rows else empty for rows in [*traces, *outputs]]
    last = sums if loop.steps else [total[None][:0] for total in sums]
    return [*stacked[:2], *last, *stacked[2:]]

"""Random graphs, drawn by Hypothesis: each node as an expression and, beside it, as NumPy's value.

The functions of NumPy take complex arrays too, so that the derivative of a smooth graph can be had from one
evaluation with an imaginary step, exact to the last digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

import croton.tensor as T

SIZES = [0, 1, 1, 2, 3, 5]
LARGEST = 3000


@dataclass
class Entry:
    """One node.

    Attributes
    ----------
    expression : the symbolic node
    value : NumPy's value for the arguments that were drawn
    compute : the value from a list of the values of all nodes before it
    exact : whether the value has no rounding error, so that it may be compared or truncated
    low : whether float32 had a part in it
    """

    expression: object
    value: np.ndarray
    compute: Callable | None
    exact: bool
    low: bool


@dataclass
class Graph:
    entries: list[Entry] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def evaluate(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        """The values of all nodes for other arguments of the same shapes."""
        values: list[np.ndarray] = []
        given = iter(arguments)
        for entry in self.entries:
            values.append(next(given) if entry.compute is None else entry.compute(values))
        return values

    def __repr__(self) -> str:
        return "\n".join(self.story)


def is_exact(value: np.ndarray) -> bool:
    """Whether rounding has no part in small multiples of 1/64."""
    if value.dtype.kind != "f":
        return True
    scaled = value * 64
    return bool(
        np.all(np.isfinite(scaled)) and np.all(scaled == np.rint(scaled)) and np.all(abs(scaled) < 2**18)
    )


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.real.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# name: (expression, NumPy's function); all analytic, and tame where their arguments are
SMOOTH_UNARY = {
    "neg": (lambda x: -x, lambda x: -x),
    "sin": (T.sin, np.sin),
    "tanh": (T.tanh, np.tanh),
    "exp": (lambda x: T.exp(T.sin(x)), lambda x: np.exp(np.sin(x))),
    "sigmoid": (T.nnet.sigmoid, sigmoid),
    "square": (lambda x: x**2, lambda x: x**2),
    "sqrt": (lambda x: T.sqrt(x * x + 1), lambda x: np.sqrt(x * x + 1)),
    "log": (lambda x: T.log(x * x + 2), lambda x: np.log(x * x + 2)),
    "log1p": (lambda x: T.log1p(x * x), lambda x: np.log(1 + x * x)),
    "scaled": (lambda x: 0.5 * x + 1, lambda x: 0.5 * x + 1),
    "inverse": (lambda x: 1 / (1 + x * x), lambda x: 1 / (1 + x * x)),
}
SMOOTH_BINARY = {
    "add": (lambda x, y: x + y, lambda x, y: x + y),
    "sub": (lambda x, y: x - y, lambda x, y: x - y),
    "mul": (lambda x, y: x * y, lambda x, y: x * y),
    "div": (lambda x, y: x / (1 + y * y), lambda x, y: x / (1 + y * y)),
}
ROUGH_UNARY = {
    "abs": (abs, np.abs),
    "floor": (T.floor, np.floor),
    "sign": (T.sign, np.sign),
    "relu": (T.nnet.relu, lambda x: np.maximum(x, 0)),
}
ROUGH_BINARY = {
    "maximum": (T.maximum, np.maximum),
    "minimum": (T.minimum, np.minimum),
    "less": (lambda x, y: x < y, lambda x, y: x < y),
    "greater_equal": (lambda x, y: x >= y, lambda x, y: x >= y),
    "equal": (T.eq, np.equal),
}
# Whose results jump where the arguments' rounding errors change an order.
JUMPS = {"floor", "sign", "less", "greater_equal", "equal", "argmax"}
KEEPS_EXACT = {
    "neg",
    "square",
    "scaled",
    "add",
    "sub",
    "mul",
    "sum",
    "prod",
    *JUMPS,
    *ROUGH_UNARY,
    *ROUGH_BINARY,
}


class Builder:
    """Adds nodes to a graph, each drawn from what fits."""

    def __init__(self, draw: Callable, smooth: bool) -> None:
        self.draw = draw
        self.smooth = smooth
        self.graph = Graph()

    def choose(self, options):
        return self.draw(st.sampled_from(list(options)))

    def add(self, name: str, operands: list[int], expression, function, moves: bool = False) -> None:
        """A node, unless its value would be useless: too large, or resting on rounding errors."""
        entries = [self.graph.entries[k] for k in operands]
        exact = all(entry.exact for entry in entries)
        if name.split()[0] in JUMPS and not exact:
            return
        with np.errstate(all="ignore"):
            value = np.asarray(function(*(entry.value for entry in entries)))
        if value.size > LARGEST or (value.dtype.kind != "b" and value.size and not np.abs(value).max() < 1e4):
            return
        keeps = moves or (name.split()[0] in KEEPS_EXACT and is_exact(value))
        low = any(entry.low for entry in entries)
        node = expression(*(entry.expression for entry in entries))

        def compute(values):
            return np.asarray(function(*(values[k] for k in operands)))

        number = len(self.graph.entries)
        self.graph.entries.append(Entry(node, value, compute, exact and keeps, low))
        self.graph.story.append(
            f"v{number} = {name}({', '.join(f'v{k}' for k in operands)})  # {value.shape}"
        )

    def input(self) -> None:
        dtype = (
            "float64"
            if self.smooth
            else self.choose(["float64", "float64", "float32", "int32", "bool", "int8"])
        )
        shape = tuple(self.choose(SIZES) for _ in range(self.draw(st.integers(0, 3))))
        seed = self.draw(st.integers(0, 1000))
        value = np.random.default_rng(seed).integers(-12, 13, shape) / (4 if dtype.startswith("float") else 1)
        value = (value > 0) if dtype == "bool" else value.astype(dtype)
        known = tuple(size if self.draw(st.booleans()) else None for size in shape)
        number = len(self.graph.entries)
        node = T.tensor(dtype, shape=known, name=f"v{number}")
        self.graph.inputs.append(number)
        self.graph.entries.append(Entry(node, value, None, True, dtype == "float32"))
        self.graph.story.append(f"v{number} = input of {node.type}: rng({seed}), {shape}")

    def pick(self, fits=lambda entry: True) -> int | None:
        """The number of a node that fits, the latest ones preferred."""
        fitting = [k for k, entry in enumerate(self.graph.entries) if fits(entry)]
        return fitting[-1 - min(self.draw(st.integers(0, 7)), len(fitting) - 1)] if fitting else None

    def numeric(self, entry: Entry) -> bool:
        return entry.value.dtype.kind in ("f" if self.smooth else "fi")

    # ---- kinds of nodes
    def unary(self) -> None:
        rough = not self.smooth and self.draw(st.booleans())
        name = self.choose(ROUGH_UNARY if rough else SMOOTH_UNARY)
        k = self.pick(self.numeric if rough else lambda entry: entry.value.dtype.kind == "f")
        if k is not None:
            self.add(name, [k], *(ROUGH_UNARY if rough else SMOOTH_UNARY)[name])

    def binary(self) -> None:
        rough = not self.smooth and self.draw(st.booleans())
        table = ROUGH_BINARY if rough else SMOOTH_BINARY
        name = self.choose(table)
        kinds = "f" if self.smooth or name == "div" else "fi"
        x = self.pick(lambda entry: entry.value.dtype.kind in kinds)
        if x is None:
            return
        shape = self.graph.entries[x].value.shape
        y = self.pick(lambda entry: entry.value.dtype.kind in kinds and fits(shape, entry.value.shape))
        self.add(name, [x, y], *table[name])

    def where(self) -> None:
        c = self.pick(lambda entry: entry.value.dtype.kind == "b")
        x = self.pick(self.numeric)
        if c is None or x is None:
            return
        shapes = [self.graph.entries[k].value.shape for k in (c, x)]
        if not fits(*shapes):
            return
        shape = np.broadcast_shapes(*shapes)
        y = self.pick(lambda entry: self.numeric(entry) and fits(shape, entry.value.shape))
        if y is not None:
            self.add("where", [c, x, y], T.where, np.where, moves=True)

    def reduction(self) -> None:
        k = self.pick(self.numeric)
        if k is None:
            return
        value = self.graph.entries[k].value
        axes = tuple(axis for axis in range(value.ndim) if self.draw(st.booleans()))
        keep = self.draw(st.booleans())
        names = ["sum", "mean", "prod"] if self.smooth else ["sum", "mean", "prod", "max", "min", "argmax"]
        name = self.choose(names)
        count = int(np.prod([value.shape[axis] for axis in axes]))
        if (count == 0 and name not in ("sum", "prod")) or (name == "mean" and value.dtype.kind == "i"):
            name = "sum"
        if name == "argmax":
            axes = axes[0] if axes else None
            if count == 0 or not value.size:
                return
        made, reference = getattr(T, name), getattr(np, name)
        self.add(
            f"{name} {axes} {keep}",
            [k],
            lambda x: made(x, axis=axes, keepdims=keep),
            lambda x: reference(x, axis=axes, keepdims=keep),
            moves=name in ("max", "min"),
        )

    def view(self) -> None:
        k = self.pick()
        value = self.graph.entries[k].value
        kind = self.choose(["transpose", "insert", "reshape", "slice", "slice", "flip", "squeeze"])
        if kind == "transpose":
            order = tuple(self.draw(st.permutations(range(value.ndim))))
            self.add(f"transpose {order}", [k], *[lambda x: x.transpose(order)] * 2, moves=True)
        elif kind == "insert" and value.ndim < 4:
            axis = self.draw(st.integers(0, value.ndim))
            self.add(
                f"insert {axis}",
                [k],
                lambda x: T.expand_dims(x, axis),
                lambda x: np.expand_dims(x, axis),
                True,
            )
        elif kind == "squeeze" and 1 in value.shape:
            axis = value.shape.index(1)
            self.add(
                f"squeeze {axis}", [k], lambda x: T.squeeze(x, axis), lambda x: np.squeeze(x, axis), True
            )
        elif kind == "reshape":
            self.reshape(k, value)
        elif kind == "flip" and value.ndim:
            self.add("flip", [k], *[lambda x: x[..., ::-1]] * 2, moves=True)
        elif kind == "slice" and value.ndim:
            index = tuple(self.slice() for _ in range(self.draw(st.integers(1, value.ndim))))
            self.add(f"slice {index}", [k], *[lambda x: x[index]] * 2, moves=True)

    def slice(self) -> slice:
        bound = st.one_of(st.none(), st.integers(-4, 4))
        return slice(self.draw(bound), self.draw(bound), self.choose([None, 1, 2, 3, -1, -2]))

    def reshape(self, k: int, value: np.ndarray) -> None:
        """To one axis, or two neighbours merged, or an axis split in two."""
        shape = value.shape
        if self.draw(st.booleans()) or not shape:
            target = (value.size,) if value.size == 0 else (-1,)
        elif len(shape) > 1:
            axis = self.draw(st.integers(0, len(shape) - 2))
            target = (*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2 :])
        else:
            target = (2, shape[0] // 2) if shape[0] % 2 == 0 else (1, shape[0], 1)
        self.add(f"reshape {target}", [k], *[lambda x: x.reshape(target)] * 2, moves=True)

    def broadcast(self) -> None:
        k = self.pick(lambda entry: 1 in entry.value.shape or entry.value.ndim < 3)
        if k is None:
            return
        shape = self.graph.entries[k].value.shape
        wide = tuple(self.choose(SIZES) if size == 1 else size for size in shape)
        if len(shape) < 3 and self.draw(st.booleans()):
            wide = (self.choose(SIZES), *wide)
        function = (lambda x: T.broadcast_to(x, wide), lambda x: np.broadcast_to(x, wide))
        self.add(f"broadcast {wide}", [k], *function, moves=True)

    def concatenate(self) -> None:
        k = self.pick(lambda entry: entry.value.ndim > 0)
        if k is None:
            return
        first = self.graph.entries[k].value
        axis = self.draw(st.integers(0, first.ndim - 1))

        def joins(entry):
            same = entry.value.dtype == first.dtype and entry.value.ndim == first.ndim
            return same and without(entry.value.shape, axis) == without(first.shape, axis)

        parts = [k] + [self.pick(joins) for _ in range(self.draw(st.integers(1, 2)))]
        self.add(
            f"concatenate {axis}",
            parts,
            lambda *x: T.concatenate(x, axis),
            lambda *x: np.concatenate(x, axis),
            moves=True,
        )

    def take(self) -> None:
        k = self.pick(lambda entry: entry.value.ndim > 0 and entry.value.size > 0)
        if k is None:
            return
        value = self.graph.entries[k].value
        axis = self.draw(st.integers(0, value.ndim - 1))
        size = value.shape[axis]
        index = np.array(self.draw(st.lists(st.integers(-size, size - 1), max_size=4)), "int64")
        if self.draw(st.booleans()):
            index = np.append(index, index).reshape(2, -1)
        function = (lambda x: T.take(x, index, axis=axis), lambda x: np.take(x, index, axis=axis))
        self.add(f"take {index.tolist()} {axis}", [k], *function, moves=True)

    def matmul(self) -> None:
        x = self.pick(lambda entry: self.numeric(entry) and entry.value.ndim >= 2)
        if x is None:
            return
        a = self.graph.entries[x].value

        def joins(entry):
            b = entry.value
            return (
                b.dtype == a.dtype
                and b.ndim >= 2
                and b.shape[-2] == a.shape[-1]
                and fits(a.shape[:-2], b.shape[:-2])
            )

        y = self.pick(joins)
        if y is None:
            # The product with the transpose always fits.
            flip = [*range(a.ndim - 2), a.ndim - 1, a.ndim - 2]
            self.add("matmul by transpose", [x], *[lambda v: v @ v.transpose(flip)] * 2)
        else:
            self.add("matmul", [x, y], *[lambda v, w: v @ w] * 2)

    def softmax(self) -> None:
        k = self.pick(
            lambda entry: entry.value.dtype.kind == "f" and entry.value.ndim > 0 and entry.value.size > 0
        )
        if k is not None:
            self.add("softmax", [k], lambda x: T.nnet.softmax(x, -1), softmax)

    def cast(self) -> None:
        k = self.pick(lambda entry: entry.exact)
        dtype = self.choose(["float64", "float32", "int32", "int64", "bool"])
        before = len(self.graph.entries)
        self.add(f"cast {dtype}", [k], lambda x: T.cast(x, dtype), lambda x: x.astype(dtype), moves=True)
        if dtype == "float32" and len(self.graph.entries) > before:
            self.graph.entries[-1].low = True


def fits(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two shapes broadcast together."""
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]


VIEWS = ["view", "broadcast", "concatenate", "take"]
SMOOTH_KINDS = ["unary", "binary", "reduction", "matmul", "softmax", *VIEWS]
ALL_KINDS = [*SMOOTH_KINDS, "unary", "binary", "where", "cast"]


@st.composite
def graphs(draw: Callable, smooth: bool = False, largest: int = 30) -> Graph:
    """Graphs of 3 to `largest` nodes, with only analytic ops of float64 if `smooth`."""
    builder = Builder(draw, smooth)
    for _ in range(draw(st.integers(1, 3))):
        builder.input()
    for _ in range(draw(st.integers(2, largest))):
        getattr(builder, draw(st.sampled_from(SMOOTH_KINDS if smooth else ALL_KINDS)))()
    return builder.graph

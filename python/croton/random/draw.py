"""One draw: independent random numbers for each element of an array, as expressions of a state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from croton import _core
from croton.config import config
from croton.errors import complaint
from croton.shared import SharedVariable
from croton.tensor.elementwise import apply, cast, where
from croton.tensor.expression import Node, TensorLike, as_node, constant_node, describe, is_weak, wrap
from croton.tensor.types import dtype_name, kind_of
from croton.tensor.variable import Variable


def flat_index(sizes: Sequence[Node]) -> Variable:
    """The position of each element in C order, as uint64."""
    index = wrap(constant_node(0, "int64"))
    for axis, size in enumerate(sizes):
        index = index * wrap(size) + wrap(_core.iota(list(sizes), axis))
    return cast(index, "uint64")


class Draw:
    """Random words for each element of an array of `sizes`.

    Element i takes words 0 and 1, of 64 bits each, from the block of Philox 4x32-10 with the counter
    offset + i and the upper counter words of the draw, words 2 and 3 from the block with one more in those
    upper words, and so on. The state is a vector (key, upper counter words, offset), and a call moves the
    offset on by the number of elements.
    """

    def __init__(self, state: SharedVariable, sizes: Sequence[Node], dtype: str, work: str) -> None:
        self.state, self.sizes = state, list(sizes)
        self.dtype, self.work = dtype, work  # of the result, and what floats are computed in
        self._key, self._stream, offset = (state[k] for k in range(3))
        self._counter = flat_index(sizes) + offset
        count = wrap(constant_node(1, "uint64"))
        for size in sizes:
            count = count * cast(wrap(size), "uint64")
        self.next_state = state + count * np.array([0, 0, 1], "uint64")

    def bits(self, word: int = 0) -> Variable:
        """64 random bits, as uint64. Words 2n and 2n + 1 together cost little more than one."""
        name = "philox_second" if word % 2 else "philox"
        return apply(name, self._counter, self._key, self._stream + np.uint64(word // 2))

    def uniform(self, word: int = 0) -> Variable:
        """In [0, 1), in steps of 2**-53, or 2**-24 in float32."""
        digits = 24 if self.work == "float32" else 53
        return cast(self.bits(word) >> (64 - digits), self.work) * 2.0**-digits

    def tail(self, word: int = 0) -> tuple[Variable, Variable]:
        """A number in (0, 1/2], to full precision near 0, and with equal chances True or False."""
        bits = self.bits(word)
        return (cast(bits >> 1, self.work) + 0.5) * 2.0**-64, cast(bits & 1, "bool")

    def exponential(self, word: int = 0) -> Variable:
        """Of mean 1: to full precision near 0 and in the tail, and never 0."""
        if self.work == "float64":
            return apply("draw_exponential", self.bits(word))
        small, upper = self.tail(word)
        return -where(upper, apply("log", small), apply("log1p", -small))  # cheaper than one in float64

    def normal(self) -> Variable:
        """Of mean 0 and variance 1, by words 0 and 1 (Box and Muller, 1958)."""
        small = (cast(self.bits(0), self.work) + 1.0) * 2.0**-64
        angle = cast(cast(self.bits(1), "int64"), self.work) * (np.pi * 2.0**-63)
        return apply("sqrt", -2.0 * apply("log", small)) * apply("cos", angle)

    def gamma(self, shape: Variable, word: int = 0) -> Variable:
        """Of scale 1."""
        return cast(apply("draw_gamma", shape, self.bits(word)), self.work)

    def log_gamma(self, shape: Variable, word: int = 0) -> Variable:
        """The logarithm of a draw from the gamma distribution, where that itself may be as good as 0.

        A draw of shape a is one of shape a + 1 times u**(1/a). Takes words `word` and `word` + 1.
        """
        return apply("log", self.gamma(shape + 1.0, word)) - self.exponential(word + 1) / shape

    def finish(self, value: Variable) -> Variable:
        """The result, with the attributes by which Theano's programs reach its state."""
        result = wrap(cast(value, self.dtype)._node)
        result.__dict__.update(rng=self.state, update=(self.state, self.next_state))
        return result


# ---- parameters
Rule = Callable[[Any], Any]
RULES: dict[str, tuple[Rule, str]] = {
    "": (lambda x: x == x, "a number as {}"),
    "positive": (lambda x: x > 0, "{} > 0"),
    "scale": (lambda x: x >= 0, "{} >= 0"),
    "chance": (lambda x: (x >= 0) & (x <= 1), "0 <= {} <= 1"),
    "share": (lambda x: (x > 0) & (x <= 1), "0 < {} <= 1"),
    "part": (lambda x: (x > 0) & (x < 1), "0 < {} < 1"),
    "exponent": (lambda x: x > 1, "{} > 1"),
    "count": (lambda x: (x >= 0) & (x == np.floor(x)), "a whole number of 0 or more as {}"),
}


def check_parameter(operation: str, name: str, value: Variable, rule: str) -> None:
    """Raises ValueError for constants that break the rule; what a call brings is not checked."""
    known = value._node._value() if value._node._op == "constant" else None
    holds, text = RULES[rule]
    if known is not None and known.dtype.kind in "biuf" and not np.all(holds(known)):
        raise ValueError(complaint(operation, text.format(name), f"{known!s:.60}"))


def float_dtype(operation: str, dtype: Any, values: Sequence[TensorLike]) -> str:
    """The dtype asked for, or floatX promoted with the dtypes of the parameters."""
    if dtype is not None:
        name = dtype_name(dtype)
        if kind_of(name) != "f" and name != "bfloat16":
            raise TypeError(complaint(operation, "a dtype of floats", name))
        return name
    name = config.floatX
    for value in values:
        if not is_weak(value) and kind_of(as_node(value).dtype) == "f":
            name = _core.promote(name, as_node(value).dtype)
    return name


def count_dtype(operation: str, dtype: Any) -> str:
    """The dtype of a draw of counts: any of real numbers."""
    name = dtype_name(dtype)
    if name.startswith("complex"):
        raise TypeError(complaint(operation, "a dtype of real numbers", name))
    return name


def parameter(operation: str, name: str, value: TensorLike, dtype: str, rule: str = "") -> Variable:
    """A parameter as `dtype`, checked as far as it is known."""
    node = constant_node(value, dtype) if is_weak(value) else as_node(value)
    if np.dtype("float32" if node.dtype == "bfloat16" else node.dtype).kind not in "biuf":
        raise TypeError(complaint(operation, f"real numbers as {name}", describe(wrap(node))))
    result = wrap(_core.cast(node, dtype))
    check_parameter(operation, name, result, rule)
    return result

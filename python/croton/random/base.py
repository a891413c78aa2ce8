"""Seeds and states of a random stream; the distributions are in the modules beside this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.random.draw import Draw, count_dtype, float_dtype, parameter
from croton.shared import SharedVariable, shared
from croton.tensor.broadcasting import _common_sizes
from croton.tensor.expression import Node, TensorLike, size_node, wrap
from croton.tensor.movement import shape_nodes, sizes_of
from croton.tensor.variable import Variable

OFFSET = 2  # in the state of a draw: (key, upper counter words, offset)


class StreamBase:
    """What all distributions build on: the states of the draws of one stream."""

    def __init__(self, seed: Any = None) -> None:
        self._seed = self._sequence(seed)
        self._key = self._key_of(self._seed)
        self._states: list[SharedVariable] = []
        self._updates: list[tuple[SharedVariable, Variable]] = []

    @staticmethod
    def _sequence(seed: Any) -> np.random.SeedSequence:
        if isinstance(seed, np.random.SeedSequence):
            return seed
        try:
            return np.random.SeedSequence(seed)
        except (TypeError, ValueError) as error:
            required = "an integer of 0 or more, a sequence of them, a SeedSequence or None"
            raise type(error)(complaint("RandomStream", required, repr(seed))) from None

    @staticmethod
    def _key_of(sequence: np.random.SeedSequence) -> int:
        return int(sequence.generate_state(1, np.uint64)[0])

    # ---- seeds and states
    def seed(self, seed: Any = None) -> None:
        """Starts all draws of the stream anew, from `seed` or, without one, from the stream's own seed.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> f = ct.function([], rng.normal(size=3))
        >>> first = f()
        >>> rng.seed()
        >>> bool((f() == first).all())
        True
        """
        if seed is not None:
            self._seed = self._sequence(seed)
        self._key = self._key_of(self._seed)
        for number, state in enumerate(self._states):
            state.set_value(self._start(number))

    def _start(self, number: int) -> Any:
        return np.array([self._key, number << 32, 0], "uint64")

    def get_state(self) -> dict[str, Any]:
        """The key, and for each draw how far it has come; see `set_state`."""
        return {"key": self._key, "offsets": [int(state.get_value()[OFFSET]) for state in self._states]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes back to what `get_state` gave, of this stream or of one with as many draws.

        Raises
        ------
        TypeError
            For anything else.
        ValueError
            For the state of a stream with another number of draws.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> f = ct.function([], rng.random(size=2))
        >>> state, values = rng.get_state(), f()
        >>> rng.set_state(state)
        >>> bool((f() == values).all())
        True
        """
        if not isinstance(state, dict) or set(state) != {"key", "offsets"}:
            raise TypeError(complaint("set_state", "what get_state gives", f"{state!r:.100}"))
        offsets = state["offsets"]
        if len(offsets) != len(self._states):
            raise ValueError(
                complaint("set_state", f"offsets of {len(self._states)} draws", f"{len(offsets)}")
            )
        self._key = int(state["key"])
        for number, (cell, offset) in enumerate(zip(self._states, offsets, strict=True)):
            cell.set_value(np.array([self._key, number << 32, int(offset)], "uint64"))

    def spawn(self, n_children: int) -> list[Any]:
        """Streams that are independent of this one and of each other, always the same for the same seed.

        Examples
        --------
        >>> a, b = ct.random.RandomStream(1).spawn(2)
        """
        return [type(self)(child) for child in self._seed.spawn(n_children)]

    def split(self, n: int = 2) -> list[Any]:
        """`spawn`, by JAX's name."""
        return self.spawn(n)

    def updates(self) -> list[tuple[SharedVariable, Variable]]:
        """For each draw its state and the state after a call, for functions that take no default updates."""
        return list(self._updates)

    @property
    def state_updates(self) -> list[tuple[SharedVariable, Variable]]:
        """`updates()`, as an attribute."""
        return self.updates()

    def __getitem__(self, rng: SharedVariable) -> Any:
        """The state of a draw, given by the attribute `rng` of the draw."""
        return self._known(rng).get_value()

    def __setitem__(self, rng: SharedVariable, state: Any) -> None:
        self._known(rng).set_value(state)

    def _known(self, rng: Any) -> SharedVariable:
        if rng not in self._states:
            raise KeyError(complaint(type(self).__name__, "the `rng` of a draw of this stream", f"{rng!r}"))
        return rng  # type: ignore[no-any-return]

    # ---- draws
    def _draw(self, sizes: Sequence[Node], dtype: str = "int64", work: str = "float64") -> Draw:
        """A new draw for each element of an array of `sizes`."""
        number = len(self._states)
        state = shared(self._start(number), name=f"random_{number}", shape=(3,))
        draw = Draw(state, sizes, dtype, work)
        state.default_update = draw.next_state
        self._states.append(state)
        self._updates.append((state, draw.next_state))
        return draw

    def _begin(
        self,
        operation: str,
        size: Any,
        ndim: int | None,
        dtype: Any,
        parameters: dict[str, tuple[TensorLike, str]],
        counts: bool = False,
    ) -> tuple[Draw, list[Variable]]:
        """A draw, and the parameters (name: value and rule) in its dtype and spread to its shape."""
        given = [value for value, _ in parameters.values()]
        result = count_dtype(operation, dtype) if counts else float_dtype(operation, dtype, given)
        work = "float64" if counts else "float32" if result in ("float16", "bfloat16") else result
        values = [parameter(operation, name, value, work, rule) for name, (value, rule) in parameters.items()]
        sizes = sizes_of_draw(operation, size, ndim, values)
        spread = [wrap(_core.broadcast_to(x._node, sizes)) if x.ndim else x for x in values]
        return self._draw(sizes, result, work), spread


def sizes_of_draw(operation: str, size: Any, ndim: int | None, values: Sequence[Variable]) -> list[Node]:
    """The sizes asked for, or those to which the parameters broadcast."""
    if size is None:
        sizes = [size_node(n) for n in _common_sizes([x._node for x in values])] if values else []
    elif isinstance(size, int | np.integer | list | tuple | np.ndarray):
        sizes = shape_nodes(size, operation)
    else:
        sizes = [size_node(n) for n in sizes_of(size, operation, ndim)]
    if ndim is not None and ndim != len(sizes):
        raise ValueError(complaint(operation, f"a size of ndim = {ndim} axes", f"{len(sizes)}"))
    return sizes

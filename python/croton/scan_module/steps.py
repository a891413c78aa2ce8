"""What goes into one step of a loop, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.shared import SharedVariable
from croton.tensor.expression import Node, describe, size_node, wrap
from croton.tensor.variable import Variable, as_variable
from croton.updates import OrderedUpdates

if TYPE_CHECKING:
    from collections.abc import Callable


class until:
    """Ends the loop after the step in which `condition`, a scalar, is true: returned by a step's function."""

    def __init__(self, condition: Any) -> None:
        self.condition = as_variable(condition)
        if self.condition.ndim:
            given = describe(self.condition)
            raise ValueError(complaint("until", "a scalar condition", given, "use T.all or T.any"))


@dataclass
class SequenceInput:
    """An array whose rows the steps read, at places `taps` around the step's own."""

    array: Variable
    taps: list[int]

    @property
    def reach(self) -> tuple[int, int]:
        """The lowest and the highest tap, with 0 between them."""
        return min(*self.taps, 0), max(*self.taps, 0)

    def usable(self) -> Variable:
        """How many steps have a row for each tap."""
        low, high = self.reach
        length: Variable = self.array.shape[0] - (high - low)
        return length

    def rows(self, steps: Variable, enough: bool) -> list[Variable]:
        """For each tap, the array whose row t it reads in step t; `enough` if that many rows are sure."""
        low, _ = self.reach
        if enough:
            starts = [size_node(tap - low) for tap in self.taps]
            return [wrap(_core.slice(self.array._node, 0, start, steps._node, 1)) for start in starts]
        return [self.array[tap - low :][:steps] if tap != low else self.array[:steps] for tap in self.taps]


@dataclass
class StateInput:
    """An output of which steps read earlier values: the last `depth` of them are carried along."""

    initial: Variable
    taps: list[int]
    single: bool  # the initial value is one state, without an axis for several

    @property
    def depth(self) -> int:
        return -min(self.taps)

    def first(self) -> list[Variable]:
        """The values before the first step, the oldest one first."""
        return [self.initial] if self.single else [self.initial[k] for k in range(self.depth)]


@dataclass
class StepResult:
    """What the function of a step returned."""

    outputs: list[Variable] = field(default_factory=list)
    updates: OrderedUpdates = field(default_factory=OrderedUpdates)
    condition: Variable | None = None
    several: bool = True


def as_list(value: Any) -> list[Any]:
    """Nothing, one thing, or several, as a list."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _taps(operation: str, taps: Any, limit: int | None = None) -> list[int]:
    given = list(taps) if isinstance(taps, Sequence) else [taps]
    if not given or not all(isinstance(tap, int) and (limit is None or tap < limit) for tap in given):
        required = "taps as integers" if limit is None else "taps as integers below 0"
        raise ValueError(complaint(operation, required, repr(taps)))
    return given


def read_sequences(sequences: Any) -> list[SequenceInput]:
    """The sequences of a loop, each an array or a dict(input=, taps=)."""
    inputs = []
    for entry in as_list(sequences):
        options = dict(entry) if isinstance(entry, Mapping) else {"input": entry}
        unknown = set(options) - {"input", "taps"}
        if unknown or "input" not in options:
            raise ValueError(complaint("scan", "a sequence as dict(input=, taps=)", str(sorted(options))))
        array = as_variable(options["input"])
        if array.ndim == 0:
            raise TypeError(complaint("scan", "sequences with one axis or more", describe(array)))
        inputs.append(SequenceInput(array, _taps("scan: sequence", options.get("taps", [0]))))
    return inputs


def read_states(outputs_info: Any) -> list[StateInput | None]:
    """The recurrence of each output: None, an initial value, or a dict(initial=, taps=)."""
    states: list[StateInput | None] = []
    for entry in as_list(outputs_info):
        if isinstance(entry, Mapping):
            options = dict(entry)
            if options.get("initial") is None:
                if options.get("taps"):
                    raise ValueError(complaint("scan", "an initial value for taps", repr(options["taps"])))
                states.append(None)
                continue
            taps = _taps("scan: output", options.get("taps", [-1]), limit=0)
            state = StateInput(as_variable(options["initial"]), taps, taps == [-1])
            if not state.single and state.initial.ndim == 0:
                required = f"an initial value with {state.depth} rows for taps {taps}"
                raise ValueError(complaint("scan", required, describe(state.initial)))
            states.append(state)
        else:
            states.append(None if entry is None else StateInput(as_variable(entry), [-1], True))
    return states


def call_step(fn: Callable[..., Any], arguments: list[Variable]) -> StepResult:
    """Calls the function of a step; outputs, updates and `until` may come in any of Theano's forms."""
    returned = fn(*arguments)
    parts = list(returned) if isinstance(returned, tuple | list) else [returned]
    nested = isinstance(returned, tuple | list) and any(_is_group(part) for part in parts)
    result = StepResult(several=False)
    loose: list[Any] = []
    for part in parts:
        if isinstance(part, until):
            result.condition = part.condition
        elif _is_updates(part):
            result.updates.update(part)
        elif nested and isinstance(part, list | tuple):
            result.outputs += [as_variable(x) for x in part]
            result.several = True
        elif part is not None:
            loose.append(part)
    result.outputs += [as_variable(x) for x in loose]
    result.several |= len(loose) > 1 or isinstance(returned, list)
    return result


def _is_updates(part: Any) -> bool:
    if isinstance(part, Mapping):
        return True
    pairs = isinstance(part, list | tuple) and bool(part)
    return pairs and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], SharedVariable)
        for pair in part
    )


def _is_group(part: Any) -> bool:
    return isinstance(part, until | Mapping | list | tuple)


def input_like(x: Variable, drop: int = 0, name: str | None = None) -> Node:
    """A fresh input of the type of `x` without its first `drop` axes."""
    return _core.input(x.dtype, x._node.static_shape[drop:], name or "")


def default_updates(nodes: list[Node], known: OrderedUpdates) -> OrderedUpdates:
    """The default updates of shared variables that the nodes depend on, where nothing else is said."""
    found = OrderedUpdates()
    for leaf in _core.leaves(nodes):
        variable = wrap(leaf)
        if not isinstance(variable, SharedVariable) or variable.default_update is None:
            continue
        if not any(target._node == leaf for target in known):
            found[variable] = variable.default_update
    return found

"""`scan`: a step over rows of sequences, with outputs that the next step reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.scan_module.blocks import block_size
from croton.scan_module.steps import (
    SequenceInput,
    StateInput,
    StepResult,
    as_list,
    call_step,
    default_updates,
    input_like,
    read_sequences,
    read_states,
)
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import Node, describe, size_node, wrap
from croton.tensor.variable import Variable, as_variable
from croton.updates import OrderedUpdates

__all__ = ["scan"]


def _count(sequences: list[SequenceInput], n_steps: Any) -> Variable:
    """How many steps there are."""
    if n_steps is not None:
        steps = as_variable(n_steps)
        if steps.ndim or not steps.dtype.startswith(("int", "uint")):
            raise TypeError(complaint("scan", "n_steps as an integer", describe(steps)))
        return cast(steps, "int64")
    if not sequences:
        raise ValueError(complaint("scan", "n_steps or sequences", "neither"))
    lengths = [sequence.usable() for sequence in sequences]
    shortest = lengths[0]
    for length in lengths[1:]:
        shortest = apply("minimum", shortest, length)
    return shortest


class _Loop:
    """A loop being built: inputs of the step, and what they stand for."""

    def __init__(
        self,
        sequences: list[SequenceInput],
        states: list[StateInput | None],
        steps: Variable,
        enough: bool,
        backwards: bool,
    ) -> None:
        self.steps = steps
        self.sequences: list[Variable] = []
        self.rows: list[Node] = []
        self.initial: list[Variable] = []
        self.carried: list[Node] = []
        self.arguments: list[Variable] = []
        self.states = states
        self.places: list[int] = []  # of each state, the number of its first carried value
        for sequence in sequences:
            if backwards:
                sequence.array = sequence.array[::-1]
            for array in sequence.rows(steps, enough):
                row = input_like(array, 1, sequence.array.name and f"{sequence.array.name}[t]")
                self.sequences.append(array)
                self.rows.append(row)
                self.arguments.append(wrap(row))
        for state in states:
            self.places.append(len(self.carried))
            if state is not None:
                self._carry(state)

    def _carry(self, state: StateInput) -> None:
        values = state.first()
        inputs = [input_like(value, 0, state.initial.name) for value in values]
        self.initial += values
        self.carried += inputs
        self.arguments += [wrap(inputs[state.depth + tap]) for tap in state.taps]

    def next_values(self, outputs: list[Variable]) -> list[Node]:
        """For each carried value what the next step finds in its place."""
        following: list[Node] = []
        for k, state in enumerate(self.states):
            if state is None:
                continue
            new, first = outputs[k], self.initial[self.places[k]]
            if (new.dtype, new.ndim) != (first.dtype, first.ndim):
                required = (
                    f"output {k} of the step as its initial state, {first.dtype} with {first.ndim} axes"
                )
                remedy = (
                    f"the step's output needs .astype({first.dtype!r}), or its initial state another type"
                )
                raise TypeError(complaint("scan", required, describe(new), remedy))
            following += self.carried[self.places[k] + 1 : self.places[k] + state.depth]
            following.append(new._node)
        return following

    def trace_of(self, k: int) -> int:
        """The number of the carried value that is output k."""
        state = self.states[k]
        assert state is not None
        return self.places[k] + state.depth - 1


def _check_strict(result: StepResult, known: list[Node]) -> None:
    """Every input and shared variable of the step has been handed to it, or is updated by it."""
    outputs = [x._node for x in result.outputs]
    drawn = default_updates(outputs, result.updates)
    seen: set[Any] = {*known, *(x._node for x in (*result.updates, *drawn))}
    stack = outputs
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node._op in ("input", "shared"):
            remedy = "pass it as one of the non_sequences, or use strict=False"
            raise ValueError(
                complaint("scan", "steps that use only what they are given", describe(wrap(node)), remedy)
            )
        stack += node._inputs


def scan(
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: bool | None = None,
    strict: bool = False,
    return_list: bool = False,
    return_updates: bool = True,
    checkpoint: int | bool | str | None = None,
) -> Any:
    """A step repeated over the rows of sequences, each of which may read what earlier ones returned.

    The whole loop is one op: its step is compiled into the function, what no step changes is computed before
    it, and outputs of which only the last is read are not stored.

    Parameters
    ----------
    fn : callable
        Called once, with expressions: the taps of each sequence, those of each output, then `non_sequences`.
        Returns an output or a list of them, alone or with a dict of updates of shared variables and with
        `until(condition)`.
    sequences : array_like, Variable, dict, or list of them
        Arrays whose rows the steps read. dict(input=x, taps=[-1, 0, 2]) hands over the rows around the
        step's own. The shortest sequence decides how many steps there are.
    outputs_info : Variable, dict, None, or list of them
        For each output its value before the first step, or None for one that no step reads.
        dict(initial=x, taps=[-2, -1]) hands over earlier values, for which `x` has the first rows.
    non_sequences : list, optional
        What every step gets as it is. Whatever else a step uses is found, unless `strict`.
    n_steps : int or integer scalar, optional
    truncate_gradient : int
        How many of the last steps gradients go through; -1 means all.
    go_backwards : bool
        Sequences are read from their ends.
    strict : bool
        Steps that use variables they were not handed are errors, except for those that they update.
    return_list : bool
        A list even of a single output.
    return_updates : bool
        False returns the outputs alone.
    checkpoint : int, bool or str, optional
        With n, gradients need the states of every n-th step only, and take the n steps between two of them
        again where they go through them: for N steps the memory of about N / n states and n steps, at the
        price of one more forward pass. True chooses n, about sqrt(N). A memory budget such as "64 MB" (B, kB,
        MB or GB, of 1000 each) chooses the least n with which the stored states fit into it, up to that of
        True. Not together with `truncate_gradient`, which needs few steps as it is.
    mode, name, profile, allow_gc
        Accepted as in Theano.

    Returns
    -------
    outputs : Variable, or list of them
        What each step returned, along a new first axis; up to the step that ended the loop.
    updates : OrderedUpdates
        The next values of shared variables, for `function`.

    Raises
    ------
    TypeError
        If an output's dtype or rank differs from that of its initial value.
    ValueError
        For a `checkpoint` below 1, one that is no budget, or one with `truncate_gradient`.
        In the call, for sequences with fewer rows than steps and states whose shapes change.

    Examples
    --------
    >>> k, a = T.iscalar("k"), T.dvector("a")
    >>> powers, _ = ct.scan(lambda p: p * a, outputs_info=T.ones_like(a), n_steps=k)
    >>> ct.function([a, k], powers)([1.0, 2.0], 3)
    array([[1., 2.],
           [1., 4.],
           [1., 8.]])
    """
    inputs, states = read_sequences(sequences), read_states(outputs_info)
    given = [as_variable(x) for x in as_list(non_sequences)]
    loop = _Loop(inputs, states, _count(inputs, n_steps), n_steps is None, go_backwards)
    result = call_step(fn, loop.arguments + given)
    if not states:
        loop.states = states = [None] * len(result.outputs)
        loop.places = [0] * len(states)
    if len(states) != len(result.outputs):
        required = f"as many outputs of the step as there are in outputs_info, {len(states)}"
        raise ValueError(complaint("scan", required, str(len(result.outputs))))
    if strict:
        _check_strict(result, loop.rows + loop.carried + [x._node for x in given])
    truncated = max(truncate_gradient, 0)
    block = block_size(checkpoint, loop.steps, loop.initial, truncated)
    outputs, updates = _run(loop, result, truncated, block)
    several = return_list or result.several or len(outputs) > 1
    shown = outputs if several else outputs[0] if outputs else None
    return (shown, updates) if return_updates else shown


def _run(
    loop: _Loop, result: StepResult, truncated: int, block: Node | None
) -> tuple[list[Variable], OrderedUpdates]:
    """The outputs of the loop, and the shared variables after it."""
    yields = [x._node for x, state in zip(result.outputs, loop.states, strict=True) if state is None]
    following = loop.next_values(result.outputs)
    condition = None if result.condition is None else apply("ne", result.condition, 0)._node
    everything = [*following, *yields, *([condition] if condition else [])]
    updates = result.updates + default_updates(
        everything + [as_variable(x)._node for x in result.updates.values()], result.updates
    )
    targets = list(updates)
    stand_ins = [input_like(target) for target in targets]
    nodes = everything + [as_variable(updates[target])._node for target in targets]
    if targets:
        pairs = [(target._node, node) for target, node in zip(targets, stand_ins, strict=True)]
        nodes = _core.substitute(nodes, pairs)
    count, states = len(yields), len(following)
    last, found, traces, taken = _core.scan(
        loop.steps._node,
        [x._node for x in loop.sequences],
        loop.rows,
        [*(x._node for x in loop.initial), *(target._node for target in targets)],
        loop.carried + stand_ins,
        nodes[:states] + nodes[len(everything) :],
        nodes[states : states + count],
        nodes[states + count] if condition else None,
        truncated,
        False,
        block,
    )
    rows = iter(found)
    outputs = [
        wrap(next(rows) if state is None else traces[loop.trace_of(k)]) for k, state in enumerate(loop.states)
    ]
    if condition:
        outputs = [wrap(_core.slice(x._node, 0, size_node(0), taken, 1)) for x in outputs]
    values = zip(targets, last[states:], strict=True)
    return outputs, OrderedUpdates([(target, wrap(value)) for target, value in values])

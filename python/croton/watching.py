"""Modes that look at every value that a function computes: NanGuardMode, MonitorMode, DebugMode."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from croton import _core
from croton.config import config
from croton.evaluation import value_from
from croton.graph_text import place
from croton.modes import Mode
from croton.reference import Array, Leaves, Node, ReferenceFunction
from croton.tensor.expression import wrap
from croton.tensor.types import kind_of
from croton.tensor.variable import Variable
from croton.verify import first_difference, magnitude
from croton.watched_loops import Values, WatchedLoop, compiled, computing_among, loops_among, missing

if TYPE_CHECKING:
    from croton.arguments import Converter
    from croton.spec import Spec

__all__ = ["DebugMode", "MonitorMode", "NanGuardMode"]

BIG = 1e10
# Elementwise ops in which nothing large cancels.
EXACT = {row["name"] for row in _core.op_rows() if row["elementwise"]} - {"add", "sub"}


@dataclass(frozen=True)
class Step:
    """One op of a function, as MonitorMode shows it: its name, its operands, its results, the user's line."""

    op: str
    inputs: list[Variable]
    outputs: list[Variable]
    source: tuple[str, int] | None

    def __str__(self) -> str:
        return place(self.outputs[0]._node)


@dataclass(frozen=True)
class Cells:
    """The values of one op, each in a list of its own as in Theano: `fn.inputs[0][0]`, `fn.outputs[0][0]`."""

    inputs: list[list[Array | None]]
    outputs: list[list[Array]]


@dataclass(frozen=True)
class Seen:
    """What a mode sees of a call, before shared variables change.

    Attributes
    ----------
    spec : Spec
    leaves : list of pairs
        The arguments.
    known : dict
        The values of inputs and shared variables that are used.
    computed : dict
        What is computed from them, each expression after its inputs.
    results : list of arrays
        The outputs and the new values of shared variables.
    loops : dict
        For each loop that is computed, what runs its steps once more, where the mode asks for that.
    """

    spec: Spec
    leaves: Leaves
    known: Values
    computed: Values
    results: list[Array]
    loops: dict[Node, WatchedLoop]


class WatchedFunction(ReferenceFunction):
    """A compiled function that also returns what it computes on the way, and shows it to its mode.

    It computes the rewritten expressions, as a function of mode FAST_RUN does; but it keeps all values, so
    it takes more memory and time.
    """

    def __init__(self, spec: Spec, converters: list[Converter], binder: Any, mode: WatchingMode) -> None:
        super().__init__(spec, converters, binder)
        self._mode = mode
        roots = spec.outputs + [value for _, value in spec.updates]
        self._roots = _core.optimized(roots, mode.skip)
        nodes = _core.nodes(self._roots)
        self._leaves = [node for node in nodes if node._op in ("input", "shared")]
        self._watched = computing_among(nodes)
        self._loops = loops_among(self._watched, mode.skip) if mode.steps else {}
        inputs = [entry.variable._node for entry in spec.inputs]
        results = self._roots + self._leaves + self._watched
        self._run = compiled(inputs, results, spec.name, mode.skip)

    def _compute(self, nodes: list[Node], leaves: Leaves) -> list[Array]:
        values = self._run(*(value for _, value in leaves))
        count, first = len(self._roots), len(self._roots) + len(self._leaves)
        known = dict(zip(self._leaves, values[count:first], strict=True))
        computed = dict(zip(self._watched, values[first:], strict=True))
        results: list[Array] = values[:count]
        self._mode.look(Seen(self._spec, leaves, known, computed, results, self._loops))
        return results


@dataclass(frozen=True)
class WatchingMode(Mode):
    """What modes that look at all values have in common; those with `steps` look into loops."""

    steps: ClassVar[bool] = False
    linker: str | None = field(default=None, kw_only=True)
    optimizer: str | None = field(default="default", kw_only=True)
    excluded: frozenset[str] = field(default=frozenset(), kw_only=True, repr=False)

    def make(self, spec: Spec, converters: list[Converter], binder: Any) -> Any:
        """The callable for a specification."""
        return WatchedFunction(spec, converters, binder, self)

    def look(self, call: Seen) -> None:
        """Looks at the values of a call; raises to stop it."""
        raise NotImplementedError


@dataclass(frozen=True)
class NanGuardMode(WatchingMode):
    """Raises AssertionError for the first NaN, infinity or huge value that a function reads or computes.

    Of a value inside a loop the message names the expression and line in the step function, and the step:
    for that, loops run once more, step by step.

    Parameters
    ----------
    nan_is_error, inf_is_error, big_is_error : bool, optional
        Whether NaN, infinities and magnitudes above 1e10 are errors; by default as `config.NanGuardMode`.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> f = ct.function([x], T.log(x).sum(), mode="NanGuardMode")
    >>> f([1.0, 2.0])
    array(0.69314718)
    >>> f([1.0, -1.0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
      ...
    AssertionError: function...: required no NaN, given nan at (1,) of log(x) (made at ...)
    """

    steps: ClassVar[bool] = True

    nan_is_error: bool | None = None
    inf_is_error: bool | None = None
    big_is_error: bool | None = None

    def _kinds(self) -> list[tuple[str, Callable[[Array], Array]]]:
        def chosen(flag: bool | None, name: str) -> bool:
            return bool(getattr(config.NanGuardMode, name)) if flag is None else flag

        kinds: list[tuple[str, Callable[[Array], Array]]] = []
        if chosen(self.nan_is_error, "nan_is_error"):
            kinds.append(("NaN", np.isnan))
        if chosen(self.inf_is_error, "inf_is_error"):
            kinds.append(("infinities", np.isinf))
        if chosen(self.big_is_error, "big_is_error"):
            kinds.append((f"magnitudes above {BIG:g}", lambda x: np.isfinite(x) & (np.abs(x) > BIG)))
        return kinds

    def look(self, call: Seen) -> None:
        """Checks all values."""
        self._check(call.spec.name, call.known, call.computed, call.loops)

    def _check(
        self, title: str, known: Values, computed: Values, loops: dict[Node, WatchedLoop], where: str = ""
    ) -> None:
        values = {**known, **computed}
        for node, value in values.items():
            if node in loops:
                loop = loops[node]
                for number, (given, found) in enumerate(loop.run(node, values)):
                    at = f" at {node._source[0]}:{node._source[1]}" if node._source else ""
                    step = f", in step {number} of the scan{at}{where}"
                    self._check(title, given, found, loop.loops, step)
            self._check_value(title, node, value, where)

    def _check_value(self, title: str, node: Node, value: Array, where: str) -> None:
        if kind_of(value.dtype) not in "fc":
            return
        for name, test in self._kinds():
            wrong = np.atleast_1d(test(value))
            if wrong.any():
                place_of = tuple(int(k) for k in np.argwhere(wrong)[0])
                element = value[place_of] if value.ndim else value[()]
                at = f" at {place_of}" if value.ndim else ""
                _report(f"{title}: required no {name}, given {element}{at} of {place(node)}{where}")


def _report(text: str) -> None:
    action = config.NanGuardMode.action
    if action == "raise":
        raise AssertionError(text)
    warnings.warn(text, stacklevel=5)
    if action == "pdb":
        breakpoint()


@dataclass(frozen=True)
class MonitorMode(WatchingMode):
    """Shows each op of a function with its values to a function of yours.

    Parameters
    ----------
    pre_func, post_func : callable, optional
        Called as `func(i, node, fn)` for op number `i`: `node` is a `Step`, `fn.inputs` and `fn.outputs` are
        lists of one-element lists with the values. All values are computed before the first call.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> def show(i, node, fn):
    ...     print(node.op, fn.outputs[0][0])
    >>> f = ct.function([x], T.exp(x).sum(), mode=ct.compile.MonitorMode(post_func=show))
    >>> value = f([0.0, 0.0])
    exp [1. 1.]
    sum 2.0
    """

    pre_func: Callable[..., Any] | None = None
    post_func: Callable[..., Any] | None = None

    def look(self, call: Seen) -> None:
        """Calls the functions."""
        values = {**call.known, **call.computed}
        for i, (node, value) in enumerate(call.computed.items()):
            step = Step(node._op, [wrap(x) for x in node._inputs], [wrap(node)], node._source)
            cells = Cells([[_value(x, values)] for x in node._inputs], [[value]])
            for function in (self.pre_func, self.post_func):
                if function is not None:
                    function(i, step, cells)


def _value(node: Node, values: dict[Node, Array]) -> Array | None:
    """The value of an operand; None of one that is only looked through (a transpose, say)."""
    return node._value() if node._op == "constant" else values.get(node)


def detect_nan(i: int, node: Step, fn: Cells) -> None:
    """Prints the first lines about an op whose result has NaN: a function for `MonitorMode(post_func=)`.

    Parameters
    ----------
    i : int
    node : Step
    fn : Cells
    """
    for (value,) in fn.outputs:
        if kind_of(value.dtype) in "fc" and np.isnan(value).any():
            print(f"*** NaN detected *** op {i}: {node}")
            print(f"Inputs : {[cell[0] for cell in fn.inputs]}")


@dataclass(frozen=True)
class DebugMode(WatchingMode):
    """Compares every value that compiled code computes with the reference interpreter's, at each call.

    Rewritten expressions are compared with those that were written, too.

    Raises
    ------
    AssertionError
        Naming the first op whose values differ, with your line; or, with `config.DebugMode.check_finite`, the
        first NaN or infinity.
    """

    def look(self, call: Seen) -> None:
        """Compares all values: each op's from what compiled code has for its operands, then the results."""
        values = {**call.known, **call.computed}
        for node, got in call.computed.items():
            call_of = node._inputs[0] if node._op == "output" else node
            if call_of._op in ("observe", "user_op"):
                continue  # it would print once more, or do what nobody knows
            want = value_from(node, values.get, missing)
            cancels = node._op not in EXACT
            operands = [values[x] for x in node._inputs if x in values] if cancels else []
            _compare(call, place(node), got, want, max(map(magnitude, operands), default=0.0))
        # What cancels in a result is as exact as the largest number on the way to it.
        scale = max(map(magnitude, values.values()), default=0.0)
        written = call.spec.outputs + [value for _, value in call.spec.updates]
        for node, got, want in zip(written, call.results, _core.interpret(written, call.leaves), strict=True):
            _compare(call, f"as written, {place(node)}", got, want, scale)
        if config.DebugMode.check_finite:
            NanGuardMode(nan_is_error=True, inf_is_error=True, big_is_error=False).look(call)


def _compare(call: Seen, what: str, got: Array, want: Array, scale: float = 0.0) -> None:
    difference = first_difference(got, want, None, scale)
    if difference:
        raise AssertionError(f"{call.spec.name}: {what} {difference}")

"""Expressions as functions of variables, with gradients of their own where they have some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from croton.clone import clone
from croton.custom_gradient import other_operands, with_gradients
from croton.errors import complaint
from croton.partial_gradients import Rop, listed
from croton.tensor.creation import zeros_like
from croton.tensor.gradient import FLOATS, DisconnectedType, grad
from croton.tensor.variable import Variable, as_variable

Rule = Callable[[list[Variable], list[Variable], list[Variable]], Any]


class OpFromGraph:
    """Expressions as a function of variables: calling it puts others in their place.

    Parameters
    ----------
    inputs : list of Variable
    outputs : list of Variable
        Shared variables in them need not be among the inputs.
    inline : bool
        Accepted as in Theano: the expressions are always written out where they are used.
    lop_overrides : optional
        What gives the gradients in place of the rules for the expressions: a function (or an OpFromGraph) of
        inputs, outputs and gradients of outputs that returns a list, one gradient for each input; or a list
        with one entry for each input: such a function that returns its gradient, "default", or None or
        `DisconnectedType()` for none at all.
    grad_overrides : optional
        The same, of inputs and gradients of outputs. At most one of both can be given.
    rop_overrides : optional
        What `Rop` uses in place of the rules: a function of inputs and of their changes (zeros for those that
        do not change) that returns a list, one change for each output; or a list with an entry for each.
    connection_pattern : list of list of bool, optional
        For each input and each output whether gradients flow from here to there.
    name : str, optional
        For messages.
    options
        Others of `function`, but `updates` and `givens`: accepted as in Theano.

    Raises
    ------
    TypeError
        If inputs or outputs are no lists of variables; for updates and givens.
    ValueError
        For both overrides, or a list of another length.

    Examples
    --------
    >>> x, y = T.dvectors("x", "y")
    >>> distance = ct.OpFromGraph([x, y], [((x - y) ** 2).sum()])
    >>> distance([1.0, 2.0], [1.0, 5.0]).eval()
    array(9.)
    >>> clipped = ct.OpFromGraph(
    ...     [x], [x**2], lop_overrides=lambda inputs, outputs, g: [T.clip(2 * inputs[0] * g[0], -1, 1)]
    ... )
    >>> ct.grad(clipped(x).sum(), x).eval({x: [0.25, 4.0]})
    array([0.5, 1. ])
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Any],
        inline: bool = True,
        lop_overrides: Any = "default",
        grad_overrides: Any = "default",
        rop_overrides: Any = "default",
        connection_pattern: Sequence[Sequence[bool]] | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        self.name = name or "OpFromGraph"
        for option in ("updates", "givens"):
            if option in options:
                raise TypeError(complaint(self.name, f"no {option}", "some", "function takes them"))
        for title, parts in (("inputs", inputs), ("outputs", outputs)):
            if not isinstance(parts, list | tuple) or not all(isinstance(x, Variable) for x in parts):
                raise TypeError(complaint(self.name, f"a list of variables as {title}", f"{parts!r:.100}"))
        self.inputs, self.outputs = list(inputs), list(outputs)
        given = [rules for rules in (lop_overrides, grad_overrides) if not _is_default(rules)]
        if len(given) > 1:
            raise ValueError(complaint(self.name, "lop_overrides or grad_overrides", "both"))
        self._overrides: Any = given[0] if given else "default"
        self._with_outputs = not _is_default(lop_overrides)
        if isinstance(self._overrides, list | tuple) and len(self._overrides) != len(self.inputs):
            raise ValueError(complaint(self.name, f"{len(self.inputs)} overrides", str(len(self._overrides))))
        self._forward = rop_overrides
        self._pattern = connection_pattern
        self._others = other_operands(self.outputs, self.inputs)

    def __call__(self, *arguments: Any) -> Any:
        if len(arguments) != len(self.inputs):
            raise TypeError(complaint(self.name, f"{len(self.inputs)} arguments", str(len(arguments))))
        results = clone(self.outputs, list(zip(self.inputs, arguments, strict=True)))
        forward = None if _is_default(self._forward) else self._tangents
        if not _is_default(self._overrides) or forward or self._pattern is not None:
            operands = [*map(as_variable, arguments), *self._others]
            results = with_gradients(self.name, results, operands, self._gradients, forward)
        return results if len(results) > 1 else results[0]

    def _gradients(self, inputs: list[Variable], outputs: list[Variable], g: list[Variable]) -> list[Any]:
        count = len(self.inputs)
        rules = self._overrides
        if _is_default(rules) or isinstance(rules, list | tuple):
            values = self._default(inputs, g)
        else:
            others = self._default(inputs, g)[count:] if len(inputs) > count else []
            values = [*listed(self._call(rules, inputs, outputs, g)), *others]
        if isinstance(rules, list | tuple):
            for i, rule in enumerate(rules):
                if not _is_default(rule):
                    values[i] = self._call(rule, inputs, outputs, g)
        for i, connected in enumerate(self._pattern or ()):
            values[i] = values[i] if any(connected) else None
        return values

    def _call(self, rule: Any, inputs: list[Variable], outputs: list[Variable], g: list[Variable]) -> Any:
        return _applied(rule, [inputs[: len(self.inputs)], *([outputs] if self._with_outputs else []), g])

    def _default(self, inputs: list[Variable], g: list[Variable]) -> list[Any]:
        """The gradients by the rules for the expressions, also by what is not among the inputs."""
        wrt = [*self.inputs, *self._others]
        slopes = [y.type() for y in self.outputs]
        known = [(y, slope) for y, slope in zip(self.outputs, slopes, strict=True) if y.dtype in FLOATS]
        found = iter(
            grad(
                None,
                [x for x in wrt if x.dtype in FLOATS],
                disconnected_inputs="ignore",
                known_grads=known,
                return_disconnected="None",
            )
        )
        values = [next(found) if x.dtype in FLOATS else None for x in wrt]
        pairs = [*zip(wrt, inputs, strict=True), *zip(slopes, g, strict=True)]
        return [value if value is None else clone(value, pairs, strict=False) for value in values]

    def _tangents(self, inputs: list[Variable], points: list[Variable | None]) -> list[Any]:
        count = len(self.inputs)
        values = self._changes(inputs, points)
        others = self._changes(inputs, [*(None for _ in self.inputs), *points[count:]])
        own = [zeros_like(x) if v is None else v for x, v in zip(inputs, points, strict=True)][:count]
        rules = self._forward
        if not isinstance(rules, list | tuple):
            given = listed(_applied(rules, [inputs[:count], own]))
        else:
            given = ["default" if _is_default(r) else _applied(r, [inputs[:count], own]) for r in rules]
        for k, value in enumerate(given):
            if not _is_default(value):
                missing = value is None or isinstance(value, DisconnectedType)
                values[k] = others[k] if missing else value + others[k]
        return values

    def _changes(self, inputs: list[Variable], points: list[Variable | None]) -> list[Any]:
        """How the outputs change, by the rules for the expressions."""
        wrt = [*self.inputs, *self._others]
        chosen = [k for k, v in enumerate(points) if v is not None]
        if not chosen:
            return [zeros_like(y) for y in clone(self.outputs, list(zip(wrt, inputs, strict=True)))]
        stand_ins = {k: wrt[k].type() for k in chosen}
        found = Rop(self.outputs, [wrt[k] for k in chosen], list(stand_ins.values()), "ignore")
        pairs = [*zip(wrt, inputs, strict=True), *((stand_ins[k], points[k]) for k in chosen)]
        return clone(found, pairs, strict=False)  # type: ignore[no-any-return]


def _applied(rule: Any, groups: list[list[Variable]]) -> Any:
    if rule is None or isinstance(rule, DisconnectedType | Variable):
        return rule
    return rule(*[x for group in groups for x in group]) if isinstance(rule, OpFromGraph) else rule(*groups)


def _is_default(rules: Any) -> bool:
    return isinstance(rules, str) and rules == "default"

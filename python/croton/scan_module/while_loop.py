"""Loops that go on while a condition holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.ifelse import as_condition
from croton.scan_module.steps import as_list, default_updates, input_like
from croton.tensor.elementwise import apply
from croton.tensor.expression import describe, nodes_of, size_node, wrap
from croton.tensor.variable import Variable, as_variable
from croton.updates import OrderedUpdates

__all__ = ["while_loop"]

ENDLESS = 2**63 - 1


def _limit(max_steps: Any) -> Variable:
    limit = wrap(size_node(ENDLESS)) if max_steps is None else as_variable(max_steps)
    if limit.ndim or not limit.dtype.startswith(("int", "uint")):
        raise TypeError(complaint("while_loop", "max_steps as an integer", describe(limit)))
    return limit.astype("int64")


def _next_states(body: Callable[..., Any], states: list[Variable], carried: list[Variable]) -> list[Variable]:
    returned = as_list(body(*carried))
    if len(returned) != len(states):
        required = f"as many next states as there are in initial, {len(states)}"
        raise ValueError(complaint("while_loop", required, str(len(returned))))
    following = [wrap(nodes_of([new, old])[0]) for new, old in zip(returned, carried, strict=True)]
    for k, (new, old) in enumerate(zip(following, states, strict=True)):
        if (new.dtype, new.ndim) != (old.dtype, old.ndim):
            required = f"the next value of state {k} as its initial one, {old.dtype} with {old.ndim} axes"
            remedy = f"use .astype({old.dtype!r}) in the step, or give the initial state another type"
            raise TypeError(complaint("while_loop", required, describe(new), remedy))
    return following


def while_loop(
    condition: Callable[..., Any],
    body: Callable[..., Any],
    initial: Any,
    max_steps: Any = None,
) -> Any:
    """States after steps that are taken for as long as a condition holds.

    Nothing is kept of the steps, so that the loop takes as much memory as one of them. A gradient runs the
    loop once more to store its states, as many as there were steps.

    Parameters
    ----------
    condition : callable
        Called once, with expressions for the states; returns a scalar, which is true if it is not zero. It
        is asked before the first step, too.
    body : callable
        Called once, with the states; returns the next ones. They keep their dtypes and shapes. Random draws
        need `scan`.
    initial : array_like or Variable, or list of them
    max_steps : int or integer scalar, optional
        Where to stop in any case.

    Returns
    -------
    Variable, or list of them
        The states for which the condition does not hold, as `initial` is given.

    Raises
    ------
    TypeError
        If the condition is no scalar, or a next state differs from its initial one in dtype or number of
        axes.
    ValueError
        If there are not as many next states as initial ones, or the step draws random numbers. In the call,
        for states whose shapes change.

    Examples
    --------
    >>> a, b = T.lscalar("a"), T.lscalar("b")
    >>> gcd, _ = ct.while_loop(lambda x, y: T.neq(y, 0), lambda x, y: [y, x % y], [a, b])
    >>> ct.function([a, b], gcd)(12, 18)
    array(6)
    """
    several = isinstance(initial, list | tuple)
    states = [as_variable(x) for x in (initial if several else [initial])]
    if not states:
        raise ValueError(complaint("while_loop", "at least one state", "none"))
    inputs = [input_like(x, 0, x._node._leaf_name) for x in states]
    carried = [wrap(x) for x in inputs]
    following = _next_states(body, states, carried)
    test = as_condition("while_loop", condition(*carried))._node
    nodes = [x._node for x in following]
    drawn = default_updates([*nodes, test], OrderedUpdates())
    if drawn:
        remedy = "scan with until takes steps that draw"
        raise ValueError(
            complaint("while_loop", "steps without updates", describe(next(iter(drawn))), remedy)
        )
    initial_nodes = [x._node for x in states]
    (start,) = _core.substitute([test], list(zip(inputs, initial_nodes, strict=True)))
    (again,) = _core.substitute([test], list(zip(inputs, nodes, strict=True)))
    limit = apply("where", wrap(start), _limit(max_steps), 0)
    until = _core.apply("logical_not", [again])
    last = _core.while_loop(limit._node, initial_nodes, inputs, nodes, until)
    results = [wrap(node) for node in last]
    return type(initial)(results) if several else results[0]

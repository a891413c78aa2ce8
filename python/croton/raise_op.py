"""Ops with an effect while a function runs: assertions, errors, breakpoints, and functions of the user's."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Node, TensorLike, as_node, describe, wrap
from croton.tensor.variable import Variable

_identities = itertools.count(1)  # 0 is that of ops which are one wherever they are equal


def _true_wherever(condition: Node) -> bool:
    value = condition._value() if condition._op == "constant" else None
    return value is not None and bool(value.all())


def _as_condition(condition: Node) -> Node:
    """A bool scalar: whether all elements are true."""
    node = _core.cast(condition, "bool")
    return _core.reduce("min", node, list(range(node.ndim)), False) if node.ndim else node


class Assert:
    """Checks conditions each time a value is computed.

    Parameters
    ----------
    msg : str
        What the AssertionError says; your line is added.

    Raises
    ------
    TypeError
        If `msg` is no string.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> positive = T.opt.Assert("x must be positive")(x, T.all(x > 0))
    >>> f = ct.function([x], T.log(positive).sum())
    >>> f([1.0, 1.0])
    array(0.)
    >>> f([1.0, -1.0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
      ...
    AssertionError: x must be positive (...)
    """

    def __init__(self, msg: str = "Croton Assert failed!") -> None:
        if not isinstance(msg, str):
            raise TypeError(complaint("Assert", "a message", repr(msg)))
        self.msg = msg
        self._observer = _core.keep_assertion(msg)

    def __call__(self, value: TensorLike, *conds: TensorLike) -> Variable:
        """`value`, which can be computed only where all conditions hold.

        Parameters
        ----------
        value : TensorLike
        conds : TensorLike
            Of an array, all elements have to be true. Those that are constants and true are left out.

        Raises
        ------
        AssertionError
            When the function is called, if one of them is false and the value is needed.
        """
        if not conds:
            raise TypeError(complaint("Assert", "a value and conditions", "a value alone"))
        nodes = [as_node(condition) for condition in conds]
        conditions = [_as_condition(condition) for condition in nodes if not _true_wherever(condition)]
        node = as_node(value)
        return wrap(_core.observe(node, conditions, self._observer, 0) if conditions else node)

    def __repr__(self) -> str:
        return f"Assert({self.msg!r})"


assert_op = Assert()
assert_ = assert_op


def observed(value: TensorLike, others: Sequence[TensorLike], function: Callable[..., Any]) -> Variable:
    """`value`, before which `function` gets the arrays of `others` each time it is computed.

    Parameters
    ----------
    value : TensorLike
    others : sequence of TensorLike
    function : callable
        What it raises ends the call of the compiled function. It must not change shared variables if that
        one uses some, nor read any if that one updates some; and may be called by any thread.
    """
    nodes = [as_node(other) for other in others]
    return wrap(_core.observe(as_node(value), nodes, _core.keep_observer(function), next(_identities)))


class Raise:
    """Raises an error when its value is needed.

    Parameters
    ----------
    msg : str
    exc : type of exception

    Raises
    ------
    TypeError
        If `exc` is no type of exception.
    """

    def __init__(self, msg: str = "", exc: type[Exception] = NotImplementedError) -> None:
        if not (isinstance(exc, type) and issubclass(exc, Exception)):
            raise TypeError(complaint("Raise", "a type of exception", repr(exc)))
        self.msg, self.exc = msg, exc

    def __call__(self, *inputs: TensorLike) -> Variable:
        """The first of `inputs`, for a graph that must never need it."""
        if not inputs:
            raise TypeError(complaint("Raise", "at least one input", "none"))

        def fail(value: Any) -> None:
            raise self.exc(self.msg)

        return observed(inputs[0], inputs[:1], fail)


class PdbBreakpoint:
    """Stops in the debugger when a condition holds, with the values of some expressions at hand.

    Parameters
    ----------
    name : str
        For the message at the stop.

    Raises
    ------
    TypeError
        When it is called without variables to look at.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name

    def __call__(self, condition: TensorLike, *monitored_vars: TensorLike) -> Any:
        """The expressions, to use in place of those given.

        Parameters
        ----------
        condition : TensorLike
            A scalar; nothing happens where it is 0.
        monitored_vars : TensorLike
            What can be looked at, in the debugger's list `values`.
        """
        if not monitored_vars:
            given = describe(condition)
            raise TypeError(complaint("PdbBreakpoint", "variables to look at", f"only the condition {given}"))

        def stop(condition: Any, *values: Any) -> None:
            if condition.any():
                print(f"'{self.name}' at a breakpoint: see the list values")
                breakpoint()

        condition = wrap(as_node(condition))
        checked = observed(condition, [condition, *monitored_vars], stop)  # stops once for all of them
        results = [wrap(_core.apply("after", [as_node(x), checked._node])) for x in monitored_vars]
        return results[0] if len(results) == 1 else results

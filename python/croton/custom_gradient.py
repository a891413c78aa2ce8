"""Expressions whose gradients the user gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

from croton import _core
from croton.errors import complaint, user_source
from croton.free_variables import free_expressions
from croton.op_gradients import known_gradients, nodes_of_derivatives
from croton.tensor.expression import Node, describe, wrap
from croton.tensor.gradient import FLOATS
from croton.tensor.variable import Variable, as_variable

__all__ = ["custom_vjp"]

# The gradients by inputs, from these, outputs and the gradients of outputs.
Backward = Callable[[list[Variable], list[Variable], list[Variable]], Any]
Forward = Callable[[list[Variable], list[Variable | None]], Any]


class Override:
    """What the engine asks for the gradients of one use."""

    def __init__(self, name: str, outputs: int, backward: Backward, forward: Forward | None) -> None:
        self.name, self.outputs, self.backward, self.forward = name, outputs, backward, forward
        if forward is not None:
            self.tangents = self._tangents

    def gradients(self, g: list[Node | None], operands: list[Node], results: list[Node]) -> list[Node | None]:
        values = [wrap(x) for x in operands]
        outputs, inputs = values[: self.outputs], values[self.outputs :]
        slopes = self.backward(inputs, outputs, known_gradients(g, outputs))
        return [None] * self.outputs + nodes_of_derivatives(f"{self.name}: backward", slopes, inputs)

    def _tangents(
        self, changes: list[Node | None], operands: list[Node], results: list[Node]
    ) -> list[Node | None]:
        inputs = [wrap(x) for x in operands[self.outputs :]]
        values = self.forward(inputs, [x and wrap(x) for x in changes[self.outputs :]])  # type: ignore[misc]
        nodes = nodes_of_derivatives(f"{self.name}: forward", values, [wrap(y) for y in results])
        return [x and _core.cast(x, y.dtype) for x, y in zip(nodes, results, strict=True)]


def with_gradients(
    name: str,
    outputs: Sequence[Variable],
    inputs: Sequence[Variable],
    backward: Backward,
    forward: Forward | None = None,
) -> list[Variable]:
    """`outputs`, whose gradients by `inputs` are what `backward` says, and by all else nothing.

    Parameters
    ----------
    name : str
        For messages.
    outputs, inputs : sequence of Variable
    backward : callable
    forward : callable, optional
        The changes of the outputs from inputs and their changes (None where one does not change).
    """
    override = Override(name, len(outputs), backward, forward)
    nodes = _core.with_gradients(override, [y._node for y in outputs], [x._node for x in inputs])
    return [wrap(node) for node in nodes]


def other_operands(outputs: Sequence[Variable], inputs: Sequence[Variable]) -> list[Variable]:
    """What `outputs` depend on besides `inputs`: expressions of floats.

    Parameters
    ----------
    outputs, inputs : sequence of Variable
    """
    found = free_expressions([y._node for y in outputs], [x._node for x in inputs])
    return [wrap(node) for node in found if node.dtype in FLOATS]


class custom_vjp:
    """A function of variables whose gradient another function gives.

    Parameters
    ----------
    fn : callable
        `fn(*inputs)` returns an expression, or a list or tuple of them.
    backward : callable
        `backward(inputs, outputs, output_gradients)`, all lists of variables, returns the gradient by each
        input, as expressions; None where there is none. `output_gradients` are zeros for outputs that
        the cost does not depend on. Without it, `custom_vjp(backward=...)` is a decorator for `fn`.

    Raises
    ------
    TypeError
        If one of them is no function.

    Examples
    --------
    The sign, with the gradient of a straight line ("straight-through"):

    >>> sign = ct.custom_vjp(T.sgn, lambda inputs, outputs, gradients: gradients)
    >>> x = T.dvector("x")
    >>> y = sign(x)
    >>> ct.function([x], [y, ct.grad((3 * y).sum(), x)])([-2.0, 5.0])
    [array([-1.,  1.]), array([3., 3.])]
    """

    def __new__(cls, fn: Any = None, backward: Any = None) -> Any:
        if fn is None and backward is not None:
            return lambda function: cls(function, backward)
        return super().__new__(cls)

    def __init__(self, fn: Any = None, backward: Any = None) -> None:
        for title, value in (("fn", fn), ("backward", backward)):
            if not callable(value):
                raise TypeError(complaint("custom_vjp", f"a function {title}", repr(value)))
        self.fn, self.backward = fn, backward
        update_wrapper(self, fn)
        self.name = getattr(fn, "__name__", "custom_vjp")

    def __call__(self, *inputs: Any) -> Any:
        """The outputs for `inputs`."""
        variables = [as_variable(x) for x in inputs]
        results = self.fn(*variables)
        several = isinstance(results, list | tuple)
        outputs = [as_variable(y) for y in (results if several else [results])]
        others = other_operands(outputs, variables)
        source = user_source()

        def backward(xs: list[Variable], ys: list[Variable], gs: list[Variable]) -> list[Any]:
            own = nodes_of_derivatives(
                f"{self.name}: backward",
                self.backward(xs[: len(variables)], ys, gs),
                variables,
            )
            return [node and wrap(node) for node in own] + [self._null(x, source) for x in others]

        found = with_gradients(self.name, outputs, [*variables, *others], backward)
        return (list(found) if isinstance(results, list) else tuple(found)) if several else found[0]

    def _null(self, x: Variable, source: str) -> Variable:
        text = f"{self.name}: required gradients by its arguments alone, given one by {describe(x)}"
        return wrap(_core.null_gradient(x._node, f"{text}; make it an argument{source}"))

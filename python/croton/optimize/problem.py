"""An equation for an unknown, closed over all else that it depends on; the gradients of its solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from croton import _core
from croton.clone import clone
from croton.errors import complaint
from croton.free_variables import free_expressions
from croton.tensor.derivatives import jacobian
from croton.tensor.expression import describe, wrap
from croton.tensor.gradient import FLOATS, grad
from croton.tensor.linalg import solve
from croton.tensor.types import complex_dtypes
from croton.tensor.variable import Variable, as_variable


class Problem:
    """`f(x, *args)`, made an expression of an unknown and of parameters.

    Parameters
    ----------
    operation : str
        For messages.
    f : callable
    start : Variable
        Of the type of the unknown.
    args : sequence
        Further arguments of `f`.

    Attributes
    ----------
    x : Variable
        An input that stands for the unknown.
    operands : list of Variable
        What else `f` depends on, outside.
    parameters : list of Variable
        The inputs that stand for them in `value`.
    value : Variable
        What `f` returns.
    """

    def __init__(
        self, operation: str, f: Callable[..., Any], start: Variable, args: Sequence[Any] = ()
    ) -> None:
        if start.dtype not in FLOATS or start.dtype in complex_dtypes:
            remedy = "cast it to 'floatX'"
            raise TypeError(complaint(operation, "a start of real floats", describe(start), remedy))
        self.x = start.type("x")
        value = as_variable(f(self.x, *args))
        if value.dtype != self.x.dtype:
            value = value.astype(self.x.dtype)
        captured = free_expressions([value._node], [self.x._node])
        stand_ins = [_core.input(node.dtype, node.static_shape, node._leaf_name) for node in captured]
        (closed,) = _core.substitute([value._node], list(zip(captured, stand_ins, strict=True)))
        self.value = wrap(closed)
        self.operands = [wrap(node) for node in captured]
        self.parameters = [wrap(node) for node in stand_ins]

    @property
    def inputs(self) -> list[Variable]:
        """The unknown and the parameters."""
        return [self.x, *self.parameters]


def derivative(residual: Variable, x: Variable) -> Variable:
    """The derivatives of a residual by the unknown: a square matrix, or a scalar for scalars.

    Parameters
    ----------
    residual, x : Variable
        Of one shape.
    """
    if not x.ndim:
        return grad(residual, x)  # type: ignore[no-any-return]
    return jacobian(residual.flatten(), x).reshape((x.size, x.size))  # type: ignore[no-any-return]


def solution_gradients(
    problem: Problem, residual: Variable, solution: Variable, operands: Sequence[Variable], g: Variable
) -> list[Any]:
    """The gradients by the operands of a cost whose gradient by the solution of `residual = 0` is `g`.

    With F(x, p) = 0, dx/dp is -(dF/dx)^-1 dF/dp.

    Parameters
    ----------
    problem : Problem
    residual : Variable
        Of the unknown and the parameters of the problem, of the shape of the unknown.
    solution, g : Variable
    operands : sequence of Variable
        Where the gradients are asked for.

    Returns
    -------
    list of Variable or None
    """
    x, slope = problem.x, problem.x.type()
    slopes = derivative(residual, x)
    ratio = solve(slopes.T, slope.flatten()).reshape(residual.shape) if x.ndim else slope / slopes
    wrt = [p for p in problem.parameters if p.dtype in FLOATS]
    found = iter(
        grad(
            None,
            wrt,
            disconnected_inputs="ignore",
            known_grads=[(residual, -ratio)],
            return_disconnected="None",
        )
    )
    values = [next(found) if p.dtype in FLOATS else None for p in problem.parameters]
    pairs = [(x, solution), (slope, g), *zip(problem.parameters, operands, strict=True)]
    return [value if value is None else clone(value, pairs, strict=False) for value in values]

"""Fixed points: a loop, and the gradient of what it ends at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from croton.custom_gradient import with_gradients
from croton.errors import ConvergenceError, complaint
from croton.optimize.problem import Problem, solution_gradients
from croton.raise_op import observed
from croton.scan_module import scan, until
from croton.tensor.expression import describe
from croton.tensor.reductions import all as all_of
from croton.tensor.variable import Variable, as_variable


def fixed_point(
    f: Callable[..., Any],
    x0: Any,
    args: Sequence[Any] = (),
    tol: float | None = None,
    max_steps: int = 1000,
    return_success: bool = False,
) -> Any:
    """The x with `f(x) = x` that repeated use of `f` leads to.

    The loop ends when no element changes by more than tol * (1 + |x|). Gradients flow to all that `f` depends
    on, by the implicit function theorem, and not through the steps; none flows to `x0`.

    Parameters
    ----------
    f : callable
        `f(x, *args)` returns an expression of the shape and dtype of x.
    x0 : array_like or Variable
        Where to start, of any shape.
    args : sequence
        Further arguments of `f`.
    tol : float, optional
        By default 16 times the distance of floats at 1.
    max_steps : int
        How often `f` is computed at most.
    return_success : bool
        Whether to return also a bool scalar that says if the loop ended, rather than raise an error.

    Returns
    -------
    Variable, or a tuple of two

    Raises
    ------
    croton.errors.ConvergenceError
        When the function is called, if `max_steps` are not enough.

    Examples
    --------
    The square root by Newton's method:

    >>> a = T.dscalar("a")
    >>> x = ct.optimize.fixed_point(lambda x: (x + a / x) / 2, 1.0)
    >>> [float(v.round(12)) for v in ct.function([a], [x, ct.grad(x, a)])(4.0)]
    [2.0, 0.25]
    """
    start = as_variable(x0)
    if not isinstance(max_steps, int) or max_steps < 1:
        raise ValueError(complaint("fixed_point", "max_steps of 1 or more", repr(max_steps)))
    problem = Problem("fixed_point", f, start, args)
    if problem.value.ndim != start.ndim:
        raise ValueError(complaint("fixed_point", f"f(x) like {describe(start)}", describe(problem.value)))
    limit = 16 * float(np.finfo(start.dtype).eps) if tol is None else float(tol)

    def step(x: Variable) -> Any:
        new = as_variable(f(x, *args)).astype(start.dtype)
        near = all_of(abs(new - x) <= limit * (1 + abs(new)))
        return [new, near], until(near)

    trace, ended = scan(
        step, outputs_info=[start, None], n_steps=max_steps, return_list=True, return_updates=False
    )

    def gradients(operands: list[Variable], outputs: list[Variable], g: list[Variable]) -> list[Any]:
        residual = problem.x - problem.value
        return solution_gradients(problem, residual, outputs[0], operands, g[0])

    (x,) = with_gradients("fixed_point", [trace[-1]], problem.operands, gradients)
    if return_success:
        return x, ended[-1]
    remedy = "allow more steps or a larger tol, or take the status by return_success=True"
    text = complaint("fixed_point", f"a fixed point within {max_steps} steps", "none", remedy)

    def check(converged: Any) -> None:
        if not converged:
            raise ConvergenceError(text)

    return observed(x, [ended[-1]], check)

"""SciPy's solvers for arrays as ops: roots and minima."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from croton.errors import ConvergenceError, complaint, user_source
from croton.function import function
from croton.op import Apply, Op
from croton.optimize.problem import Problem, derivative, solution_gradients
from croton.tensor.expression import describe
from croton.tensor.gradient import grad
from croton.tensor.types import TensorType
from croton.tensor.variable import Variable, as_variable

WITH_JACOBIAN = ("hybr", "lm")
WITHOUT_GRADIENT = ("nelder-mead", "powell", "cobyla", "cobyqa")
WITH_HESSIAN = ("newton-cg", "dogleg", "trust-ncg", "trust-krylov", "trust-exact")


def scipy_optimize(operation: str) -> Any:
    """The module scipy.optimize.

    Parameters
    ----------
    operation : str
        For the message where it is not installed.
    """
    try:
        return import_module("scipy.optimize")  # an import statement would ask type checkers for stubs
    except ImportError:
        remedy = "pip install croton[optimize]"
        raise ImportError(
            complaint(operation, "the package scipy", "an environment without it", remedy)
        ) from None


@dataclass
class Settings:
    """How a solver runs."""

    operation: str
    method: str | None
    tol: float | None
    options: Mapping[str, Any] | None
    status: bool  # whether failure is a result, rather than an error


class Solver(Op):
    """The op of a solver: of the start and the operands, the solution and whether it is one."""

    def __init__(self, problem: Problem, residual: Variable, settings: Settings) -> None:
        self.problem, self.residual, self.settings = problem, residual, settings
        self.count = len(problem.parameters)
        self.source = user_source()
        self.scipy = scipy_optimize(settings.operation)

    def __str__(self) -> str:
        return f"optimize.{self.settings.operation}"

    def compiled(self, output: Any) -> Any:
        """A function of the unknown and the parameters."""
        return function(self.problem.inputs, output, on_unused_input="ignore", name=str(self))

    def make_node(self, *inputs: Any) -> Apply:
        return Apply(self, inputs, [self.problem.x, TensorType("bool", ())])

    def infer_shape(self, node: Apply, input_shapes: list[Any]) -> list[Any]:
        return [input_shapes[0], ()]

    def solve(self, start: Any, operands: list[Any]) -> Any:
        """What SciPy finds; the operands are those of the problem, and then any others."""
        raise NotImplementedError

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        start, *operands = inputs
        x, success, message = start, True, ""
        if start.size:
            found = self.solve(start, operands)
            x, success = np.asarray(found.x, start.dtype).reshape(start.shape), bool(found.success)
            message = " ".join(str(found.message).split())
        if not success and not self.settings.status:
            remedy = "see options and method, or take the status by return_success=True"
            text = f"{self}: required a solution, given: {message}; {remedy}{self.source}"
            raise ConvergenceError(text)
        output_storage[0][0], output_storage[1][0] = x, success

    def L_op(self, inputs: list[Variable], outputs: list[Variable], output_gradients: list[Variable]) -> Any:
        operands, others = inputs[1 : self.count + 1], inputs[self.count + 1 :]
        slopes = solution_gradients(self.problem, self.residual, outputs[0], operands, output_gradients[0])
        return [None, *slopes, *[None for _ in others]]

    def result(self, start: Variable, *others: Variable) -> Any:
        """The solution, with the status if that is asked for."""
        x, success = self(start, *self.problem.operands, *others)
        return (x, success) if self.settings.status else x


class Root(Solver):
    """scipy.optimize.root."""

    def __init__(self, problem: Problem, settings: Settings) -> None:
        super().__init__(problem, problem.value, settings)
        self.value = self.compiled(problem.value)
        self.slopes = self.compiled(derivative(problem.value, problem.x))

    def solve(self, start: Any, operands: list[Any]) -> Any:
        def value(x: Any) -> Any:
            return self.value(x.reshape(start.shape).astype(start.dtype), *operands).ravel()

        def slopes(x: Any) -> Any:
            return np.atleast_2d(self.slopes(x.reshape(start.shape).astype(start.dtype), *operands))

        settings = self.settings
        jacobian = slopes if settings.method in WITH_JACOBIAN else None
        return self.scipy.root(
            value,
            start.ravel(),
            method=settings.method,
            jac=jacobian,
            tol=settings.tol,
            options=settings.options,
        )


class Minimum(Solver):
    """scipy.optimize.minimize."""

    def __init__(self, problem: Problem, settings: Settings) -> None:
        slope = grad(problem.value, problem.x)
        super().__init__(problem, slope, settings)
        self.method = (settings.method or "BFGS").lower()
        alone = self.method in WITHOUT_GRADIENT
        self.value = self.compiled(problem.value if alone else [problem.value, slope])
        self.curvature: Any = (
            self.compiled(derivative(slope, problem.x)) if self.method in WITH_HESSIAN else None
        )

    def solve(self, start: Any, operands: list[Any]) -> Any:
        alone = self.method in WITHOUT_GRADIENT

        def value(x: Any) -> Any:
            values = self.value(x.reshape(start.shape).astype(start.dtype), *operands)
            return float(values) if alone else (float(values[0]), values[1].ravel())

        def curvature(x: Any) -> Any:
            return np.atleast_2d(self.curvature(x.reshape(start.shape).astype(start.dtype), *operands))

        settings = self.settings
        return self.scipy.minimize(
            value,
            start.ravel(),
            method=settings.method,
            jac=None if alone else True,
            hess=curvature if self.curvature else None,
            tol=settings.tol,
            options=settings.options,
        )


def root(
    f: Callable[..., Any],
    x0: Any,
    args: Sequence[Any] = (),
    method: str = "hybr",
    tol: float | None = None,
    options: Mapping[str, Any] | None = None,
    return_success: bool = False,
) -> Any:
    """The x where all elements of `f(x)` are zero, by scipy.optimize.root.

    `f` may use any variables: gradients flow to them, by the implicit function theorem, as exact as x is.
    None flows to `x0`. Croton derives the Jacobian.

    Parameters
    ----------
    f : callable
        `f(x, *args)` returns an expression of the shape of x.
    x0 : array_like or Variable
        Where to start, of any shape.
    args : sequence
        Further arguments of `f`.
    method : str
        One of SciPy's.
    tol : float, optional
    options : dict, optional
        Those of the method.
    return_success : bool
        Whether to return also a bool scalar that says if x is a solution, rather than raise an error.

    Returns
    -------
    Variable, or a tuple of two

    Raises
    ------
    croton.errors.ConvergenceError
        When the function is called, if no solution is found.
    ImportError
        Without the package scipy (`pip install croton[optimize]`).

    Examples
    --------
    >>> a = T.dvector("a")
    >>> x = ct.optimize.root(lambda x: x**2 - a, T.ones_like(a))
    >>> [v.round(6) for v in ct.function([a], [x, ct.grad(x.sum(), a)])([4.0, 9.0])]
    [array([2., 3.]), array([0.25    , 0.166667])]
    """
    start = as_variable(x0)
    problem = Problem("root", f, start, args)
    if problem.value.ndim != start.ndim:
        raise ValueError(complaint("root", f"f(x) like {describe(start)}", describe(problem.value)))
    return Root(problem, Settings("root", method, tol, options, return_success)).result(start)


def minimize(
    f: Callable[..., Any],
    x0: Any,
    args: Sequence[Any] = (),
    method: str | None = "BFGS",
    tol: float | None = None,
    options: Mapping[str, Any] | None = None,
    return_success: bool = False,
) -> Any:
    """The x where the scalar `f(x)` is least, near `x0`, by scipy.optimize.minimize.

    Gradients flow to all that `f` depends on, by the implicit function theorem for df/dx = 0, as exact as x
    is: a small `tol` is well spent. None flows to `x0`. Croton derives gradient and Hessian.

    Parameters
    ----------
    f : callable
        `f(x, *args)` returns a scalar expression.
    x0, args, method, tol, options, return_success
        As for `root`.

    Returns
    -------
    Variable, or a tuple of two

    Raises
    ------
    croton.errors.ConvergenceError, ImportError
        As `root`.

    Examples
    --------
    >>> a = T.dscalar("a")
    >>> x = ct.optimize.minimize(lambda x: ((x - a) ** 2).sum(), np.zeros(2))
    >>> [v.round(6) for v in ct.function([a], [x, ct.grad(x.sum(), a)])(3.0)]
    [array([3., 3.]), np.float64(2.0)]
    """
    start = as_variable(x0)
    problem = Problem("minimize", f, start, args)
    if problem.value.ndim:
        raise ValueError(complaint("minimize", "a scalar f(x)", describe(problem.value)))
    return Minimum(problem, Settings("minimize", method, tol, options, return_success)).result(start)

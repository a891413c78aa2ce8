"""SciPy's solvers for numbers as ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from croton.errors import complaint
from croton.optimize.problem import Problem, derivative
from croton.optimize.solvers import Settings, Solver
from croton.tensor.elementwise import cast
from croton.tensor.expression import describe, nodes_of, same_dtype, wrap
from croton.tensor.gradient import FLOATS, grad
from croton.tensor.variable import Variable


class ScalarRoot(Solver):
    """scipy.optimize.root_scalar."""

    def __init__(self, problem: Problem, settings: Settings, bracketed: bool) -> None:
        super().__init__(problem, problem.value, settings)
        self.bracketed = bracketed
        self.value = self.compiled(problem.value)
        slope = derivative(problem.value, problem.x)
        self.slope = self.compiled(slope)
        self.curvature = self.compiled(derivative(slope, problem.x)) if settings.method == "halley" else None

    def solve(self, start: Any, operands: list[Any]) -> Any:
        own, others = operands[: self.count], operands[self.count :]

        def at(f: Any) -> Any:
            return lambda x: float(f(start.dtype.type(x), *own))

        places = {"bracket": (start, *others)} if self.bracketed else {"x0": start}
        if not self.bracketed:
            places["fprime"] = at(self.slope)
        if self.curvature:
            places["fprime2"] = at(self.curvature)
        found = self.scipy.root_scalar(
            at(self.value),
            method=self.settings.method,
            xtol=self.settings.tol,
            **places,
            **(self.settings.options or {}),
        )
        return SimpleNamespace(x=found.root, success=found.converged, message=found.flag)


class ScalarMinimum(Solver):
    """scipy.optimize.minimize_scalar."""

    def __init__(self, problem: Problem, settings: Settings, places: str) -> None:
        super().__init__(problem, grad(problem.value, problem.x), settings)
        self.places = places
        self.value = self.compiled(problem.value)

    def solve(self, start: Any, operands: list[Any]) -> Any:
        own, others = operands[: self.count], operands[self.count :]
        settings = self.settings
        tol, options = settings.tol, dict(settings.options or {})
        if settings.method == "bounded" and tol is not None:
            tol, options["xatol"] = None, tol
        places = {self.places: tuple(map(float, (start, *others)))} if self.places else {}
        return self.scipy.minimize_scalar(
            lambda x: float(self.value(start.dtype.type(x), *own)),
            method=settings.method,
            tol=tol,
            options=options,
            **places,
        )


def _numbers(operation: str, title: str, values: Sequence[Any], counts: tuple[int, ...]) -> list[Variable]:
    """As scalars of one dtype of floats."""
    if len(values) not in counts:
        required = f"{title} of {' or '.join(map(str, counts))} scalars"
        raise ValueError(complaint(operation, required, str(len(values))))
    nodes = same_dtype(nodes_of(values, operation))
    for node in nodes:
        if node.ndim:
            raise ValueError(complaint(operation, "scalars", describe(wrap(node))))
    return [wrap(node) if node.dtype in FLOATS else cast(wrap(node), "floatX") for node in nodes]


def _scalar_problem(operation: str, f: Callable[..., Any], start: Variable, args: Sequence[Any]) -> Problem:
    problem = Problem(operation, f, start, args)
    if problem.value.ndim:
        raise ValueError(complaint(operation, "a scalar f(x)", describe(problem.value)))
    return problem


def root_scalar(
    f: Callable[..., Any],
    x0: Any = None,
    bracket: Sequence[Any] | None = None,
    args: Sequence[Any] = (),
    method: str | None = None,
    tol: float | None = None,
    options: Mapping[str, Any] | None = None,
    return_success: bool = False,
) -> Any:
    """The number x where the scalar `f(x)` is zero, by scipy.optimize.root_scalar.

    Gradients are as for `root`.

    Parameters
    ----------
    f : callable
        `f(x, *args)` returns a scalar expression.
    x0 : number or Variable, optional
        Where to start, for the methods "newton" (the default), "secant" and "halley".
    bracket : pair of numbers or Variable, optional
        Ends between which f changes its sign, for the others; "brentq" is the default then.
    args, tol, return_success
        As for `root`.
    method : str, optional
    options : dict, optional
        Further arguments of SciPy's function, for example `maxiter`.

    Returns
    -------
    Variable, or a tuple of two

    Raises
    ------
    ValueError
        Unless one of `x0` and `bracket` is given, and the bracket is a pair.
    croton.errors.ConvergenceError, ImportError
        As `root`.

    Examples
    --------
    >>> a = T.dscalar("a")
    >>> x = ct.optimize.root_scalar(lambda x: x**2 - a, x0=1.0)
    >>> [float(v.round(6)) for v in ct.function([a], [x, ct.grad(x, a)])(4.0)]
    [2.0, 0.25]
    """
    if (x0 is None) == (bracket is None):
        raise ValueError(complaint("root_scalar", "x0 or bracket", "neither" if x0 is None else "both"))
    if bracket is None:
        (start,), others = _numbers("root_scalar", "x0", [x0], (1,)), []
    else:
        start, *others = _numbers("root_scalar", "bracket", bracket, (2,))
    problem = _scalar_problem("root_scalar", f, start, args)
    settings = Settings(
        "root_scalar", method or ("newton" if bracket is None else "brentq"), tol, options, return_success
    )
    return ScalarRoot(problem, settings, bracket is not None).result(start, *others)


def minimize_scalar(
    f: Callable[..., Any],
    bracket: Sequence[Any] | None = None,
    bounds: Sequence[Any] | None = None,
    args: Sequence[Any] = (),
    method: str | None = None,
    tol: float | None = None,
    options: Mapping[str, Any] | None = None,
    return_success: bool = False,
) -> Any:
    """The number x where the scalar `f(x)` is least, by scipy.optimize.minimize_scalar.

    Gradients are as for `minimize`.

    Parameters
    ----------
    f : callable
        `f(x, *args)` returns a scalar expression.
    bracket : two or three numbers or Variable, optional
        Where to start; by default 0 and 1, in floatX.
    bounds : pair of numbers or Variable, optional
        For the method "bounded". Gradients hold for minima inside them.
    args, method, tol, options, return_success
        As for `root`.

    Returns
    -------
    Variable, or a tuple of two

    Raises
    ------
    ValueError
        If both `bracket` and `bounds` are given, or another number of scalars.
    croton.errors.ConvergenceError, ImportError
        As `root`.

    Examples
    --------
    >>> a = T.dscalar("a")
    >>> x = ct.optimize.minimize_scalar(lambda x: (x - a) ** 2)
    >>> [float(v.round(6)) for v in ct.function([a], [x, ct.grad(x, a)])(4.0)]
    [4.0, 1.0]
    """
    if bracket is not None and bounds is not None:
        raise ValueError(complaint("minimize_scalar", "bracket or bounds", "both"))
    given: Sequence[Any] = [0.0]
    counts: tuple[int, ...] = (1,)
    default, places = "brent", ""
    if bounds is not None:
        default, places, given, counts = "bounded", "bounds", bounds, (2,)
    elif bracket is not None:
        places, given, counts = "bracket", bracket, (2, 3)
    start, *others = _numbers("minimize_scalar", places, given, counts)
    problem = _scalar_problem("minimize_scalar", f, start, args)
    settings = Settings("minimize_scalar", method or default, tol, options, return_success)
    return ScalarMinimum(problem, settings, places).result(start, *others)

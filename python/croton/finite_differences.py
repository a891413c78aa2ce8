"""Gradients by finite differences, to check those of expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from croton.errors import GradientError, complaint
from croton.function import function
from croton.tensor.expression import describe
from croton.tensor.gradient import grad
from croton.tensor.types import TensorType, kind_of

Array = np.ndarray[Any, Any]

# The error of a central difference is of the order of step**2 + rounding / step.
STEPS = {"float64": 1e-5, "float32": 1e-2, "float16": 5e-2, "complex128": 1e-5, "complex64": 1e-2}
TOLERANCES = {"float64": 1e-4, "float32": 5e-2, "float16": 1e-1, "complex128": 1e-4, "complex64": 5e-2}


class numeric_grad:
    """The gradient of a function from arrays to a real number, by central differences.

    By complex z = x + i y it is dC/dx + i dC/dy, as everywhere in Croton.

    Parameters
    ----------
    f : callable
    pt : array or list of arrays
        Where; each argument of `f`.
    eps : float, optional
        The step, by default for the least exact of the dtypes.
    out_type : str, optional
        The dtype in which `f` computes, if that is less exact.

    Attributes
    ----------
    gf : array or list of arrays
        The gradient, in the form of `pt`.

    Raises
    ------
    TypeError
        For arrays that are not of float16, float32, float64, complex64 or complex128.

    Examples
    --------
    >>> ct.gradient.numeric_grad(lambda x: (x**2).sum(), np.array([1.0, 2.0])).gf.round(6)
    array([2., 4.])
    """

    type_eps = STEPS

    def __init__(
        self, f: Callable[..., Any], pt: Any, eps: float | None = None, out_type: Any = None
    ) -> None:
        several = isinstance(pt, list | tuple)
        points = [np.array(x) for x in (pt if several else [pt])]
        for x in points:
            if x.dtype.name not in STEPS:
                raise TypeError(complaint("numeric_grad", f"arrays of {', '.join(STEPS)}", str(x.dtype)))
        names = [str(out_type)] if out_type in STEPS else []
        step = eps or max(STEPS[name] for name in [*(x.dtype.name for x in points), *names])
        slopes = [np.zeros_like(x) for x in points]
        for x, slope in zip(points, slopes, strict=True):
            for index in np.ndindex(x.shape):
                for unit in (1, 1j) if kind_of(x.dtype) == "c" else (1,):
                    slope[index] += unit * _slope(lambda: f(*points), x, index, step * unit)
        self.gf: Any = slopes if several else slopes[0]

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[Array, Array]:
        """The absolute differences, and relative to |a| + |b|.

        Parameters
        ----------
        a, b : array_like
            Of one shape.

        Returns
        -------
        absolute, relative : array
        """
        gap = np.abs(np.asarray(a) - np.asarray(b))
        return gap, gap / np.maximum(np.abs(a) + np.abs(b), 1e-8)

    def abs_rel_errors(self, g_pt: Any) -> list[tuple[Array, Array]]:
        """`abs_rel_err` for each argument, against the gradients `g_pt`.

        Parameters
        ----------
        g_pt : array or list of arrays
            In the form of `gf`.

        Returns
        -------
        list of (absolute, relative)

        Raises
        ------
        ValueError
            If the shapes differ from those of `gf`.
        """
        mine = self.gf if isinstance(self.gf, list) else [self.gf]
        theirs = g_pt if isinstance(g_pt, list | tuple) else [g_pt]
        if [x.shape for x in mine] != [np.shape(x) for x in theirs]:
            required = f"gradients of shapes {[x.shape for x in mine]}"
            given = str([np.shape(x) for x in theirs])
            raise ValueError(complaint("numeric_grad", required, given))
        return [self.abs_rel_err(a, b) for a, b in zip(theirs, mine, strict=True)]

    def max_err(self, g_pt: Any, abs_tol: float, rel_tol: float) -> tuple[int, int, float, float]:
        """Argument, place, absolute and relative error of the element furthest beyond its tolerance.

        An element is wrong where both errors are beyond their tolerances.

        Parameters
        ----------
        g_pt : array or list of arrays
            In the form of `gf`.
        abs_tol, rel_tol : float

        Returns
        -------
        argument, place, absolute, relative
            The place is that in the flattened array; zeros where there are no elements.

        Raises
        ------
        ValueError
            If the shapes differ from those of `gf`.
        """
        worst = (0, 0, 0.0, 0.0)
        excess = -1.0
        for k, (absolute, relative) in enumerate(self.abs_rel_errors(g_pt)):
            if not absolute.size:
                continue
            scores = np.minimum(absolute / abs_tol, relative / rel_tol)
            at = int(np.argmax(np.where(np.isnan(scores), np.inf, scores)))
            score = float(np.nan_to_num(scores.flat[at], nan=np.inf))
            if score > excess:
                excess = score
                worst = (k, at, float(absolute.flat[at]), float(relative.flat[at]))
        return worst


def _slope(f: Callable[[], Any], x: Array, index: tuple[int, ...], step: complex) -> float:
    """How fast `f` grows when this element of `x` takes steps, which rounding makes longer or shorter."""
    here, sides, places = x[index], [], []
    for sign in (1, -1):
        x[index] = here + sign * step
        places.append(x[index])
        sides.append(float(f()))
    x[index] = here
    return (sides[0] - sides[1]) / float(((places[0] - places[1]) / (step / abs(step))).real)


def verify_grad(
    fun: Callable[..., Any],
    pt: Sequence[Any],
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    out_type: Any = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Compares the gradient of an expression with finite differences.

    Parameters
    ----------
    fun : callable
        From variables to one variable of floats or complex numbers.
    pt : list of array
        The values of the arguments where the gradients are compared, of floats or complex numbers, whose real
        and imaginary parts are varied.
    n_tests : int
        How many random combinations of the outputs (of complex ones, of their parts) to differentiate.
    rng : numpy.random.RandomState or Generator, optional
        Where the weights of the combinations come from.
    eps : float, optional
        The step of the differences.
    abs_tol, rel_tol : float, optional
        An element is wrong where both its absolute and its relative error are larger. By default for the
        least exact dtype.
    mode : optional
        As for `function`.
    out_type, cast_to_output_type, no_debug_ref
        Accepted as in Theano.

    Raises
    ------
    GradientError
        Naming the element that is furthest off.

    Examples
    --------
    >>> ct.gradient.verify_grad(lambda x, y: T.tanh(x * y), [np.ones((2, 3)), np.arange(3.0)])
    >>> ct.gradient.verify_grad(T.exp, [np.array([1 + 2j, 3j])])
    """
    points = [np.array(x) for x in pt]
    for x in points:
        if x.dtype.name not in STEPS:
            raise TypeError(complaint("verify_grad", f"arrays of {', '.join(STEPS)}", str(x.dtype)))
    inputs = [TensorType(x.dtype, (None,) * x.ndim)(f"input {k}") for k, x in enumerate(points)]
    output = fun(*inputs)
    if isinstance(output, list | tuple):
        raise TypeError(complaint("verify_grad", "a function with one output", f"{len(output)} outputs"))
    names = [x.dtype.name for x in points] + [output.dtype] * (output.dtype in STEPS)
    least = max(names, key=lambda name: STEPS[name])
    shape = function(inputs, output, mode=mode, on_unused_input="ignore")(*points).shape
    rng = np.random.default_rng(0) if rng is None else rng
    draw = rng.random_sample if hasattr(rng, "random_sample") else rng.random
    for _ in range(n_tests):
        weights = draw(shape) + 0.5
        if kind_of(output.dtype) == "c":
            weights = weights - 1j * (draw(shape) + 0.5)
        cost = (output * np.asarray(weights, output.dtype)).sum().real
        value = function(inputs, cost, mode=mode, on_unused_input="ignore")
        slopes = grad(cost, inputs, disconnected_inputs="ignore")
        given = function(inputs, slopes, mode=mode, on_unused_input="ignore")(*points)
        difference = numeric_grad(value, points, eps or STEPS[least])
        tolerances = (abs_tol or TOLERANCES[least], rel_tol or TOLERANCES[least])
        k, place, absolute, relative = difference.max_err(given, *tolerances)
        if not (absolute <= tolerances[0] or relative <= tolerances[1]):
            index = tuple(int(i) for i in np.unravel_index(place, points[k].shape))
            required = f"{difference.gf[k].flat[place]} by finite differences at {index} of argument {k}"
            raise GradientError(
                complaint(
                    "verify_grad",
                    required,
                    f"{given[k].flat[place]}",
                    f"for {describe(output)}, with tolerances {tolerances}",
                )
            )

"""Special functions that are made of rows of the table: Theano's names, and those of SciPy's namespace."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from croton.errors import complaint
from croton.tensor.elementwise import apply, floats_of, where
from croton.tensor.expression import TensorLike, as_node, nodes_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["chi2sf", "factorial", "gammal", "gammau", "log_ndtr", "multigammaln", "zeta"]


def gammau(k: TensorLike, x: TensorLike) -> Variable:
    """The upper incomplete gamma function: the integral of t**(k-1) exp(-t) from `x` to infinity.

    Examples
    --------
    >>> T.gammau(2.0, 0.0).eval()
    array(1.)
    """
    a, b = floats_of(*nodes_of([k, x], "gammau"))
    return apply("gammaincc", a, b) * apply("gamma", a)


def gammal(k: TensorLike, x: TensorLike) -> Variable:
    """The lower incomplete gamma function: the integral of t**(k-1) exp(-t) from 0 to `x`.

    Examples
    --------
    >>> T.gammal(2.0, np.inf).eval()
    array(1.)
    """
    a, b = floats_of(*nodes_of([k, x], "gammal"))
    return apply("gammainc", a, b) * apply("gamma", a)


def chi2sf(x: TensorLike, k: TensorLike) -> Variable:
    """The probability that a chi-squared number with `k` degrees of freedom is larger than `x`.

    Examples
    --------
    >>> T.chi2sf(0.0, 3.0).eval()
    array(1.)
    """
    a, b = floats_of(*nodes_of([x, k], "chi2sf"))
    return apply("gammaincc", b / 2, a / 2)


def zeta(x: TensorLike, q: TensorLike = None) -> Variable:
    """Riemann's zeta function of `x`, or with `q` Hurwitz's: the sum of 1 / (q + k)**x over k = 0, 1, ...

    Hurwitz's is NaN for x < 1. There is no derivative by `x`.

    Examples
    --------
    >>> T.zeta(2.0).eval().round(6), T.zeta(2.0, 2.0).eval().round(6)
    (np.float64(1.644934), np.float64(0.644934))
    """
    return apply("riemann_zeta", x) if q is None else apply("hurwitz_zeta", x, q)


def factorial(n: TensorLike) -> Variable:
    """gamma(n + 1).

    Examples
    --------
    >>> T.factorial([0.0, 4.0]).eval()
    array([ 1., 24.])
    """
    (a,) = floats_of(as_node(n))
    return apply("gamma", a + 1)


def multigammaln(a: TensorLike, d: Any) -> Variable:
    """The logarithm of the multivariate gamma function of `a` in `d` dimensions.

    Parameters
    ----------
    a : array_like or Variable
        Larger than (d - 1) / 2, where the function is defined.
    d : int
        1 or more.

    Raises
    ------
    ValueError
        For any other `d`.

    Examples
    --------
    >>> T.multigammaln(3.0, 1).eval().round(6)
    np.float64(0.693147)
    """
    if not isinstance(d, int) or d < 1:
        raise ValueError(complaint("multigammaln", "a dimension of 1 or more", repr(d)))
    (x,) = floats_of(as_node(a))
    total = apply("gammaln", x) + d * (d - 1) / 4 * math.log(math.pi)
    for k in range(1, d):
        total = total + apply("gammaln", x - k / 2)
    return total


def log_ndtr(x: TensorLike) -> Variable:
    """The logarithm of `ndtr`, exact where that underflows.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> T.log_ndtr(-1e10).eval()
    array(-5.e+19)
    """
    (a,) = floats_of(as_node(x))
    low = a < -1
    tail, rest = where(low, a, -1), where(low, 0, a)
    far = apply("log", apply("erfcx", tail * -math.sqrt(0.5)) / 2) - apply("square", tail) / 2
    return where(low, far, apply("log1p", apply("erfc", rest * math.sqrt(0.5)) / -2))

"""Special functions of SciPy's namespace that are made of others: entropies, losses, logarithms of sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from croton.tensor.elementwise import apply, floats_of, where
from croton.tensor.expression import TensorLike, as_node, nodes_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "entr",
    "expit",
    "huber",
    "kl_div",
    "log1mexp",
    "log1pexp",
    "log_expit",
    "logit",
    "ndtr",
    "ndtri",
    "pseudo_huber",
    "rel_entr",
    "xlog1py",
]


def expit(x: TensorLike) -> Variable:
    """1 / (1 + exp(-x)): `sigmoid`.

    Examples
    --------
    >>> T.expit(0.0).eval()
    array(0.5)
    """
    return apply("sigmoid", x)


def log_expit(x: TensorLike) -> Variable:
    """The logarithm of `expit`, exact where that underflows.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> T.log_expit(-800.0).eval()
    array(-800.)
    """
    (a,) = floats_of(as_node(x))
    return -apply("softplus", -a)


def logit(x: TensorLike) -> Variable:
    """log(x / (1 - x)), the inverse of `expit`: -inf at 0, inf at 1, NaN outside.

    Examples
    --------
    >>> T.logit([0.0, 0.5, 1.0]).eval()
    array([-inf,   0.,  inf])
    """
    (p,) = floats_of(as_node(x))
    # Around 1/2 the logarithm is that of a number close to 1, of which little is known.
    near = apply("abs", p - 0.5) < 0.25
    ratio = where(near, 0.25, p)
    return where(near, 2 * apply("arctanh", where(near, 2 * p - 1, 0)), apply("log", ratio / (1 - ratio)))


def log1pexp(x: TensorLike) -> Variable:
    """log(1 + exp(x)) without overflow: `softplus`."""
    return apply("softplus", x)


def log1mexp(x: TensorLike) -> Variable:
    """log(1 - exp(x)) for negative `x`, exact near 0 and far from it; NaN for positive `x`.

    Examples
    --------
    >>> T.log1mexp(-1e-20).eval().round(4)
    np.float64(-46.0517)
    """
    (a,) = floats_of(as_node(x))
    near = a > -math.log(2)
    close, far = where(near, a, -1), where(near, -1, a)
    return where(near, apply("log", -apply("expm1", close)), apply("log1p", -apply("exp", far)))


def xlog1py(x: TensorLike, y: TensorLike) -> Variable:
    """x log(1 + y), and 0 where x is 0 and y is not NaN.

    Examples
    --------
    >>> T.xlog1py(0.0, -1.0).eval()
    array(0.)
    """
    a, b = floats_of(*nodes_of([x, y], "xlog1py"))
    outside = apply("logical_or", b <= -1, apply("isinf", b))
    return a * apply("log1p", where(apply("logical_and", apply("eq", a, 0), outside), 0, b))


def entr(x: TensorLike) -> Variable:
    """-x log(x): 0 at 0, -inf for negative numbers.

    Examples
    --------
    >>> T.entr([0.0, 1.0, -1.0]).eval()
    array([  0.,   0., -inf])
    """
    (a,) = floats_of(as_node(x))
    inside = where(a < 0, 1, a)
    return where(a < 0, -np.inf, 0 - apply("xlogy", inside, inside))


def rel_entr(x: TensorLike, y: TensorLike) -> Variable:
    """x log(x / y): 0 where x is 0 and y is not negative, inf where either is negative or only y is 0.

    Examples
    --------
    >>> T.rel_entr([0.0, 1.0], [0.0, 0.0]).eval()
    array([ 0., inf])
    """
    a, b = floats_of(*nodes_of([x, y], "rel_entr"))
    return _relative_entropy(a, b, excess=False)


def _relative_entropy(a: Variable, b: Variable, excess: bool) -> Variable:
    """a log(a / b), and if `excess` - a + b."""
    known = apply("logical_and", a > 0, b > 0)
    p, q = where(known, a, 1), where(known, b, 1)
    zero = apply("logical_and", apply("eq", a, 0), b >= 0)
    missing = apply("logical_or", apply("isnan", a), apply("isnan", b))
    ratio = p / q
    near = apply("logical_and", ratio > 0.5, ratio < 2)
    # Where p / q leaves the range, the logarithms are taken one by one.
    inside = apply("logical_and", ratio > np.finfo("float32").tiny, ratio < np.finfo("float32").max)
    far = apply("log", where(inside, ratio, p)) - apply("log", where(inside, 1, q))
    value = p * where(near, apply("log1p", where(near, (p - q) / q, 0)), far)
    value = value - p + q if excess else value
    return where(known, value, where(zero, b if excess else 0, where(missing, a + b, float("inf"))))


def kl_div(x: TensorLike, y: TensorLike) -> Variable:
    """x log(x / y) - x + y, with the limits of `rel_entr`.

    Examples
    --------
    >>> T.kl_div([0.0, 1.0], [2.0, 1.0]).eval()
    array([2., 0.])
    """
    a, b = floats_of(*nodes_of([x, y], "kl_div"))
    return _relative_entropy(a, b, excess=True)


def huber(delta: TensorLike, r: TensorLike) -> Variable:
    """Huber's loss: r**2 / 2 up to |r| = delta, and beyond it the straight line delta (|r| - delta / 2).

    Parameters
    ----------
    delta : array_like or Variable
        Where the line begins; the loss is inf where this is negative.
    r : array_like or Variable
        Residuals.

    Examples
    --------
    >>> T.huber(1.0, [0.5, 3.0]).eval()
    array([0.125, 2.5  ])
    """
    d, x = floats_of(*nodes_of([delta, r], "huber"))
    size = apply("abs", x)
    loss = where(size <= d, apply("square", x) / 2, d * (size - d / 2))
    return where(d < 0, float("inf"), loss)


def pseudo_huber(delta: TensorLike, r: TensorLike) -> Variable:
    """delta**2 (sqrt(1 + (r / delta)**2) - 1): a smooth `huber`.

    Examples
    --------
    >>> T.pseudo_huber(1.0, np.sqrt(3.0)).eval().round(12)
    np.float64(1.0)
    """
    d, x = floats_of(*nodes_of([delta, r], "pseudo_huber"))
    zero = apply("eq", d, 0)
    ratio = x / where(zero, 1, d)
    # sqrt(1 + q) - 1 without the loss of digits where q is small.
    loss = d * (d * apply("expm1", apply("log1p", apply("square", ratio)) / 2))
    return where(zero, 0, where(d < 0, float("inf"), loss))


def ndtr(x: TensorLike) -> Variable:
    """The probability that a standard normal number is less than `x`.

    Examples
    --------
    >>> T.ndtr(0.0).eval()
    array(0.5)
    """
    (a,) = floats_of(as_node(x))
    return apply("erfc", a * -math.sqrt(0.5)) / 2


def ndtri(p: TensorLike) -> Variable:
    """The inverse of `ndtr`.

    Parameters
    ----------
    p : array_like or Variable
        Chances from 0 to 1; NaN for others.

    Examples
    --------
    >>> T.ndtri(0.975).eval().round(4)
    np.float64(1.96)
    """
    (a,) = floats_of(as_node(p))
    return apply("erfcinv", a * 2) * -math.sqrt(2)

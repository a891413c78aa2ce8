"""Elementwise functions of NumPy's namespace that are made of others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from croton import _core
from croton.tensor.elementwise import apply, floats_of, where
from croton.tensor.expression import TensorLike, as_node, as_variable, nodes_of, same_dtype, wrap
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "fabs",
    "fix",
    "float_power",
    "fmod",
    "heaviside",
    "isneginf",
    "isposinf",
    "ldexp",
    "logaddexp2",
    "modf",
    "nan_to_num",
    "positive",
    "rint",
    "signbit",
    "sinc",
]


def positive(x: TensorLike) -> Variable:
    """`x` itself."""
    return as_variable(x)


def fix(x: TensorLike) -> Variable:
    """`x` rounded towards zero: `trunc`."""
    return apply("trunc", x)


def fabs(x: TensorLike) -> Variable:
    """|x| in floats, also for integers."""
    (a,) = floats_of(as_node(x))
    return apply("abs", a)


def rint(x: TensorLike) -> Variable:
    """`round` to even in floats, also for integers.

    Parameters
    ----------
    x : array_like or Variable
        Of real numbers.
    """
    (a,) = floats_of(as_node(x))
    return apply("round", a)


def heaviside(x: TensorLike, y: TensorLike) -> Variable:
    """0 where `x` is negative, 1 where it is positive, `y` where it is 0; NaN stays.

    Examples
    --------
    >>> T.heaviside([-1.5, 0.0, 2.0], 0.5).eval()
    array([0. , 0.5, 1. ])
    """
    a, b = floats_of(*nodes_of([x, y], "heaviside"))
    step = where(a < 0, 0, where(a > 0, 1, a))
    return where(apply("eq", a, 0), b, step)


def fmod(x: TensorLike, y: TensorLike) -> Variable:
    """What is left of `x` after taking off `y` as often as it fits, with the sign of `x` (`mod`: of `y`).

    Examples
    --------
    >>> T.fmod([-7, 7], [3, -3]).eval()
    array([-1,  1])
    """
    a, b = map(wrap, same_dtype(nodes_of([x, y], "fmod")))
    if kind_of(a.dtype) == "f":
        return apply("copysign", apply("mod", apply("abs", a), apply("abs", b)), a)
    rest = apply("mod", a, b)
    if kind_of(a.dtype) != "i":
        return rest
    other = apply("logical_and", apply("ne", rest, 0), apply("ne", a < 0, b < 0))
    return where(other, rest - b, rest)


def modf(x: TensorLike) -> tuple[Variable, Variable]:
    """The fraction and the whole part of `x`, both with its sign.

    Examples
    --------
    >>> [part.eval().item() for part in T.modf(-2.5)]
    [-0.5, -2.0]
    """
    (a,) = floats_of(as_node(x))
    whole = apply("trunc", a)
    rest = where(apply("isinf", a), 0, a - where(apply("isinf", a), 0, whole))
    return apply("copysign", rest, a), whole


def ldexp(x: TensorLike, i: TensorLike) -> Variable:
    """x * 2**i for integers `i`, without overflow on the way; exact unless the result is subnormal.

    Examples
    --------
    >>> T.ldexp(3.0, 2).eval()
    array(12.)
    """
    (a,) = floats_of(as_node(x))
    # Four factors, each of which is in range; beyond that the result is 0 or infinite anyway.
    power = apply("clip", as_variable(i).astype("int64"), -5000, 5000)
    most = {"float16": 14, "bfloat16": 126, "float32": 126}.get(a.dtype, 1022)
    for _ in range(4):
        part = apply("clip", power, -most, most)
        a = a * apply("exp2", part.astype(a.dtype))
        power = power - part
    return a


def logaddexp2(x: TensorLike, y: TensorLike) -> Variable:
    """log2(2**x + 2**y) without overflow.

    Examples
    --------
    >>> T.logaddexp2(1000.0, 1000.0).eval()
    array(1001.)
    """
    a, b = floats_of(*nodes_of([x, y], "logaddexp2"))
    # The larger one is set aside, so that its size costs no digits of the logarithm; gradients do without it.
    top = apply("maximum", a, b)
    top = wrap(_core.stop_gradient(where(apply("isfinite", top), top, 0.0)._node))
    return top + apply("logaddexp", (a - top) * math.log(2), (b - top) * math.log(2)) / math.log(2)


def float_power(x: TensorLike, y: TensorLike) -> Variable:
    """x ** y in float64, whatever the dtypes are; in complex128 if one of them is complex.

    Examples
    --------
    >>> T.float_power(2, -1).eval()
    array(0.5)
    """
    pair = as_variable(x), as_variable(y)
    dtype = "complex128" if any(kind_of(z.dtype) == "c" for z in pair) else "float64"
    return apply("pow", *(z.astype(dtype) for z in pair))


def sinc(x: TensorLike) -> Variable:
    """sin(pi x) / (pi x), and 1 at 0.

    Examples
    --------
    >>> T.sinc([0.0, 0.5]).eval().round(4)
    array([1.    , 0.6366])
    """
    (a,) = floats_of(as_node(x))
    # sin(pi x) of the distance to the nearest integer: exact zeros, and no loss for large numbers.
    turn = a - 2 * apply("round", a / 2)
    half = where(apply("abs", turn) > 0.5, apply("copysign", 1.0, turn) - turn, turn)
    zero = apply("eq", a, 0)
    return where(zero, 1, apply("sin", half * math.pi) / where(zero, 1, a * math.pi))


def signbit(x: TensorLike) -> Variable:
    """Whether the sign is negative: that of -0.0 is.

    Parameters
    ----------
    x : array_like or Variable
        Of real numbers.

    Examples
    --------
    >>> T.signbit([-1.0, -0.0, 0.0]).eval()
    array([ True,  True, False])
    """
    array = as_variable(x)
    return apply("copysign", 1.0, array) < 0 if kind_of(array.dtype) == "f" else array < 0


def isposinf(x: TensorLike) -> Variable:
    """Whether elements are inf.

    Parameters
    ----------
    x : array_like or Variable
        Of real numbers.

    Examples
    --------
    >>> T.isposinf([np.inf, -np.inf, 1.0]).eval()
    array([ True, False, False])
    """
    return apply("logical_and", apply("isinf", x), ~signbit(x))


def isneginf(x: TensorLike) -> Variable:
    """Whether elements are -inf; see `isposinf`.

    Parameters
    ----------
    x : array_like or Variable
        Of real numbers.
    """
    return apply("logical_and", apply("isinf", x), signbit(x))


def nan_to_num(
    x: TensorLike,
    nan: TensorLike = 0.0,
    posinf: TensorLike = None,
    neginf: TensorLike = None,
) -> Variable:
    """`x` with numbers in place of NaN, inf and -inf.

    Parameters
    ----------
    x : array_like or Variable
        What is not of real floats is returned as it is.
    nan : array_like or Variable
    posinf, neginf : array_like or Variable, optional
        By default the largest and the least number of the dtype.

    Returns
    -------
    Variable
        In the dtype of `x`.

    Examples
    --------
    >>> T.nan_to_num([np.nan, np.inf, 1.0], posinf=9.0).eval()
    array([0., 9., 1.])
    """
    array = as_variable(x)
    if kind_of(array.dtype) != "f":
        return array
    largest = 3.3895313892515355e38 if array.dtype == "bfloat16" else float(np.finfo(array.dtype).max)
    result = where(isposinf(array), largest if posinf is None else posinf, array)
    result = where(isneginf(array), -largest if neginf is None else neginf, result)
    return where(apply("isnan", array), nan, result).astype(array.dtype)

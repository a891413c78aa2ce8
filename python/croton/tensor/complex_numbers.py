"""Complex numbers: their parts, and making them of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton import _core
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike, as_node, as_variable, nodes_of, wrap
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "angle",
    "complex",
    "complex_from_polar",
    "conj",
    "conjugate",
    "imag",
    "iscomplex",
    "iscomplexobj",
    "isreal",
    "isrealobj",
    "real",
]


def real(x: TensorLike) -> Variable:
    """The real parts; real numbers are themselves.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> T.real([1 + 2j, 3.0]).eval()
    array([1., 3.])
    """
    return wrap(_core.real(as_node(x)))


def imag(x: TensorLike) -> Variable:
    """The imaginary parts; those of real numbers are 0.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> T.imag([1 + 2j, 3.0]).eval()
    array([2., 0.])
    """
    return wrap(_core.imag(as_node(x)))


def conj(x: TensorLike) -> Variable:
    """The complex conjugates; real numbers are themselves.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> T.conj([1 + 2j]).eval()
    array([1.-2.j])
    """
    return wrap(_core.conj(as_node(x)))


conjugate = conj


def complex(real: TensorLike, imag: TensorLike) -> Variable:
    """real + i imag, of complex64 for types up to float32 and else of complex128; the gradient has two parts.

    Examples
    --------
    >>> T.complex([1.0, 2.0], 0.5).eval()
    array([1.+0.5j, 2.+0.5j])
    """
    return wrap(_core.complex(*nodes_of([real, imag], "complex")))


def complex_from_polar(abs: TensorLike, angle: TensorLike) -> Variable:
    """The complex numbers of these lengths and angles in radians.

    Parameters
    ----------
    abs, angle : array_like or Variable
        Of real numbers; they broadcast together.

    Examples
    --------
    >>> T.complex_from_polar(2.0, np.pi / 2).eval().round(6)
    np.complex128(2j)
    """
    size, turn = map(wrap, nodes_of([abs, angle], "complex_from_polar"))
    return complex(size * apply("cos", turn), size * apply("sin", turn))


def angle(x: TensorLike, deg: bool = False) -> Variable:
    """The angle in [-pi, pi] of complex numbers.

    Parameters
    ----------
    x : array_like or Variable
    deg : bool
        Degrees instead of radians.

    Examples
    --------
    >>> T.angle([1j, -1.0], deg=True).eval()
    array([ 90., 180.])
    """
    z = as_node(x)
    turn = apply("arctan2", wrap(_core.imag(z)), wrap(_core.real(z)))
    return apply("rad2deg", turn) if deg else turn


def isreal(x: TensorLike) -> Variable:
    """Whether imaginary parts are 0.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> T.isreal([1 + 1j, 1 + 0j]).eval()
    array([False,  True])
    """
    return apply("eq", imag(x), 0)


def iscomplex(x: TensorLike) -> Variable:
    """Whether imaginary parts are not 0.

    Parameters
    ----------
    x : array_like or Variable
    """
    return apply("ne", imag(x), 0)


def iscomplexobj(x: TensorLike) -> bool:
    """Whether the dtype is complex, a bool of Python.

    Parameters
    ----------
    x : array_like or Variable
    """
    return kind_of(as_variable(x).dtype) == "c"


def isrealobj(x: TensorLike) -> bool:
    """Whether the dtype is not complex, a bool of Python.

    Parameters
    ----------
    x : array_like or Variable
    """
    return not iscomplexobj(x)

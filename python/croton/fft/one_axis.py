"""Transforms along one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.fft.operands import FORWARD, INVERSE, OPPOSITE, factor_of, last, length_of, numbers, resized
from croton.tensor.expression import Size, TensorLike, as_node, dims_of, size_node, size_op, wrap
from croton.tensor.movement import moveaxis

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _transformed(
    operation: str, kind: str, a: TensorLike, n: Any, axis: int, norm: Any, forward: bool
) -> Variable:
    """The transform of complex ("c") or real ("f") numbers to complex ones."""
    factor = factor_of(operation, FORWARD if forward else INVERSE, norm)
    x, k = last(operation, numbers(a, kind, operation), axis)
    node = x._node if n is None else resized(x, length_of(operation, n))
    (result,) = _core.apply_all("rfft" if kind == "f" else "fft", [node], [int(forward), factor])
    return moveaxis(wrap(result), x.ndim - 1, k)


def fft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The discrete Fourier transform along an axis: y[k] = sum of a[j] exp(-2 pi i j k / n).

    Parameters
    ----------
    a, n, axis, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        complex64 or complex128, of size `n` along the axis.

    Examples
    --------
    >>> ct.fft.fft([1.0, 2.0, 3.0, 4.0]).eval()
    array([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])
    """
    return _transformed("fft", "c", a, n, axis, norm, True)


def ifft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The inverse of `fft`, with the same arguments.

    Parameters
    ----------
    a, n, axis, norm
        See `croton.fft`; by default the factor 1/n stands here.

    Returns
    -------
    Variable
        complex64 or complex128, of size `n` along the axis.

    Examples
    --------
    >>> ct.fft.ifft(ct.fft.fft([1.0, 2.0])).eval()
    array([1.+0.j, 2.+0.j])
    """
    return _transformed("ifft", "c", a, n, axis, norm, False)


def rfft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The first n//2 + 1 elements of `fft` of real numbers: the others are their conjugates.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    n, axis, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        complex64 or complex128, of size n//2 + 1 along the axis.

    Examples
    --------
    >>> ct.fft.rfft([1.0, 2.0, 3.0, 4.0]).eval()
    array([10.+0.j, -2.+2.j, -2.+0.j])
    """
    return _transformed("rfft", "f", a, n, axis, norm, True)


def irfft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The inverse of `rfft`: `n` real numbers, by default 2 (m - 1) from m coefficients.

    The imaginary parts of the first and, for even `n`, of the last coefficient do not count.

    Parameters
    ----------
    a : array_like or Variable
        m numbers along the axis; real ones count as complex.
    n : int or scalar, optional
        The size of the result along the axis.
    axis, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        float32 (of complex64 and smaller floats) or float64.

    Examples
    --------
    >>> ct.fft.irfft([10, -2 + 2j, -2]).eval()
    array([1., 2., 3., 4.])
    """
    x, k = last("irfft", numbers(a, "c", "irfft"), axis)
    if n is None:
        length = length_of("irfft", _even(dims_of(x._node)[-1]))
        node = x._node
    else:
        length = length_of("irfft", n)
        node = resized(x, size_op("add", size_op("floor_div", length, 2), 1))
    (result,) = _core.apply_all("irfft", [node, size_node(length)], [0, factor_of("irfft", INVERSE, norm)])
    return moveaxis(wrap(result), x.ndim - 1, k)


def _even(count: Size) -> Any:
    size = size_op("mul", size_op("sub", count, 1), 2)
    return size if isinstance(size, int) else wrap(size)


def hfft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The transform, which is real, of numbers whose second half are the conjugates of the first, `a`.

    Parameters
    ----------
    a : array_like or Variable
        m numbers along the axis; real ones count as complex.
    n : int or scalar, optional
        The size of the result along the axis, by default 2 (m - 1).
    axis, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        float32 (of complex64 and smaller floats) or float64.

    Examples
    --------
    >>> ct.fft.hfft([1.0, 2.0, 3.0]).eval()
    array([ 8., -2.,  0., -2.])
    """
    factor_of("hfft", FORWARD, norm)
    return irfft(wrap(_core.conj(as_node(a))), n, axis, OPPOSITE[norm])


def ihfft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The inverse of `hfft`.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    n, axis, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        complex64 or complex128, of size n//2 + 1 along the axis.

    Examples
    --------
    >>> ct.fft.ihfft([8.0, -2.0, 0.0, -2.0]).eval().real
    array([1., 2., 3.])
    """
    factor_of("ihfft", FORWARD, norm)
    return rfft(a, n, axis, OPPOSITE[norm]).conj()

"""Transforms along several axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from croton.errors import complaint
from croton.fft.one_axis import fft, ifft, irfft, rfft
from croton.fft.operands import numbers
from croton.tensor.expression import TensorLike, as_node, wrap
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

Axes = Sequence[int] | None
Sizes = Sequence[Any] | None


def _axes(operation: str, a: TensorLike, s: Sizes, axes: Axes) -> list[tuple[int, Any]]:
    """Each axis and the length along it, which may be None."""
    node = as_node(a)
    if axes is None:
        axes = range(node.ndim) if s is None else range(-len(s), 0)
    chosen = [normalize_axes(operation, node, axis)[0] for axis in axes]
    if s is not None and len(s) != len(chosen):
        raise ValueError(complaint(operation, f"{len(chosen)} lengths", str(len(s))))
    return list(zip(chosen, s if s is not None else [None] * len(chosen), strict=True))


def _last_apart(
    operation: str, a: TensorLike, s: Sizes, axes: Axes
) -> tuple[list[tuple[int, Any]], tuple[int, Any]]:
    chosen = _axes(operation, a, s, axes)
    if not chosen:
        raise ValueError(complaint(operation, "one axis or more", "none"))
    return chosen[:-1], chosen[-1]


def _along_each(
    operation: str, transform: Callable[..., Variable], a: TensorLike, axes: list[tuple[int, Any]], norm: Any
) -> Variable:
    result = wrap(numbers(a, "c", operation))
    for axis, n in reversed(axes):
        result = transform(result, n, axis, norm)
    return result


def fftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """`fft` along several axes, by default all (or, with lengths `s`, the last ones).

    Parameters
    ----------
    a, s, axes, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        complex64 or complex128.

    Examples
    --------
    >>> ct.fft.fftn([[1.0, 0.0], [0.0, 0.0]]).eval().real
    array([[1., 1.],
           [1., 1.]])
    """
    return _along_each("fftn", fft, a, _axes("fftn", a, s, axes), norm)


def ifftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """The inverse of `fftn`.

    Parameters
    ----------
    a, s, axes, norm
        See `croton.fft`; by default the factor stands here.

    Returns
    -------
    Variable
        complex64 or complex128.
    """
    return _along_each("ifftn", ifft, a, _axes("ifftn", a, s, axes), norm)


def rfftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """`rfft` along the last of several axes, and `fft` along the others.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    s, axes, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        complex64 or complex128, of size n//2 + 1 along the last of the axes.

    Raises
    ------
    ValueError
        For no axes.

    Examples
    --------
    >>> ct.fft.rfftn(T.ones((2, 4))).eval().real
    array([[8., 0., 0.],
           [0., 0., 0.]])
    """
    rest, (axis, n) = _last_apart("rfftn", a, s, axes)
    return _along_each("rfftn", fft, rfft(a, n, axis, norm), rest, norm)


def irfftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """The inverse of `rfftn`; the length of the last axis is even unless `s` says it.

    Parameters
    ----------
    a : array_like or Variable
        Numbers; real ones count as complex.
    s : sequence of int and scalars, optional
        The sizes of the result along the axes.
    axes, norm
        See `croton.fft`.

    Returns
    -------
    Variable
        float32 (of complex64 and smaller floats) or float64.

    Raises
    ------
    ValueError
        For no axes.

    Examples
    --------
    >>> ct.fft.irfftn(ct.fft.rfftn([[1.0, 2.0], [3.0, 4.0]])).eval()
    array([[1., 2.],
           [3., 4.]])
    """
    rest, (axis, n) = _last_apart("irfftn", a, s, axes)
    return irfft(_along_each("irfftn", ifft, a, rest, norm), n, axis, norm)


def fft2(a: TensorLike, s: Sizes = None, axes: Axes = (-2, -1), norm: str | None = None) -> Variable:
    """`fftn` along two axes."""
    return fftn(a, s, axes, norm)


def ifft2(a: TensorLike, s: Sizes = None, axes: Axes = (-2, -1), norm: str | None = None) -> Variable:
    """`ifftn` along two axes."""
    return ifftn(a, s, axes, norm)


def rfft2(a: TensorLike, s: Sizes = None, axes: Axes = (-2, -1), norm: str | None = None) -> Variable:
    """`rfftn` along two axes."""
    return rfftn(a, s, axes, norm)


def irfft2(a: TensorLike, s: Sizes = None, axes: Axes = (-2, -1), norm: str | None = None) -> Variable:
    """`irfftn` along two axes."""
    return irfftn(a, s, axes, norm)

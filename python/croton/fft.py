"""Discrete Fourier transforms with the names and arguments of numpy.fft.

All of them have gradients, which are transforms again. `norm` says where the factor 1/n stands: in the
inverse ("backward", the default), in both as 1/sqrt(n) ("ortho"), or in the forward transform ("forward").
Lengths need not be known before the call. Theano's functions on pairs of reals are in `croton.tensor.fft`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.config import config
from croton.errors import complaint
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.joining import concatenate
from croton.tensor.movement import moveaxis
from croton.tensor.reductions import normalize_axes
from croton.tensor.types import REAL_TYPES, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

# The factor of a transform as the engine has it: none, 1/n, 1/sqrt(n).
NO_FACTOR, WHOLE, ROOT = 0, 1, 2
FORWARD = {None: NO_FACTOR, "backward": NO_FACTOR, "ortho": ROOT, "forward": WHOLE}
INVERSE = {None: WHOLE, "backward": WHOLE, "ortho": ROOT, "forward": NO_FACTOR}
OPPOSITE = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}

Axes = Sequence[int] | None
Sizes = Sequence[Any] | None


def _factor(operation: str, table: dict[Any, int], norm: Any) -> int:
    if norm not in table:
        raise ValueError(complaint(operation, 'a norm of "backward", "ortho" or "forward"', repr(norm)))
    return table[norm]


def _numbers(x: TensorLike, kind: str, operation: str) -> Node:
    """`x` as numbers that the engine transforms: real ("f") or complex ("c") ones of 32 or 64 bits."""
    node = as_node(x)
    if kind_of(node.dtype) == "c":
        if kind == "f":
            raise TypeError(complaint(operation, "real numbers", describe(wrap(node)), "use fft"))
        return node
    real = {"float16": "float32", "bfloat16": "float32", "float32": "float32"}.get(node.dtype, "float64")
    target = real if kind == "f" else {real: name for name, real in REAL_TYPES.items()}[real]
    return _core.cast(node, target)


def _last(operation: str, node: Node, axis: int) -> tuple[Variable, int]:
    if node.ndim == 0:
        raise ValueError(complaint(operation, "an array of one axis or more", describe(wrap(node))))
    (k,) = normalize_axes(operation, node, axis)
    return moveaxis(wrap(node), k, node.ndim - 1), k


def _length(operation: str, n: Any) -> Size:
    size = as_size(n, operation)
    if isinstance(size, int) and size < 1:
        raise ValueError(complaint(operation, "a length of 1 or more", str(size)))
    return size


def _resized(x: Variable, n: Size) -> Node:
    """The first `n` elements along the last axis, or all and zeros behind them."""
    node, axis = x._node, x.ndim - 1
    sizes = dims_of(node)
    size, start = sizes[axis], size_node(0)
    if size == n:
        return node
    kept = size_op("minimum", size, n)
    part = node if kept == size else _core.slice(node, axis, start, size_node(kept), 1)
    if kept == n:
        return part
    sizes[axis] = n
    zeros = _core.zeros([size_node(s) for s in sizes], node.dtype)
    return _core.set_slice(zeros, part, axis, start, 1)


def _complex(operation: str, a: TensorLike, n: Any, axis: int, norm: Any, forward: bool) -> Variable:
    factor = _factor(operation, FORWARD if forward else INVERSE, norm)
    x, k = _last(operation, _numbers(a, "c", operation), axis)
    node = x._node if n is None else _resized(x, _length(operation, n))
    (result,) = _core.apply_all("fft", [node], [int(forward), factor])
    return moveaxis(wrap(result), x.ndim - 1, k)


def fft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The discrete Fourier transform along an axis: y[k] = sum of a[j] exp(-2 pi i j k / n).

    Parameters
    ----------
    a : array_like or Variable
        Numbers; real ones count as complex. float16 and float32 give complex64.
    n : int or scalar, optional
        The length: elements beyond are left out, missing ones are 0. By default that of the axis.
    axis : int
    norm : {"backward", "ortho", "forward"}, optional

    Returns
    -------
    Variable
        complex64 or complex128, of size `n` along the axis.

    Raises
    ------
    ValueError
        For another norm, a length below 1, or an axis that does not exist.

    Examples
    --------
    >>> ct.fft.fft([1.0, 2.0, 3.0, 4.0]).eval()
    array([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])
    """
    return _complex("fft", a, n, axis, norm, True)


def ifft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The inverse of `fft`, with the same arguments.

    Parameters
    ----------
    a, n, axis, norm
        As in `fft`; by default the factor 1/n stands here.

    Returns
    -------
    Variable
        complex64 or complex128, of size `n` along the axis.

    Raises
    ------
    ValueError
        As `fft`.

    Examples
    --------
    >>> ct.fft.ifft(ct.fft.fft([1.0, 2.0])).eval()
    array([1.+0.j, 2.+0.j])
    """
    return _complex("ifft", a, n, axis, norm, False)


def rfft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The first n//2 + 1 elements of `fft` of real numbers: the others are their conjugates.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    n, axis, norm
        As in `fft`.

    Returns
    -------
    Variable
        complex64 or complex128, of size n//2 + 1 along the axis.

    Raises
    ------
    ValueError
        As `fft`.
    TypeError
        For complex numbers.

    Examples
    --------
    >>> ct.fft.rfft([1.0, 2.0, 3.0, 4.0]).eval()
    array([10.+0.j, -2.+2.j, -2.+0.j])
    """
    x, k = _last("rfft", _numbers(a, "f", "rfft"), axis)
    node = x._node if n is None else _resized(x, _length("rfft", n))
    (result,) = _core.apply_all("rfft", [node], [1, _factor("rfft", FORWARD, norm)])
    return moveaxis(wrap(result), x.ndim - 1, k)


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
        As in `ifft`.

    Returns
    -------
    Variable
        float32 (of complex64 and smaller floats) or float64.

    Raises
    ------
    ValueError
        As `fft`.

    Examples
    --------
    >>> ct.fft.irfft([10, -2 + 2j, -2]).eval()
    array([1., 2., 3., 4.])
    """
    x, k = _last("irfft", _numbers(a, "c", "irfft"), axis)
    if n is None:
        length = _length("irfft", _even(dims_of(x._node)[-1]))
        node = x._node
    else:
        length = _length("irfft", n)
        node = _resized(x, size_op("add", size_op("floor_div", length, 2), 1))
    (result,) = _core.apply_all("irfft", [node, size_node(length)], [0, _factor("irfft", INVERSE, norm)])
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
        As in `fft`.

    Returns
    -------
    Variable
        float32 (of complex64 and smaller floats) or float64.

    Raises
    ------
    ValueError
        As `fft`.

    Examples
    --------
    >>> ct.fft.hfft([1.0, 2.0, 3.0]).eval()
    array([ 8., -2.,  0., -2.])
    """
    _factor("hfft", FORWARD, norm)
    return irfft(wrap(_core.conj(as_node(a))), n, axis, OPPOSITE[norm])


def ihfft(a: TensorLike, n: Any = None, axis: int = -1, norm: str | None = None) -> Variable:
    """The inverse of `hfft`.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    n, axis, norm
        As in `ifft`.

    Returns
    -------
    Variable
        complex64 or complex128, of size n//2 + 1 along the axis.

    Raises
    ------
    ValueError, TypeError
        As `rfft`.

    Examples
    --------
    >>> ct.fft.ihfft([8.0, -2.0, 0.0, -2.0]).eval().real
    array([1., 2., 3.])
    """
    _factor("ihfft", FORWARD, norm)
    return rfft(a, n, axis, OPPOSITE[norm]).conj()


# ---- several axes


def _axes(operation: str, a: TensorLike, s: Sizes, axes: Axes) -> list[tuple[int, Any]]:
    """Each axis and the length along it, which may be None."""
    node = as_node(a)
    if axes is None:
        axes = range(node.ndim) if s is None else range(-len(s), 0)
    chosen = [normalize_axes(operation, node, axis)[0] for axis in axes]
    if s is not None and len(s) != len(chosen):
        raise ValueError(complaint(operation, f"{len(chosen)} lengths", str(len(s))))
    return list(zip(chosen, s if s is not None else [None] * len(chosen), strict=True))


def fftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """`fft` along several axes, by default all (or, with lengths `s`, the last ones).

    Parameters
    ----------
    a : array_like or Variable
        Numbers; real ones count as complex.
    s : sequence of int and scalars, optional
        The length along each of the axes, as `n` in `fft`.
    axes : sequence of int, optional
    norm : {"backward", "ortho", "forward"}, optional
        As in `fft`.

    Returns
    -------
    Variable
        complex64 or complex128.

    Raises
    ------
    ValueError
        For another norm, lengths below 1 or of another number than the axes, or axes that do not exist.

    Examples
    --------
    >>> ct.fft.fftn([[1.0, 0.0], [0.0, 0.0]]).eval().real
    array([[1., 1.],
           [1., 1.]])
    """
    result = wrap(_numbers(a, "c", "fftn"))
    for axis, n in reversed(_axes("fftn", a, s, axes)):
        result = fft(result, n, axis, norm)
    return result


def ifftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """The inverse of `fftn`.

    Parameters
    ----------
    a, s, axes, norm
        As in `fftn`; by default the factor stands here.

    Returns
    -------
    Variable
        complex64 or complex128.

    Raises
    ------
    ValueError
        As `fftn`.
    """
    result = wrap(_numbers(a, "c", "ifftn"))
    for axis, n in reversed(_axes("ifftn", a, s, axes)):
        result = ifft(result, n, axis, norm)
    return result


def rfftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """`rfft` along the last of several axes, and `fft` along the others.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    s, axes, norm
        As in `fftn`.

    Returns
    -------
    Variable
        complex64 or complex128, of size n//2 + 1 along the last of the axes.

    Raises
    ------
    ValueError, TypeError
        For no axes, and as `fftn`; for complex numbers.

    Examples
    --------
    >>> ct.fft.rfftn(T.ones((2, 4))).eval().real
    array([[8., 0., 0.],
           [0., 0., 0.]])
    """
    chosen = _axes("rfftn", a, s, axes)
    if not chosen:
        raise ValueError(complaint("rfftn", "one axis or more", "none"))
    axis, n = chosen[-1]
    result = rfft(a, n, axis, norm)
    for axis, n in reversed(chosen[:-1]):
        result = fft(result, n, axis, norm)
    return result


def irfftn(a: TensorLike, s: Sizes = None, axes: Axes = None, norm: str | None = None) -> Variable:
    """The inverse of `rfftn`; the length of the last axis is even unless `s` says it.

    Parameters
    ----------
    a : array_like or Variable
        Numbers; real ones count as complex.
    s : sequence of int and scalars, optional
        The sizes of the result along the axes.
    axes, norm
        As in `ifftn`.

    Returns
    -------
    Variable
        float32 (of complex64 and smaller floats) or float64.

    Raises
    ------
    ValueError
        For no axes, and as `fftn`.

    Examples
    --------
    >>> ct.fft.irfftn(ct.fft.rfftn([[1.0, 2.0], [3.0, 4.0]])).eval()
    array([[1., 2.],
           [3., 4.]])
    """
    chosen = _axes("irfftn", a, s, axes)
    if not chosen:
        raise ValueError(complaint("irfftn", "one axis or more", "none"))
    result = wrap(_numbers(a, "c", "irfftn"))
    for axis, n in chosen[:-1]:
        result = ifft(result, n, axis, norm)
    axis, n = chosen[-1]
    return irfft(result, n, axis, norm)


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


# ---- frequencies


def _frequencies(count: Node, n: Size, d: TensorLike) -> Variable:
    k, length = (wrap(_core.cast(node, config.floatX)) for node in (count, size_node(n)))
    return apply("true_div", k, apply("mul", length, d))


def fftfreq(n: Any, d: TensorLike = 1.0) -> Variable:
    """The frequencies of the elements of `fft`, for samples `d` apart: floats of floatX.

    Parameters
    ----------
    n : int or scalar
        The length of the transform.
    d : array_like or Variable

    Returns
    -------
    Variable
        A vector of `n`: 0, 1, ..., and the negative ones, over n d.

    Raises
    ------
    ValueError
        For a length below 1.

    Examples
    --------
    >>> ct.fft.fftfreq(4, 0.5).eval()
    array([ 0. ,  0.5, -1. , -0.5])
    """
    size = _length("fftfreq", n)
    k = wrap(_core.iota([size_node(size)], 0))
    length = wrap(size_node(size))
    return _frequencies(where(apply("mul", k, 2) < length, k, k - length)._node, size, d)


def rfftfreq(n: Any, d: TensorLike = 1.0) -> Variable:
    """The frequencies of the elements of `rfft`; see `fftfreq`.

    Parameters
    ----------
    n, d
        As in `fftfreq`.

    Returns
    -------
    Variable
        A vector of n//2 + 1.

    Examples
    --------
    >>> ct.fft.rfftfreq(4, 0.5).eval()
    array([0. , 0.5, 1. ])
    """
    size = _length("rfftfreq", n)
    half = size_op("add", size_op("floor_div", size, 2), 1)
    return _frequencies(_core.iota([size_node(half)], 0), size, d)


def _turned(operation: str, x: TensorLike, axes: Any, back: bool) -> Variable:
    node = as_node(x)
    for axis in normalize_axes(operation, node, axes):
        n = dims_of(node)[axis]
        half = size_op("floor_div", n, 2)
        first = half if back else size_op("sub", n, half)
        rest = size_op("sub", n, first)
        parts = [
            _core.slice(node, axis, size_node(first), size_node(rest), 1),
            _core.slice(node, axis, size_node(0), size_node(first), 1),
        ]
        node = concatenate([wrap(part) for part in parts], axis)._node
    return wrap(node)


def fftshift(x: TensorLike, axes: Any = None) -> Variable:
    """The element of frequency 0 in the middle of the axes, by default of all.

    Parameters
    ----------
    x : array_like or Variable
    axes : int or sequence of int, optional

    Returns
    -------
    Variable
        Of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        For axes that do not exist.

    Examples
    --------
    >>> ct.fft.fftshift(ct.fft.fftfreq(4)).eval()
    array([-0.5 , -0.25,  0.  ,  0.25])
    """
    return _turned("fftshift", x, axes, False)


def ifftshift(x: TensorLike, axes: Any = None) -> Variable:
    """The inverse of `fftshift`.

    Parameters
    ----------
    x, axes
        As in `fftshift`.

    Returns
    -------
    Variable
        Of the shape and dtype of `x`.
    """
    return _turned("ifftshift", x, axes, True)

"""The frequencies that belong to the elements of a transform, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.config import config
from croton.fft.operands import length_of
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import Node, Size, TensorLike, as_node, dims_of, size_node, size_op, wrap
from croton.tensor.joining import concatenate
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


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
    size = length_of("fftfreq", n)
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
    size = length_of("rfftfreq", n)
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

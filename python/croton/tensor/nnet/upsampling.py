"""Images made larger: nearest neighbours and bilinear interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.config import config
from croton.errors import complaint
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike, as_node, describe, dims_of, size_node, size_op, wrap
from croton.tensor.types import kind_of
from croton.tensor.windows import for_each_axis

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _ratios(operation: str, x: Variable, ratio: int | Sequence[int]) -> list[int]:
    if x.ndim < 2:
        raise ValueError(complaint(operation, "an array of two axes or more", describe(x)))
    return for_each_axis(operation, "ratio", ratio, 2)


def nearest_upsampling(input: TensorLike, ratio: int | Sequence[int]) -> Variable:
    """The last two axes of `input` made `ratio` times as long by repeating each element.

    Parameters
    ----------
    input : array_like or Variable
        Of shape (..., m, n).
    ratio : int or pair of int
        Along both axes, or for each.

    Returns
    -------
    Variable
        Of shape (..., m * ratio, n * ratio), in the dtype of `input`.

    Raises
    ------
    ValueError
        If `input` has fewer than two axes, or a ratio is below 1.

    Examples
    --------
    >>> T.nnet.nearest_upsampling([[1, 2]], (1, 2)).eval()
    array([[1, 1, 2, 2]])
    """
    x = wrap(as_node(input))
    node = x._node
    for axis, times in zip((x.ndim - 2, x.ndim - 1), _ratios("nearest_upsampling", x, ratio), strict=True):
        dims = dims_of(node)
        wide = _core.dimshuffle(node, [*range(axis + 1), -1, *range(axis + 1, node.ndim)])
        sizes = [*dims[: axis + 1], times, *dims[axis + 1 :]]
        wide = _core.broadcast_to(wide, [size_node(size) for size in sizes])
        dims[axis] = size_op("mul", dims[axis], times)
        node = _core.reshape(wide, [size_node(size) for size in dims])
    return wrap(node)


def _interpolated(x: Variable, axis: int, ratio: int) -> Variable:
    """Results between two elements are weighted by their distances; beyond the edges stand the outermost."""
    n = dims_of(x._node)[axis]
    position = wrap(_core.iota([size_node(size_op("mul", n, ratio))], 0)) - (ratio - 1) // 2
    before = position // ratio
    last = wrap(size_node(size_op("sub", n, 1)))
    low, high = (
        wrap(_core.take(x._node, apply("clip", index, 0, last)._node, axis)) for index in (before, before + 1)
    )
    weight = wrap(_core.cast((position - before * ratio)._node, x.dtype)) / ratio
    weight = weight.dimshuffle(0, *["x"] * (x.ndim - 1 - axis))
    return low * (1 - weight) + high * weight


def bilinear_upsampling(
    input: TensorLike,
    ratio: int | Sequence[int],
    batch_size: Any = None,
    num_input_channels: Any = None,
    use_1D_kernel: bool = True,
) -> Variable:
    """The last two axes of `input` made `ratio` times as long by linear interpolation.

    Element j of the result stands at position (j - (ratio - 1) // 2) / ratio of the input.

    Parameters
    ----------
    input : array_like or Variable
    ratio : int or pair of int
    batch_size, num_input_channels, use_1D_kernel : optional
        Accepted for programs written for Theano; nothing depends on them.

    Examples
    --------
    >>> T.nnet.bilinear_upsampling([[0.0, 2.0]], (1, 2)).eval()
    array([[0., 1., 2., 2.]])
    """
    x = wrap(as_node(input))
    if kind_of(x.dtype) in "biu":
        x = wrap(_core.cast(x._node, _core.to_inexact(x.dtype)))
    for axis, times in zip((x.ndim - 2, x.ndim - 1), _ratios("bilinear_upsampling", x, ratio), strict=True):
        x = _interpolated(x, axis, times)
    return x


def bilinear_kernel_1D(ratio: int, normalize: bool = True) -> Variable:
    """The weights 1, 2, ..., ratio, ..., 2, 1 of linear interpolation, over `ratio` if `normalize`.

    Parameters
    ----------
    ratio : int
    normalize : bool

    Returns
    -------
    Variable
        A vector of 2 * ratio - 1 numbers of floatX.

    Examples
    --------
    >>> T.nnet.abstract_conv.bilinear_kernel_1D(2).eval()
    array([0.5, 1. , 0.5])
    """
    line = wrap(_core.cast(_core.iota([size_node(2 * ratio - 1)], 0), config.floatX))
    kernel = ratio - apply("abs", line - (ratio - 1))
    return kernel / ratio if normalize else kernel


def bilinear_kernel_2D(ratio: int, normalize: bool = True) -> Variable:
    """The outer product of two `bilinear_kernel_1D`.

    Parameters
    ----------
    ratio : int
    normalize : bool
        Whether each of the two is over `ratio`.

    Returns
    -------
    Variable
        A matrix of 2 * ratio - 1 rows and columns of floatX.

    Examples
    --------
    >>> T.nnet.abstract_conv.bilinear_kernel_2D(2, normalize=False).eval()
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    line = bilinear_kernel_1D(ratio, normalize)
    return line.dimshuffle(0, "x") * line.dimshuffle("x", 0)

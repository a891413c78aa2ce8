"""Convolutions of each channel alone, whose results are then combined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton.tensor.expression import TensorLike, as_node, wrap
from croton.tensor.nnet.convolution import Options, convolved, known_shape

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _separable(
    options: Options, input: TensorLike, depthwise: TensorLike, pointwise: TensorLike, shapes: tuple[Any, ...]
) -> Variable:
    one_channel = [None, 1, *[None] * options.ndim]
    w = known_shape(options.operation, as_node(depthwise), shapes[1])
    w = known_shape(options.operation, w, one_channel)
    channels = convolved(input, wrap(w), (shapes[0], None), options)
    return convolved(channels, pointwise, (None, shapes[2]), Options(options.operation, options.ndim))


def separable_conv2d(
    input: TensorLike,
    depthwise_filters: TensorLike,
    pointwise_filters: TensorLike,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
) -> Variable:
    """Each channel convolved with filters of its own, and then all of them combined at each position.

    Parameters
    ----------
    input : array_like or Variable
        (batch, num_channels, rows, columns)
    depthwise_filters : array_like or Variable
        (multiple of num_channels, 1, rows, columns)
    pointwise_filters : array_like or Variable
        (outputs, multiple of num_channels, 1, 1)
    num_channels : int
    input_shape, depthwise_filter_shape, pointwise_filter_shape : optional
        The sizes that are known, with None for others.
    border_mode, subsample, filter_flip, filter_dilation
        As for `conv2d`, of the filters for each channel.

    Returns
    -------
    Variable
        (batch, outputs, rows, columns)

    Examples
    --------
    >>> x, w = np.ones((1, 2, 3, 3)), np.ones((2, 1, 2, 2))
    >>> T.nnet.separable_conv2d(x, w, [[[[1.0]], [[2.0]]]], 2).eval()
    array([[[[12., 12.],
             [12., 12.]]]])
    """
    options = Options(
        "separable_conv2d", 2, border_mode, subsample, filter_flip, filter_dilation, num_channels
    )
    shapes = (input_shape, depthwise_filter_shape, pointwise_filter_shape)
    return _separable(options, input, depthwise_filters, pointwise_filters, shapes)


def separable_conv3d(
    input: TensorLike,
    depthwise_filters: TensorLike,
    pointwise_filters: TensorLike,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
) -> Variable:
    """`separable_conv2d` for volumes.

    Parameters
    ----------
    input : array_like or Variable
        (batch, num_channels, depth, rows, columns)
    depthwise_filters : array_like or Variable
        (multiple of num_channels, 1, depth, rows, columns)
    pointwise_filters : array_like or Variable
        (outputs, multiple of num_channels, 1, 1, 1)
    num_channels : int
    input_shape, depthwise_filter_shape, pointwise_filter_shape : optional
        The sizes that are known, with None for others.
    border_mode, subsample, filter_flip, filter_dilation
        As for `conv3d`, of the filters for each channel.

    Returns
    -------
    Variable
        (batch, outputs, depth, rows, columns)
    """
    options = Options(
        "separable_conv3d", 3, border_mode, subsample, filter_flip, filter_dilation, num_channels
    )
    shapes = (input_shape, depthwise_filter_shape, pointwise_filter_shape)
    return _separable(options, input, depthwise_filters, pointwise_filters, shapes)

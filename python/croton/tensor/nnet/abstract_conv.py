"""Convolutions with their options, and their gradients, under Theano's names.

Arguments that are common to all:

border_mode : "valid", "full", "half", int, or a tuple of an int or a pair for each axis
    How many zeros surround the input: none, so many that each filter touches it in one element, half of the
    filters' reach (the result is as large as the input for odd sizes), or these widths; a pair stands for
    those before and after.
subsample : int or tuple of int
    The distance from one position of the filters to the next.
filter_flip : bool
    Whether the filters are turned round, as in mathematics, or not: cross-correlation.
filter_dilation : int or tuple of int
    The distance between the elements of a filter.
num_groups : int
    The channels and the filters are cut into so many groups, each of which sees its own channels only.
unshared : bool
    Whether each position has filters of its own, with axes for the rows and columns of the result after the
    first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton.errors import complaint
from croton.lazy import lazily
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.nnet.conv_shapes import get_conv_gradinputs_shape as get_conv_gradinputs_shape
from croton.tensor.nnet.conv_shapes import get_conv_gradweights_shape as get_conv_gradweights_shape
from croton.tensor.nnet.conv_shapes import get_conv_output_shape as get_conv_output_shape
from croton.tensor.nnet.convolution import Options, convolve, gradient_of, known_shape
from croton.tensor.nnet.upsampling import bilinear_kernel_1D as bilinear_kernel_1D
from croton.tensor.nnet.upsampling import bilinear_kernel_2D as bilinear_kernel_2D
from croton.tensor.nnet.upsampling import bilinear_upsampling as bilinear_upsampling
from croton.tensor.nnet.upsampling import nearest_upsampling as nearest_upsampling

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


__all__ = [
    "bilinear_kernel_1D",
    "bilinear_kernel_2D",
    "bilinear_upsampling",
    "causal_conv1d",
    "conv1d",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "get_conv_gradinputs_shape",
    "get_conv_output_shape",
    "nearest_upsampling",
    "separable_conv2d",
    "separable_conv3d",
]


def _convolve(input: TensorLike, filters: TensorLike, shapes: tuple[Any, Any], options: Options) -> Variable:
    x = known_shape(options.operation, as_node(input), shapes[0])
    w = known_shape(options.operation, as_node(filters), shapes[1])
    return convolve(wrap(x), wrap(w), options)


def conv1d(
    input: TensorLike,
    filters: TensorLike,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = 1,
    filter_flip: bool = True,
    filter_dilation: Any = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> Variable:
    """`input` (batch, channels, time) convolved with `filters` (outputs, channels, time); see `conv2d`.

    Parameters
    ----------
    input : array_like or Variable
        (batch, channels, time)
    filters : array_like or Variable
        (outputs, channels, time); for groups the channels of one group.
    input_shape, filter_shape : sequence of int and None, optional
        Sizes known beforehand.
    border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        (batch, outputs, time) in the common dtype.

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

    Examples
    --------
    >>> T.nnet.conv1d([[[1.0, 2, 3]]], [[[1.0, 10]]]).eval()
    array([[[12., 23.]]])
    """
    options = Options("conv1d", 1, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    return _convolve(input, filters, (input_shape, filter_shape), options)


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    image_shape: Any = None,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Variable:
    """Images convolved with filters, summed over the channels.

    Parameters
    ----------
    input : array_like or Variable
        (batch, channels, rows, columns)
    filters : array_like or Variable
        (outputs, channels, rows, columns); for groups the channels of one group.
    input_shape, filter_shape : sequence of int and None, optional
        Sizes known beforehand. A call with other sizes raises ValueError.
    border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        See `croton.tensor.nnet.abstract_conv`.
    image_shape : optional
        An older name of `input_shape`.

    Returns
    -------
    Variable
        (batch, outputs, rows, columns) in the common dtype.

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> T.nnet.conv2d(x, [[[[1.0, 0], [0, 0]]]], filter_flip=False).eval()
    array([[[[0., 1.],
             [3., 4.]]]])
    >>> T.nnet.conv2d(x, np.ones((1, 1, 3, 3)), border_mode="half", subsample=(2, 2)).eval()
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    options = Options("conv2d", 2, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    shape = image_shape if input_shape is None else input_shape
    return _convolve(input, filters, (shape, filter_shape), options)


def conv3d(
    input: TensorLike,
    filters: TensorLike,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Variable:
    """Volumes (batch, channels, three axes) convolved with filters (outputs, channels, three); see `conv2d`.

    Parameters
    ----------
    input : array_like or Variable
        (batch, channels, depth, rows, columns)
    filters : array_like or Variable
        (outputs, channels, depth, rows, columns); for groups the channels of one group.
    input_shape, filter_shape : sequence of int and None, optional
        Sizes known beforehand.
    border_mode, subsample, filter_flip, filter_dilation, num_groups
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        (batch, outputs, depth, rows, columns) in the common dtype.

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

    Examples
    --------
    >>> T.nnet.conv3d(np.ones((1, 2, 3, 3, 3)), np.ones((4, 2, 2, 2, 2))).eval().shape
    (1, 4, 2, 2, 2)
    """
    options = Options("conv3d", 3, border_mode, subsample, filter_flip, filter_dilation, num_groups)
    return _convolve(input, filters, (input_shape, filter_shape), options)


def conv2d_grad_wrt_inputs(
    output_grad: TensorLike,
    filters: TensorLike,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Variable:
    """The gradient of `conv2d` by its input, of shape `input_shape`, from that of its result.

    Parameters
    ----------
    output_grad : array_like or Variable
        (batch, outputs, rows, columns): the gradient by the result of `conv2d`.
    filters : array_like or Variable
        As in `conv2d`.
    input_shape : sequence of int and int scalars
        The four sizes of the input: strides leave more than one possible.
    filter_shape : sequence of int and None, optional
    border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        Of shape `input_shape`.

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

    Examples
    --------
    >>> g = np.ones((1, 1, 2, 2))
    >>> T.nnet.conv2d_grad_wrt_inputs(g, np.ones((1, 1, 2, 2)), (1, 1, 3, 3)).eval()
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    name = "conv2d_grad_wrt_inputs"
    options = Options(name, 2, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    w = wrap(known_shape(name, as_node(filters), filter_shape))
    return gradient_of(options, "input", w, input_shape, output_grad)


def conv2d_grad_wrt_weights(
    input: TensorLike,
    output_grad: TensorLike,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Variable:
    """The gradient of `conv2d` by its filters, of shape `filter_shape`, from that of its result.

    Parameters
    ----------
    input : array_like or Variable
        As in `conv2d`.
    output_grad : array_like or Variable
        (batch, outputs, rows, columns): the gradient by the result of `conv2d`.
    filter_shape : sequence of int and int scalars
        The four sizes of the filters (six with `unshared`).
    input_shape : sequence of int and None, optional
    border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        Of shape `filter_shape`.

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

    Examples
    --------
    >>> x, g = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
    >>> T.nnet.conv2d_grad_wrt_weights(x, g, (1, 1, 2, 2), filter_flip=False).eval()
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    name = "conv2d_grad_wrt_weights"
    options = Options(name, 2, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    x = wrap(known_shape(name, as_node(input), input_shape))
    return gradient_of(options, "filters", x, filter_shape, output_grad)


def conv3d_grad_wrt_inputs(
    output_grad: TensorLike,
    filters: TensorLike,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Variable:
    """The gradient of `conv3d` by its input; see `conv2d_grad_wrt_inputs`.

    Parameters
    ----------
    output_grad, filters, input_shape, filter_shape
        As in `conv2d_grad_wrt_inputs`, with one axis more.
    border_mode, subsample, filter_flip, filter_dilation, num_groups
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        Of shape `input_shape`.
    """
    name = "conv3d_grad_wrt_inputs"
    options = Options(name, 3, border_mode, subsample, filter_flip, filter_dilation, num_groups)
    w = wrap(known_shape(name, as_node(filters), filter_shape))
    return gradient_of(options, "input", w, input_shape, output_grad)


def conv3d_grad_wrt_weights(
    input: TensorLike,
    output_grad: TensorLike,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Variable:
    """The gradient of `conv3d` by its filters; see `conv2d_grad_wrt_weights`.

    Parameters
    ----------
    input, output_grad, filter_shape, input_shape
        As in `conv2d_grad_wrt_weights`, with one axis more.
    border_mode, subsample, filter_flip, filter_dilation, num_groups
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        Of shape `filter_shape`.
    """
    name = "conv3d_grad_wrt_weights"
    options = Options(name, 3, border_mode, subsample, filter_flip, filter_dilation, num_groups)
    x = wrap(known_shape(name, as_node(input), input_shape))
    return gradient_of(options, "filters", x, filter_shape, output_grad)


def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    input_dilation: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Variable:
    """The transpose of `conv2d` with steps of `input_dilation`: `conv2d_grad_wrt_inputs` of `input`.

    `output_shape` may leave out the batch with None.

    Parameters
    ----------
    input : array_like or Variable
        (batch, outputs, rows, columns), like a result of `conv2d`.
    filters : array_like or Variable
        (outputs, channels, rows, columns), as in that `conv2d`.
    output_shape : sequence of int, int scalars, and None for the batch
        (batch, channels, rows, columns)
    filter_shape : sequence of int and None, optional
    input_dilation : int or pair of int
        The `subsample` of that `conv2d`.
    border_mode, filter_flip, filter_dilation, num_groups, unshared
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        Of shape `output_shape`.

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

    Examples
    --------
    >>> x, w = [[[[1.0, 2.0]]]], np.ones((1, 1, 1, 2))
    >>> T.nnet.conv2d_transpose(x, w, (None, 1, 1, 4), input_dilation=(1, 2)).eval()
    array([[[[1., 1., 2., 2.]]]])
    """
    x = wrap(as_node(input))
    if isinstance(output_shape, list | tuple) and output_shape and output_shape[0] is None:
        output_shape = [x.shape[0], *output_shape[1:]]
    options = Options(
        "conv2d_transpose",
        2,
        border_mode,
        input_dilation,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )
    w = wrap(known_shape("conv2d_transpose", as_node(filters), filter_shape))
    return gradient_of(options, "input", w, output_shape, x)


def _separable(
    options: Options, input: TensorLike, depthwise: TensorLike, pointwise: TensorLike, shapes: tuple[Any, ...]
) -> Variable:
    one_channel = [None, 1, *[None] * options.ndim]
    w = known_shape(options.operation, as_node(depthwise), shapes[1])
    w = known_shape(options.operation, w, one_channel)
    channels = _convolve(input, wrap(w), (shapes[0], None), options)
    return _convolve(channels, pointwise, (None, shapes[2]), Options(options.operation, options.ndim))


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

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.

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

    Raises
    ------
    ValueError
        For options and sizes that do not fit; here if they are known, else in the call.
    """
    options = Options(
        "separable_conv3d", 3, border_mode, subsample, filter_flip, filter_dilation, num_channels
    )
    shapes = (input_shape, depthwise_filter_shape, pointwise_filter_shape)
    return _separable(options, input, depthwise_filters, pointwise_filters, shapes)


def causal_conv1d(
    input: TensorLike,
    filters: TensorLike,
    filter_shape: Any = None,
    input_shape: Any = None,
    subsample: Any = 1,
    filter_flip: bool = True,
    filter_dilation: Any = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> Variable:
    """`conv1d` whose results depend on the present and the past: zeros stand before the input only.

    Parameters
    ----------
    input : array_like or Variable
        (batch, channels, time)
    filters : array_like or Variable
        (outputs, channels, time), of known size along the last axis.
    filter_shape, input_shape : sequence of int and None, optional
        Sizes known beforehand.
    subsample, filter_flip, filter_dilation, num_groups, unshared
        See `croton.tensor.nnet.abstract_conv`.

    Returns
    -------
    Variable
        (batch, outputs, time); as long as the input for a `subsample` of 1.

    Raises
    ------
    ValueError
        If the filters' length is not known here, and as in `conv2d`.

    Examples
    --------
    >>> T.nnet.causal_conv1d([[[1.0, 2, 3]]], [[[1.0, 10]]]).eval()
    array([[[ 1., 12., 23.]]])
    """
    name = "causal_conv1d"
    w = wrap(known_shape(name, as_node(filters), filter_shape))
    size = w.type.shape[-1] if w.ndim else None
    if size is None:
        required = "filters of known size along the last axis"
        raise ValueError(complaint(name, required, describe(w), "give filter_shape="))
    step = filter_dilation if isinstance(filter_dilation, int) else filter_dilation[0]
    before = max(size - 1, 0) * step
    options = Options(name, 1, ((before, 0),), subsample, filter_flip, filter_dilation, num_groups, unshared)
    return _convolve(input, w, (input_shape, None), options)


if TYPE_CHECKING:
    from croton.tensor.nnet.conv_classes import *  # noqa: F403
else:
    __getattr__ = lazily(__name__, ["croton.tensor.nnet.conv_classes"])

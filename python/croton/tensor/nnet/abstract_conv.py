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

Options and sizes that do not fit raise ValueError: where the expression is written if they are known, else in
the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton.errors import complaint
from croton.lazy import lazily
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.nnet.conv_gradients import conv2d_grad_wrt_inputs as conv2d_grad_wrt_inputs
from croton.tensor.nnet.conv_gradients import conv2d_grad_wrt_weights as conv2d_grad_wrt_weights
from croton.tensor.nnet.conv_gradients import conv2d_transpose as conv2d_transpose
from croton.tensor.nnet.conv_gradients import conv3d_grad_wrt_inputs as conv3d_grad_wrt_inputs
from croton.tensor.nnet.conv_gradients import conv3d_grad_wrt_weights as conv3d_grad_wrt_weights
from croton.tensor.nnet.conv_shapes import get_conv_gradinputs_shape as get_conv_gradinputs_shape
from croton.tensor.nnet.conv_shapes import get_conv_gradweights_shape as get_conv_gradweights_shape
from croton.tensor.nnet.conv_shapes import get_conv_output_shape as get_conv_output_shape
from croton.tensor.nnet.convolution import Options, convolved, known_shape
from croton.tensor.nnet.separable import separable_conv2d as separable_conv2d
from croton.tensor.nnet.separable import separable_conv3d as separable_conv3d
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

    Examples
    --------
    >>> T.nnet.conv1d([[[1.0, 2, 3]]], [[[1.0, 10]]]).eval()
    array([[[12., 23.]]])
    """
    options = Options("conv1d", 1, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    return convolved(input, filters, (input_shape, filter_shape), options)


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
    return convolved(input, filters, (shape, filter_shape), options)


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

    Examples
    --------
    >>> T.nnet.conv3d(np.ones((1, 2, 3, 3, 3)), np.ones((4, 2, 2, 2, 2))).eval().shape
    (1, 4, 2, 2, 2)
    """
    options = Options("conv3d", 3, border_mode, subsample, filter_flip, filter_dilation, num_groups)
    return convolved(input, filters, (input_shape, filter_shape), options)


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
        If the filters' length is not known here.

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
    return convolved(input, w, (input_shape, None), options)


if TYPE_CHECKING:
    from croton.tensor.nnet.conv_classes import *  # noqa: F403
else:
    __getattr__ = lazily(__name__, ["croton.tensor.nnet.conv_classes"])

"""The gradients of convolutions as functions; arguments as in `croton.tensor.nnet.abstract_conv`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton.tensor.expression import TensorLike, as_node, wrap
from croton.tensor.nnet.convolution import Options, gradient_of, known_shape

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _by_input(
    options: Options, output_grad: TensorLike, filters: TensorLike, input_shape: Any, filter_shape: Any
) -> Variable:
    w = wrap(known_shape(options.operation, as_node(filters), filter_shape))
    return gradient_of(options, "input", w, input_shape, output_grad)


def _by_filters(
    options: Options, input: TensorLike, output_grad: TensorLike, filter_shape: Any, input_shape: Any
) -> Variable:
    x = wrap(known_shape(options.operation, as_node(input), input_shape))
    return gradient_of(options, "filters", x, filter_shape, output_grad)


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
    return _by_input(options, output_grad, filters, input_shape, filter_shape)


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

    Examples
    --------
    >>> x, g = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
    >>> T.nnet.conv2d_grad_wrt_weights(x, g, (1, 1, 2, 2), filter_flip=False).eval()
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    name = "conv2d_grad_wrt_weights"
    options = Options(name, 2, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)
    return _by_filters(options, input, output_grad, filter_shape, input_shape)


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
    return _by_input(options, output_grad, filters, input_shape, filter_shape)


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
    return _by_filters(options, input, output_grad, filter_shape, input_shape)


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

    Examples
    --------
    >>> x, w = [[[[1.0, 2.0]]]], np.ones((1, 1, 1, 2))
    >>> T.nnet.conv2d_transpose(x, w, (None, 1, 1, 4), input_dilation=(1, 2)).eval()
    array([[[[1., 1., 2., 2.]]]])
    """
    x = wrap(as_node(input))
    if isinstance(output_shape, list | tuple) and output_shape and output_shape[0] is None:
        output_shape = [x.shape[0], *output_shape[1:]]
    name, step = "conv2d_transpose", input_dilation
    options = Options(name, 2, border_mode, step, filter_flip, filter_dilation, num_groups, unshared)
    return _by_input(options, x, filters, output_shape, filter_shape)

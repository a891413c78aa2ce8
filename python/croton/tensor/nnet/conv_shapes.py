"""The shapes of convolutions and their gradients, as far as they are known beforehand."""

from __future__ import annotations

from typing import Any

from croton.tensor.nnet.convolution import Options, input_size, output_size


def get_conv_output_shape(
    image_shape: Any, kernel_shape: Any, border_mode: Any, subsample: Any, filter_dilation: Any = None
) -> tuple[int | None, ...]:
    """The shape of a convolution of an image with filters of these shapes; None where a size is not known.

    Parameters
    ----------
    image_shape, kernel_shape : sequence of int and None
        (batch, channels, ...) and (outputs, channels, ...)
    border_mode, subsample, filter_dilation
        As in `conv2d`; one number for each axis of the filters.

    Returns
    -------
    tuple of int and None
        (batch, outputs, ...)

    Raises
    ------
    ValueError
        For options that do not fit.

    Examples
    --------
    >>> T.nnet.abstract_conv.get_conv_output_shape((8, 3, 9, None), (16, 3, 3, 3), "valid", (2, 2))
    (8, 16, 4, None)
    """
    dilation = 1 if filter_dilation is None else filter_dilation
    ndim = len(image_shape) - 2
    options = Options("get_conv_output_shape", ndim, border_mode, subsample, filter_dilation=dilation)
    return (image_shape[0], kernel_shape[0], *_along_axes(output_size, image_shape, kernel_shape, options))


def _along_axes(size_of: Any, shape: Any, kernel_shape: Any, options: Options) -> list[int | None]:
    """`size_of` what filters make of a shape, or make it of, along each axis."""
    sizes: list[Any] = list(kernel_shape[len(kernel_shape) - options.ndim :])
    borders = options.borders([1 if size is None else int(size) for size in sizes])
    columns = zip(shape[2:], sizes, borders, options.steps(), options.dilations(), strict=True)
    return [size_of(*column) for column in columns]


def get_conv_gradweights_shape(
    image_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, filter_dilation: Any = None
) -> tuple[int | None, ...]:
    """The shape of the filters that make `top_shape` of `image_shape`; None where several sizes do.

    Parameters
    ----------
    image_shape, top_shape : sequence of int and None
        (batch, channels, ...) and (batch, outputs, ...)
    border_mode, subsample, filter_dilation
        As in `conv2d`; one number for each axis of the filters.

    Returns
    -------
    tuple of int and None
        (outputs, channels, ...)

    Examples
    --------
    >>> T.nnet.abstract_conv.get_conv_gradweights_shape((8, 3, 9, 9), (8, 16, 7, 4), "valid", (1, 2))
    (16, 3, 3, None)
    """
    ndim = len(top_shape) - 2
    gaps = (1,) * ndim if filter_dilation is None else filter_dilation
    pads = border_mode if isinstance(border_mode, tuple | list) else (border_mode,) * ndim
    columns = zip(image_shape[2:], top_shape[2:], pads, subsample, gaps, strict=True)
    return (top_shape[1], image_shape[1], *(_filter_size(*column) for column in columns))


def _filter_size(image: int | None, top: int | None, pad: Any, step: int, gap: int) -> int | None:
    """The size of a filter along one axis."""
    if image is None or top is None or step != 1 or pad == "half":
        return None  # the last two leave a choice
    if pad == "full":
        return (top - image) // gap + 1
    around = 0 if pad == "valid" else sum(pad) if isinstance(pad, tuple | list) else 2 * pad
    return (image + around - top) // gap + 1


def get_conv_gradinputs_shape(
    kernel_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, filter_dilation: Any = None
) -> tuple[int | None, ...]:
    """The shape of the smallest image whose convolution has the shape `top_shape`.

    Parameters
    ----------
    kernel_shape, top_shape : sequence of int and None
        (outputs, channels, ...), whose sizes must be known, and (batch, outputs, ...)
    border_mode, subsample, filter_dilation
        As in `conv2d`; one number for each axis of the filters.

    Returns
    -------
    tuple of int and None
        (batch, channels, ...)

    Raises
    ------
    ValueError
        For options that do not fit.

    Examples
    --------
    >>> T.nnet.abstract_conv.get_conv_gradinputs_shape((16, 3, 3, 3), (8, 16, 4, 4), "valid", (2, 2))
    (8, 3, 9, 9)
    """
    dilation = 1 if filter_dilation is None else filter_dilation
    ndim = len(top_shape) - 2
    options = Options("get_conv_gradinputs_shape", ndim, border_mode, subsample, filter_dilation=dilation)
    return (top_shape[0], kernel_shape[1], *_along_axes(input_size, top_shape, kernel_shape, options))

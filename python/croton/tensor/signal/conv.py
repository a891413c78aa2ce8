"""Convolution of single images and stacks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.nnet.convolution import Options, convolve, known_shape

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["conv2d"]


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
) -> Variable:
    """Each image convolved with each filter, which is turned round as in mathematics.

    Parameters
    ----------
    input : array_like or Variable
        One image (rows, columns) or several (images, rows, columns).
    filters : array_like or Variable
        One filter (rows, columns) or several (filters, rows, columns).
    image_shape, filter_shape, border_mode, subsample
        As in `croton.tensor.nnet.conv2d`.

    Returns
    -------
    Variable
        (images, filters, rows, columns), without the first two where there is one matrix only.

    Raises
    ------
    ValueError
        If an operand has neither two nor three axes, and as `croton.tensor.nnet.conv2d`.

    Examples
    --------
    >>> T.signal.conv.conv2d([[1, 2, 3]], [[1, 10]]).eval()
    array([[12, 23]])
    """
    x = known_shape("conv2d", as_node(input), image_shape)
    w = known_shape("conv2d", as_node(filters), filter_shape)
    if x.ndim not in (2, 3) or w.ndim not in (2, 3):
        given = f"{describe(wrap(x))} and {describe(wrap(w))}"
        raise ValueError(complaint("conv2d", "matrices, or stacks of them", given))
    images = _core.dimshuffle(x, [-1, -1, 0, 1] if x.ndim == 2 else [0, -1, 1, 2])
    kernels = _core.dimshuffle(w, [-1, -1, 0, 1] if w.ndim == 2 else [0, -1, 1, 2])
    result = convolve(wrap(images), wrap(kernels), Options("conv2d", 2, border_mode, subsample))._node
    kept = [0] * (x.ndim == 3) + [1] * (w.ndim == 3) + [2, 3]
    return wrap(_core.dimshuffle(result, kept))

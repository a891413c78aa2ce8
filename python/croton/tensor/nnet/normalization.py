"""Normalisations of each example by itself: layer, RMS and group norm, local response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply, floats_of
from croton.tensor.expression import TensorLike, as_node, describe
from croton.tensor.padding import pad
from croton.tensor.reductions import Axis
from croton.tensor.windows import sliding_window_view

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["group_norm", "layer_norm", "local_response_norm", "rms_norm"]


def _scaled(x: Variable, gamma: TensorLike, beta: TensorLike) -> Variable:
    x = x if gamma is None else apply("mul", x, gamma)
    return x if beta is None else apply("add", x, beta)


def _standardized(x: Variable, axis: Axis, epsilon: float) -> Variable:
    mean, var = reductions.mean(x, axis, keepdims=True), reductions.var(x, axis, keepdims=True)
    return (x - mean) * apply("rsqrt", var + epsilon)


def layer_norm(
    x: TensorLike,
    gamma: TensorLike = None,
    beta: TensorLike = None,
    axis: Axis = -1,
    epsilon: float = 1e-5,
) -> Variable:
    """(x - mean) / sqrt(variance + epsilon) gamma + beta with the statistics along `axis`.

    `gamma` and `beta` broadcast against `x`; None leaves them out. See Ba, Kiros & Hinton (2016).

    Parameters
    ----------
    x : array_like or Variable
    gamma, beta : array_like or Variable, optional
    axis : int, sequence of int or None
        None means all axes.
    epsilon : float

    Returns
    -------
    Variable
        Of the shape of `x`, in floats.

    Raises
    ------
    ValueError
        If `x` has no such axis.

    Examples
    --------
    >>> T.nnet.layer_norm([[1.0, 3.0], [0.0, 8.0]], epsilon=0.0).eval()
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    (a,) = floats_of(as_node(x))
    return _scaled(_standardized(a, axis, epsilon), gamma, beta)


def rms_norm(x: TensorLike, gamma: TensorLike = None, axis: Axis = -1, epsilon: float = 1e-6) -> Variable:
    """x / sqrt(mean(x**2) + epsilon) gamma with the mean along `axis`. See Zhang & Sennrich (2019).

    Parameters
    ----------
    x : array_like or Variable
    gamma : array_like or Variable, optional
        Broadcasts against `x`.
    axis : int, sequence of int or None
        None means all axes.
    epsilon : float

    Returns
    -------
    Variable
        Of the shape of `x`, in floats.

    Raises
    ------
    ValueError
        If `x` has no such axis.
    TypeError
        For complex numbers.

    Examples
    --------
    >>> T.nnet.rms_norm([3.0, -3.0], epsilon=0.0).eval()
    array([ 1., -1.])
    """
    (a,) = floats_of(as_node(x))
    mean = reductions.mean(apply("square", a), axis, keepdims=True)
    return _scaled(a * apply("rsqrt", mean + epsilon), gamma, None)


def group_norm(
    x: TensorLike,
    groups: int,
    gamma: TensorLike = None,
    beta: TensorLike = None,
    epsilon: float = 1e-5,
) -> Variable:
    """Each example's channels in `groups` of equal size, every group with mean 0 and variance 1.

    Parameters
    ----------
    x : array_like or Variable
        Examples along the first axis, channels along the second, then any others.
    groups : int
        A divisor of the number of channels.
    gamma, beta : array_like or Variable, optional
        One number for each channel. See Wu & He (2018).

    Raises
    ------
    ValueError
        If `x` has fewer than two axes, or its channels are no multiple of `groups`.

    Examples
    --------
    >>> T.nnet.group_norm([[1.0, 3.0, 0.0, 8.0]], 2, epsilon=0.0).eval()
    array([[-1.,  1., -1.,  1.]])
    """
    (a,) = floats_of(as_node(x))
    if a.ndim < 2:
        raise ValueError(complaint("group_norm", "an array with at least two axes", describe(a)))
    channels = a._node.static_shape[1]
    if not isinstance(groups, int) or groups < 1 or (channels or 0) % groups:
        raise ValueError(complaint("group_norm", f"a divisor of {channels or 'the channels'}", repr(groups)))
    sizes = a.shape
    parts = a.reshape((sizes[0], groups, sizes[1] // groups, *sizes[2:]))
    result = _standardized(parts, list(range(2, parts.ndim)), epsilon).reshape(sizes)
    columns = [
        p if p is None else apply("add", p, 0).dimshuffle(0, *["x"] * (a.ndim - 2)) for p in (gamma, beta)
    ]
    return _scaled(result, *columns)


def local_response_norm(
    x: TensorLike, n: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0, axis: int = 1
) -> Variable:
    """x / (k + alpha s)**beta with s the sum of x**2 over the `n` nearest channels.

    Channels beyond the ends count as 0. See Krizhevsky, Sutskever & Hinton (2012).

    Parameters
    ----------
    x : array_like or Variable
    n : int
        An odd number of channels, the middle one being that of the element.
    alpha, beta, k : float
    axis : int
        The axis of the channels.

    Raises
    ------
    ValueError
        For an `n` that is not odd, or if `x` has no such axis.

    Examples
    --------
    >>> T.nnet.local_response_norm([[1.0, 2.0, 3.0]], n=3, alpha=1.0, beta=1.0, k=1.0).eval()
    array([[0.16666667, 0.13333333, 0.21428571]])
    """
    (a,) = floats_of(as_node(x))
    if not isinstance(n, int) or n < 1 or n % 2 == 0:
        raise ValueError(complaint("local_response_norm", "an odd number of channels", repr(n)))
    if not -a.ndim <= axis < a.ndim:
        raise ValueError(complaint("local_response_norm", f"an axis of {describe(a)}", repr(axis)))
    widths = [(n // 2, n // 2) if i == axis % a.ndim else (0, 0) for i in range(a.ndim)]
    sums = reductions.sum(sliding_window_view(pad(a * a, widths), n, axis), axis=-1)
    return a * apply("pow", k + alpha * sums, -beta)

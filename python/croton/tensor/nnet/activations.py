"""Activations beyond those that Theano has.

All of them give floats, and raise TypeError for complex numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply, clip, floats_of, where
from croton.tensor.expression import TensorLike, as_node, describe
from croton.tensor.nnet.nnet import relu, sigmoid, softmax, softplus
from croton.tensor.ranges import arange
from croton.tensor.reductions import Axis
from croton.tensor.running import cumsum
from croton.tensor.sorting import sort
from croton.tensor.splitting import split

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "celu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "prelu",
    "relu6",
    "silu",
    "soft_shrink",
    "softmin",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
]


def _float(x: TensorLike) -> Variable:
    return floats_of(as_node(x))[0]


def leaky_relu(x: TensorLike, negative_slope: TensorLike = 0.01) -> Variable:
    """`x` where it is positive, else `negative_slope` x.

    Parameters
    ----------
    x : array_like or Variable
    negative_slope : array_like or Variable
        Broadcasts against `x`, and has a gradient.

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.
    """
    a = _float(x)
    return where(a > 0, a, apply("mul", a, negative_slope))


def prelu(x: TensorLike, slope: TensorLike, axis: int = 1) -> Variable:
    """`leaky_relu` with a slope for each position along `axis`, or a single one (He et al., 2015).

    Parameters
    ----------
    x : array_like or Variable
    slope : array_like or Variable
        A vector of the size of `axis`, or what broadcasts against `x`; it has a gradient.
    axis : int
        That of the channels.

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
    >>> T.nnet.prelu([[-1.0, -1.0]], [0.5, 0.25]).eval()
    array([[-0.5 , -0.25]])
    """
    a, weight = floats_of(as_node(x), as_node(slope))
    if weight.ndim == 1 and a.ndim > 0:
        if not -a.ndim <= axis < a.ndim:
            raise ValueError(complaint("prelu", f"an axis of {describe(a)}", repr(axis)))
        weight = weight.dimshuffle(*[0 if k == axis % a.ndim else "x" for k in range(a.ndim)])
    return leaky_relu(a, weight)


def relu6(x: TensorLike) -> Variable:
    """min(max(x, 0), 6)."""
    return clip(x, 0, 6)


def celu(x: TensorLike, alpha: float = 1.0) -> Variable:
    """max(x, 0) + min(alpha (exp(x / alpha) - 1), 0), whose slope is continuous (Barron, 2017).

    Parameters
    ----------
    x : array_like or Variable
    alpha : float
        The limit of the result for small x is -alpha.

    Returns
    -------
    Variable
        Of the shape of `x`, in floats.
    """
    a = _float(x)
    return relu(a) + alpha * apply("expm1", apply("minimum", a, 0) / alpha)


def gelu(x: TensorLike, approximate: bool = False) -> Variable:
    """x P(z <= x) for a standard normal z (Hendrycks & Gimpel, 2016).

    With `approximate`, x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3))).

    Parameters
    ----------
    x : array_like or Variable
    approximate : bool

    Returns
    -------
    Variable
        Of the shape of `x`, in floats.

    Examples
    --------
    >>> T.nnet.gelu([0.0, 1.0]).eval().round(4)
    array([0.    , 0.8413])
    """
    a = _float(x)
    if approximate:
        inner = math.sqrt(2 / math.pi) * (a + 0.044715 * a * a * a)
        return 0.5 * a * (1 + apply("tanh", inner))
    return 0.5 * a * apply("erfc", -a * math.sqrt(0.5))


def silu(x: TensorLike, beta: TensorLike = 1.0) -> Variable:
    """x sigmoid(beta x), also known as swish (Ramachandran et al., 2017).

    Parameters
    ----------
    x : array_like or Variable
    beta : array_like or Variable
        Broadcasts against `x`, and has a gradient.

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.
    """
    a = _float(x)
    return a * sigmoid(a if isinstance(beta, int | float) and beta == 1 else apply("mul", a, beta))


swish = silu


def hard_silu(x: TensorLike) -> Variable:
    """x min(max(x + 3, 0), 6) / 6: `silu` of straight lines (Howard et al., 2019)."""
    a = _float(x)
    return a * relu6(a + 3) / 6


hard_swish = hard_silu


def mish(x: TensorLike) -> Variable:
    """x tanh(softplus(x)) (Misra, 2019)."""
    a = _float(x)
    return a * apply("tanh", softplus(a))


def glu(x: TensorLike, axis: int = -1) -> Variable:
    """The first half of `x` along `axis` times the sigmoid of the second (Dauphin et al., 2016).

    Parameters
    ----------
    x : array_like or Variable
        Of an even size 2 n along `axis`.
    axis : int

    Returns
    -------
    Variable
        Of size n along `axis`, in floats.

    Raises
    ------
    ValueError
        If there is no such axis, or its size is odd.

    Examples
    --------
    >>> T.nnet.glu([3.0, 5.0, 0.0, 0.0]).eval()
    array([1.5, 2.5])
    """
    a = _float(x)
    if not -a.ndim <= axis < a.ndim or (a._node.static_shape[axis] or 0) % 2:
        raise ValueError(complaint("glu", f"an even size along axis {axis}", describe(a)))
    values, gates = split(a, 2, axis=axis)
    return values * sigmoid(gates)


def log_sigmoid(x: TensorLike) -> Variable:
    """log(sigmoid(x)) without underflow."""
    return -softplus(-_float(x))


def hard_tanh(x: TensorLike, min: TensorLike = -1.0, max: TensorLike = 1.0) -> Variable:
    """`x` limited to [min, max].

    Parameters
    ----------
    x : array_like or Variable
    min, max : array_like or Variable

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.
    """
    return clip(_float(x), min, max)


def tanh_shrink(x: TensorLike) -> Variable:
    """x - tanh(x)."""
    a = _float(x)
    return a - apply("tanh", a)


def soft_shrink(x: TensorLike, threshold: TensorLike = 0.5) -> Variable:
    """`x` moved towards 0 by `threshold`, and 0 nearer than that.

    Parameters
    ----------
    x : array_like or Variable
    threshold : array_like or Variable

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.

    Examples
    --------
    >>> T.nnet.soft_shrink([-2.0, 0.25, 1.0]).eval()
    array([-1.5,  0. ,  0.5])
    """
    a = _float(x)
    return apply("sign", a) * relu(apply("sub", abs(a), threshold))


def hard_shrink(x: TensorLike, threshold: TensorLike = 0.5) -> Variable:
    """`x` where it is farther from 0 than `threshold`, else 0.

    Parameters
    ----------
    x : array_like or Variable
    threshold : array_like or Variable

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.

    Examples
    --------
    >>> T.nnet.hard_shrink([-2.0, 0.25, 1.0]).eval()
    array([-2.,  0.,  1.])
    """
    a = _float(x)
    return where(apply("gt", abs(a), threshold), a, 0)


def threshold(x: TensorLike, threshold: TensorLike, default_value: TensorLike = 0.0) -> Variable:
    """`x` where it is above `threshold`, else `default_value`.

    Parameters
    ----------
    x : array_like or Variable
    threshold, default_value : array_like or Variable

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.
    """
    a = _float(x)
    return where(apply("gt", a, threshold), a, default_value)


def squareplus(x: TensorLike, b: TensorLike = 4.0) -> Variable:
    """(x + sqrt(x**2 + b)) / 2: a softplus without exponentials (Barron, 2021).

    Parameters
    ----------
    x : array_like or Variable
    b : array_like or Variable
        How rounded the corner at 0 is; 0 gives `relu`.

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.
    """
    a = _float(x)
    return 0.5 * (a + apply("sqrt", apply("add", a * a, b)))


def sparse_plus(x: TensorLike) -> Variable:
    """0 below -1, (x + 1)**2 / 4 up to 1, and x from there."""
    a = _float(x)
    inner = clip(a, -1, 1) + 1
    return 0.25 * inner * inner + relu(a - 1)


def sparse_sigmoid(x: TensorLike) -> Variable:
    """min(max((x + 1) / 2, 0), 1): the slope of `sparse_plus`."""
    return clip(0.5 * (_float(x) + 1), 0, 1)


def softmin(x: TensorLike, axis: Axis = -1) -> Variable:
    """`softmax(-x)`.

    Parameters
    ----------
    x : array_like or Variable
    axis : int, sequence of int or None
        As in `softmax`.

    Returns
    -------
    Variable
        Of the shape of `x`, in floats.
    """
    return softmax(-_float(x), axis)


def sparsemax(x: TensorLike, axis: int = -1) -> Variable:
    """The point of the probability simplex next to `x` along `axis`; many entries are 0.

    Martins & Astudillo (2016): max(x - t, 0) with t from the k largest entries, where k is the largest
    number with 1 + k z_k > z_1 + ... + z_k for the sorted z.

    Parameters
    ----------
    x : array_like or Variable
        Of one axis or more.
    axis : int

    Returns
    -------
    Variable
        Of the shape of `x`, in floats; sums along `axis` are 1.

    Raises
    ------
    ValueError
        If `x` has no such axis.

    Examples
    --------
    >>> T.nnet.sparsemax([2.0, 1.5, -1.0]).eval()
    array([0.75, 0.25, 0.  ])
    """
    a = _float(x).swapaxes(axis, -1)
    falling = -sort(-a, axis=-1)
    sums = cumsum(falling, axis=-1)
    places = apply("add", arange(a.shape[-1]), 1).astype(a.dtype)
    kept = reductions.sum((1 + places * falling > sums).astype(a.dtype), axis=-1, keepdims=True)
    total = reductions.sum(where(apply("le", places, kept), falling, 0), axis=-1, keepdims=True)
    return relu(a - (total - 1) / kept).swapaxes(axis, -1)

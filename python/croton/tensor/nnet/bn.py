"""Batch normalisation, under Theano's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike, describe
from croton.tensor.variable import as_variable

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["batch_normalization", "batch_normalization_test", "batch_normalization_train"]


def batch_normalization(
    inputs: TensorLike,
    gamma: TensorLike,
    beta: TensorLike,
    mean: TensorLike,
    std: TensorLike,
    mode: str = "low_mem",
) -> Variable:
    """(inputs - mean) gamma / std + beta; all broadcast. `mode` is accepted as in Theano.

    Parameters
    ----------
    inputs, gamma, beta, mean, std : array_like or Variable
    mode : str

    Returns
    -------
    Variable
        Of the broadcast shape.

    Examples
    --------
    >>> T.nnet.batch_normalization([1.0, 3.0], 2.0, 1.0, 2.0, 1.0).eval()
    array([-1.,  3.])
    """
    centred = apply("sub", inputs, mean)
    return apply("add", apply("mul", centred, apply("true_div", gamma, std)), beta)


def _axes(operation: str, x: Variable, axes: str | int | Sequence[int]) -> list[int]:
    """The axes over which is averaged."""
    if isinstance(axes, str) and axes not in ("per-activation", "spatial"):
        raise ValueError(complaint(operation, "axes as numbers, 'per-activation' or 'spatial'", repr(axes)))
    if isinstance(axes, str):
        axes = [0] if axes == "per-activation" else [0, *range(2, x.ndim)]
    if x.ndim == 0:
        raise ValueError(complaint(operation, "an array with at least one axis", describe(x)))
    return sorted(reductions.normalize_axes(operation, x._node, axes))


def _wide(operation: str, x: Variable, axes: list[int], parameter: TensorLike) -> Variable:
    """A parameter with all axes of `x`; it may be given without those that are averaged over."""
    p = as_variable(parameter)
    if p.ndim in (0, x.ndim):
        return p
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    if p.ndim != len(kept):
        required = f"parameters with {len(kept)} or {x.ndim} axes"
        raise ValueError(complaint(operation, required, describe(p)))
    return p.dimshuffle([kept.index(axis) if axis in kept else "x" for axis in range(x.ndim)])


def batch_normalization_train(
    inputs: TensorLike,
    gamma: TensorLike,
    beta: TensorLike,
    axes: str | int | Sequence[int] = "per-activation",
    epsilon: TensorLike = 1e-4,
    running_average_factor: TensorLike = 0.1,
    running_mean: TensorLike = None,
    running_var: TensorLike = None,
) -> tuple[Variable, ...]:
    """`inputs` with mean `beta` and standard deviation `gamma` over the batch, as in Ioffe & Szegedy (2015).

    Parameters
    ----------
    inputs : array_like or Variable
        A batch along the first axis.
    gamma, beta : array_like or Variable
        With all axes of `inputs`, of size 1 where it is averaged over, or without those axes.
    axes : {"per-activation", "spatial"}, int or sequence of int
        What to average over: axis 0, all axes but the second, or these.
    epsilon : array_like or Variable
        Added to the variance.
    running_average_factor : array_like or Variable
        How much this batch counts in the running averages.
    running_mean, running_var : array_like or Variable, optional
        The running averages so far.

    Returns
    -------
    tuple of Variable
        The result, the mean and 1 / sqrt(variance + epsilon); and the new running averages where they are
        given, that of the variance from the estimate with n - 1. Statistics have the axes of `gamma`.

    Examples
    --------
    >>> y, mean, invstd = T.nnet.batch_normalization_train([[1.0], [3.0]], [1.0], [0.0], epsilon=0.0)
    >>> y.eval().tolist(), mean.eval().tolist()
    ([[-1.0], [1.0]], [2.0])
    """
    x, scale = as_variable(inputs), as_variable(gamma)
    over = _axes("batch_normalization_train", x, axes)
    wide = [_wide("batch_normalization_train", x, over, p) for p in (scale, beta)]
    mean, var = reductions.mean(x, over, keepdims=True), reductions.var(x, over, keepdims=True)
    invstd = apply("rsqrt", var + epsilon)
    result = (x - mean) * (wide[0] * invstd) + wide[1]

    def shaped(statistic: Variable) -> Variable:
        kept = [axis for axis in range(x.ndim) if axis not in over]
        return statistic.dimshuffle(kept) if scale.ndim == len(kept) != x.ndim else statistic

    outputs = [result, shaped(mean), shaped(invstd)]
    rest = apply("sub", 1, running_average_factor)
    if running_mean is not None:
        outputs.append(apply("add", running_mean * rest, shaped(mean) * running_average_factor))
    if running_var is not None:
        count = apply("true_div", x.size, mean.size).astype(x.dtype)
        unbiased = shaped(var) * (count / (count - 1))
        outputs.append(apply("add", running_var * rest, unbiased * running_average_factor))
    return tuple(outputs)


def batch_normalization_test(
    inputs: TensorLike,
    gamma: TensorLike,
    beta: TensorLike,
    mean: TensorLike,
    var: TensorLike,
    axes: str | int | Sequence[int] = "per-activation",
    epsilon: TensorLike = 1e-4,
) -> Variable:
    """`batch_normalization_train` with a given mean and variance, for example running averages.

    Parameters
    ----------
    inputs, gamma, beta : array_like or Variable
        As in `batch_normalization_train`.
    mean, var : array_like or Variable
        With the axes of `gamma`.
    axes : {"per-activation", "spatial"}, int or sequence of int
    epsilon : array_like or Variable
        Added to the variance.

    Returns
    -------
    Variable
        Of the shape of `inputs`.

    Raises
    ------
    ValueError
        For other axes, or parameters with another number of axes.

    Examples
    --------
    >>> T.nnet.batch_normalization_test([[1.0], [3.0]], [1.0], [0.0], [1.0], [4.0], epsilon=0.0).eval()
    array([[0.],
           [1.]])
    """
    x = as_variable(inputs)
    over = _axes("batch_normalization_test", x, axes)
    g, b, m, v = (_wide("batch_normalization_test", x, over, p) for p in (gamma, beta, mean, var))
    return (x - m) * (g * apply("rsqrt", v + epsilon)) + b

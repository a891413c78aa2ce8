"""Activations and losses of neural networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton import _core
from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply, clip, where
from croton.tensor.expression import TensorLike, as_node, describe, dims_of, size_node, wrap
from croton.tensor.nnet.blocksparse import sparse_block_dot as sparse_block_dot
from croton.tensor.reductions import Axis, normalize_axes
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "binary_crossentropy",
    "binary_crossentropy_with_logits",
    "categorical_crossentropy",
    "crossentropy_categorical_1hot",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "elu",
    "hard_sigmoid",
    "log_softmax",
    "logsoftmax",
    "logsoftmax_op",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_binary_crossentropy",
    "sigmoid_inplace",
    "softmax",
    "softmax_graph",
    "softmax_op",
    "softplus",
    "softsign",
    "ultra_fast_sigmoid",
]


def sigmoid(x: TensorLike) -> Variable:
    """1 / (1 + exp(-x)), element by element."""
    return apply("sigmoid", x)


sigmoid_inplace = sigmoid  # memory is reused where that is safe, whatever the name


def hard_sigmoid(x: TensorLike) -> Variable:
    """min(max(0.2 x + 0.5, 0), 1): a sigmoid of straight lines."""
    return clip(apply("add", apply("mul", x, 0.2), 0.5), 0, 1)


def ultra_fast_sigmoid(x: TensorLike) -> Variable:
    """`sigmoid`: there is nothing to gain from an approximation here."""
    return sigmoid(x)


def softplus(x: TensorLike) -> Variable:
    """log(1 + exp(x)) without overflow."""
    return apply("softplus", x)


def softsign(x: TensorLike) -> Variable:
    """x / (1 + |x|)."""
    return apply("true_div", x, apply("add", apply("abs", x), 1))


def relu(x: TensorLike, alpha: TensorLike = 0) -> Variable:
    """`x` where it is positive, else `alpha` times `x`; `alpha` broadcasts and has a gradient.

    Parameters
    ----------
    x : array_like or Variable
    alpha : array_like or Variable

    Returns
    -------
    Variable
        Of the broadcast shape, in the common dtype.

    Raises
    ------
    TypeError
        For complex numbers.

    Examples
    --------
    >>> T.nnet.relu([-2.0, 3.0], 0.5).eval()
    array([-1.,  3.])
    """
    if isinstance(alpha, int | float) and alpha == 0:
        return apply("relu", x)
    return where(apply("gt", x, 0), x, apply("mul", alpha, x))


def elu(x: TensorLike, alpha: TensorLike = 1) -> Variable:
    """`x` where it is positive, else alpha (exp(x) - 1).

    Parameters
    ----------
    x : array_like or Variable
    alpha : array_like or Variable
        Broadcasts against `x`, and has a gradient.

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.

    Raises
    ------
    TypeError
        For complex numbers.
    """
    return where(apply("gt", x, 0), x, apply("mul", alpha, apply("expm1", apply("minimum", x, 0))))


def selu(x: TensorLike) -> Variable:
    """The scaled elu of Klambauer et al. (2017), whose activations keep mean 0 and variance 1.

    Parameters
    ----------
    x : array_like or Variable
    """
    return apply("mul", 1.0507009873554805, elu(x, 1.6732632423543772))


def softmax(x: TensorLike, axis: Axis = -1) -> Variable:
    """exp(x) over its sum along `axis`, without overflow; None means all axes.

    Parameters
    ----------
    x : array_like or Variable
    axis : int, sequence of int or None

    Returns
    -------
    Variable
        Of the shape of `x`, in floats; sums along `axis` are 1.

    Raises
    ------
    ValueError
        If `x` has no such axis.
    TypeError
        For complex numbers.

    Examples
    --------
    >>> T.nnet.softmax([[0.0, 0.0], [5.0, 5.0]]).eval()
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    node = as_node(x)
    if kind_of(node.dtype) in "biu":
        node = _core.cast(node, _core.to_inexact(node.dtype))
    return wrap(_core.softmax(node, normalize_axes("softmax", node, axis)))


def log_softmax(x: TensorLike, axis: Axis = -1) -> Variable:
    """The logarithm of `softmax`, exact where softmax underflows.

    Parameters
    ----------
    x : array_like or Variable
    axis : int, sequence of int or None
        As in `softmax`.

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
    """
    node = as_node(x)
    if kind_of(node.dtype) in "biu":
        node = _core.cast(node, _core.to_inexact(node.dtype))
    return wrap(_core.log_softmax(node, normalize_axes("log_softmax", node, axis)))


softmax_op = softmax_graph = softmax
logsoftmax = logsoftmax_op = log_softmax


def binary_crossentropy(output: TensorLike, target: TensorLike) -> Variable:
    """-(target log(output) + (1 - target) log(1 - output)), element by element.

    Parameters
    ----------
    output : array_like or Variable
        Probabilities, for example from `sigmoid`, with which the loss is computed without overflow.
    target : array_like or Variable
        Numbers from 0 to 1 of the same shape.
    """
    rest = apply("mul", apply("sub", 1, target), apply("log", apply("sub", 1, output)))
    return apply("neg", apply("add", apply("mul", target, apply("log", output)), rest))


def sigmoid_binary_crossentropy(output: TensorLike, target: TensorLike) -> Variable:
    """`binary_crossentropy(sigmoid(output), target)`, computed as softplus(output) - target output.

    Parameters
    ----------
    output : array_like or Variable
        Scores, before the sigmoid.
    target : array_like or Variable
        Numbers from 0 to 1 that broadcast against them.

    Returns
    -------
    Variable
        Of the broadcast shape, in floats.
    """
    return apply("sub", softplus(output), apply("mul", target, output))


binary_crossentropy_with_logits = sigmoid_binary_crossentropy


def categorical_crossentropy(coding_dist: TensorLike, true_dist: TensorLike) -> Variable:
    """-log of the probability of the true class, for each row.

    Parameters
    ----------
    coding_dist : array_like or Variable
        Probabilities, classes along the last axis; for example from `softmax`, whose logarithm is then
        computed without underflow.
    true_dist : array_like or Variable
        Integer classes with one axis less, or probabilities of the same shape.

    Returns
    -------
    Variable
        One loss for each row: the last axis goes.

    Raises
    ------
    ValueError
        If `true_dist` has neither as many axes as `coding_dist` nor one less.
    TypeError
        If it has one less and is not of integers.

    Examples
    --------
    >>> T.nnet.categorical_crossentropy([[0.5, 0.5], [0.25, 0.75]], [0, 1]).eval().round(4)
    array([0.6931, 0.2877])
    """
    p, target = wrap(as_node(coding_dist)), wrap(as_node(true_dist))
    if target.ndim == p.ndim:
        return apply("neg", reductions.sum(apply("mul", target, apply("log", p)), axis=-1))
    if target.ndim != p.ndim - 1:
        required = f"classes with {p.ndim - 1} axes, or probabilities with {p.ndim}"
        raise ValueError(complaint("categorical_crossentropy", required, describe(target)))
    if kind_of(target.dtype) not in "iu":
        given = describe(target)
        raise TypeError(complaint("categorical_crossentropy", "integer classes", given, "cast it to 'int64'"))
    return apply("neg", _selected(apply("log", p), target))


def _selected(x: Variable, position: Variable) -> Variable:
    """x[..., position]. As a masked sum it is part of the row's loop."""
    node = x._node
    axis = node.ndim - 1
    iota = _core.iota([size_node(dims_of(node)[axis])], 0)
    wide = _core.dimshuffle(_core.cast(position._node, "int64"), [*range(axis), -1])
    return reductions.sum(where(apply("eq", wrap(iota), wrap(wide)), x, 0), axis=-1)


def crossentropy_categorical_1hot(coding_dist: TensorLike, true_one_of_n: TensorLike) -> Variable:
    """`categorical_crossentropy` with integer classes.

    Parameters
    ----------
    coding_dist : array_like or Variable
        One row of chances for each observation.
    true_one_of_n : array_like or Variable
        A vector of integers: the class of each.
    """
    return categorical_crossentropy(coding_dist, true_one_of_n)


def crossentropy_softmax_1hot(x: TensorLike, y_idx: TensorLike) -> tuple[Variable, Variable]:
    """The pair (categorical_crossentropy(softmax(x), y_idx), softmax(x)).

    Parameters
    ----------
    x : array_like or Variable
        Scores, classes along the last axis.
    y_idx : array_like or Variable
        Integer classes with one axis less.

    Returns
    -------
    loss, probabilities : Variable
        Of the shapes of `y_idx` and `x`.

    Raises
    ------
    TypeError, ValueError
        As `categorical_crossentropy`.
    """
    p = softmax(x)
    return categorical_crossentropy(p, y_idx), p


def crossentropy_softmax_1hot_with_bias(
    x: TensorLike, b: TensorLike, y_idx: TensorLike
) -> tuple[Variable, Variable]:
    """`crossentropy_softmax_1hot` of x + b. Arguments as there, and the vector `b`."""
    return crossentropy_softmax_1hot(apply("add", x, b), y_idx)

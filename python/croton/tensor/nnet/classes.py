"""Classes and their scores: softmax in two levels, losses with the most probable class, confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton.tensor import products, reductions
from croton.tensor.creation import full
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike
from croton.tensor.joining import concatenate
from croton.tensor.nnet.nnet import categorical_crossentropy, softmax
from croton.tensor.nonzeros import unique
from croton.tensor.ranges import arange
from croton.tensor.variable import as_variable

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "confusion_matrix",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "h_softmax",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
    "softmax_with_bias",
]


def softmax_with_bias(x: TensorLike, b: TensorLike) -> Variable:
    """`softmax(x + b)`, along the last axis."""
    return softmax(apply("add", x, b))


def crossentropy_softmax_argmax_1hot_with_bias(
    x: TensorLike, b: TensorLike, y_idx: TensorLike
) -> tuple[Variable, Variable, Variable]:
    """The losses, probabilities and most probable classes of the scores x + b.

    Parameters
    ----------
    x : array_like or Variable
        Scores, classes along the last axis.
    b : array_like or Variable
        A vector, one number for each class.
    y_idx : array_like or Variable
        The true classes: integers, with one axis less than `x`.

    Returns
    -------
    losses, probabilities, classes : Variable
        Of the shapes of `y_idx`, `x` and `y_idx`; the classes are int64.

    Raises
    ------
    TypeError, ValueError
        As `categorical_crossentropy`.

    Examples
    --------
    >>> loss, p, best = T.nnet.crossentropy_softmax_argmax_1hot_with_bias([[0.0, 0.0]], [0.0, 1.0], [1])
    >>> best.eval()
    array([1])
    """
    p = softmax_with_bias(x, b)
    return categorical_crossentropy(p, y_idx), p, reductions.argmax(p, axis=-1)


def crossentropy_softmax_max_and_argmax_1hot(
    x: TensorLike, y_idx: TensorLike
) -> tuple[Variable, Variable, Variable, Variable]:
    """The losses and probabilities of the scores `x`, the largest probabilities and their classes.

    Parameters
    ----------
    x : array_like or Variable
        Scores, classes along the last axis.
    y_idx : array_like or Variable
        The true classes: integers, with one axis less than `x`.

    Returns
    -------
    losses, probabilities, largest, classes : Variable
        The probabilities of the shape of `x`, the others of that of `y_idx`; the classes are int64.

    Raises
    ------
    TypeError, ValueError
        As `categorical_crossentropy`.
    """
    p = softmax(x)
    return categorical_crossentropy(p, y_idx), p, *reductions.max_and_argmax(p, axis=-1)


def crossentropy_softmax_max_and_argmax_1hot_with_bias(
    x: TensorLike, b: TensorLike, y_idx: TensorLike
) -> tuple[Variable, Variable, Variable, Variable]:
    """`crossentropy_softmax_max_and_argmax_1hot` of x + b. Arguments as there, and the vector `b`."""
    return crossentropy_softmax_max_and_argmax_1hot(apply("add", x, b), y_idx)


def h_softmax(
    x: TensorLike,
    batch_size: Any,
    n_outputs: Any,
    n_classes: Any,
    n_outputs_per_class: Any,
    W1: TensorLike,
    b1: TensorLike,
    W2: TensorLike,
    b2: TensorLike,
    target: TensorLike = None,
) -> Variable:
    """Softmax in two levels: the probability of a class of outputs, times that of the output within it.

    Parameters
    ----------
    x : array_like or Variable
        A matrix (batch_size, features).
    n_outputs, n_classes, n_outputs_per_class : int or Variable
        Output k is number k % n_outputs_per_class of class k // n_outputs_per_class.
    W1, b1 : array_like or Variable
        Of the first level: (features, n_classes) and (n_classes,).
    W2, b2 : array_like or Variable
        Of the second: (n_classes, features, n_outputs_per_class) and (n_classes, n_outputs_per_class).
    target : array_like or Variable, optional
        One output for each example, of which alone the probability is computed.

    Returns
    -------
    Variable
        The probabilities (batch_size, n_outputs) of all outputs, or (batch_size,) of the targets.

    Examples
    --------
    >>> zeros = [np.zeros(shape) for shape in [(1, 5), (5, 2), (2,), (2, 5, 3), (2, 3)]]
    >>> T.nnet.h_softmax(zeros[0], 1, 6, 2, 3, *zeros[1:], target=[4]).eval() * 6
    array([1.])
    """
    data, weights, bias = as_variable(x), as_variable(W2), as_variable(b2)
    classes = softmax(products.dot(data, W1) + b1)
    if target is None:
        within = softmax(products.tensordot(data, weights, (1, 1)) + bias)
        joint = classes.dimshuffle(0, 1, "x") * within
        return joint.reshape((batch_size, apply("mul", n_classes, n_outputs_per_class)))[:, :n_outputs]
    chosen = as_variable(target).flatten()
    which, place = chosen // n_outputs_per_class, chosen % n_outputs_per_class
    rows = arange(chosen.size)
    scores = products.batched_dot(data.dimshuffle(0, "x", 1), weights[which])[:, 0, :] + bias[which]
    return classes[rows, which] * softmax(scores)[rows, place]


def prepend_scalar_to_each_row(val: TensorLike, mat: TensorLike) -> Variable:
    """The matrix with a first column of `val`.

    Parameters
    ----------
    val : array_like or Variable
        A scalar, converted to the dtype of `mat`.
    mat : array_like or Variable
        A matrix (n, m).

    Returns
    -------
    Variable
        Of shape (n, m + 1).

    Examples
    --------
    >>> T.nnet.prepend_scalar_to_each_row(5.0, [[1.0, 2.0]]).eval()
    array([[5., 1., 2.]])
    """
    matrix = as_variable(mat)
    column = full((matrix.shape[0], 1), as_variable(val).astype(matrix.dtype))
    return concatenate([column, matrix], axis=1)


def prepend_0_to_each_row(mat: TensorLike) -> Variable:
    """The matrix with a first column of zeros.

    Parameters
    ----------
    mat : array_like or Variable
        A matrix.
    """
    return prepend_scalar_to_each_row(0, mat)


def prepend_1_to_each_row(mat: TensorLike) -> Variable:
    """The matrix with a first column of ones.

    Parameters
    ----------
    mat : array_like or Variable
        A matrix.
    """
    return prepend_scalar_to_each_row(1, mat)


def confusion_matrix(actual: TensorLike, pred: TensorLike) -> list[Variable]:
    """How often each class was taken for each: counts (actual, predicted), and the classes in order.

    Only classes that occur in `actual` or `pred`, two vectors of equal length, have a row and a column.

    Parameters
    ----------
    actual, pred : array_like or Variable
        The true and the predicted classes: vectors of equal length.

    Returns
    -------
    list of Variable
        The counts, an int64 matrix (k, k), and the k classes, a vector.

    Examples
    --------
    >>> counts, classes = T.nnet.confusion_matrix([0, 2, 2], [0, 2, 0])
    >>> counts.eval()
    array([[1, 0],
           [1, 1]])
    >>> classes.eval()
    array([0, 2])
    """
    a, p = as_variable(actual), as_variable(pred)
    classes = unique(concatenate([a, p]))
    hot = [apply("eq", side.dimshuffle(0, "x"), classes).astype("int64") for side in (a, p)]
    return [products.dot(hot[0].T, hot[1]), classes]

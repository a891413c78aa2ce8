"""Connectionist temporal classification: the loss of labels whose times are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import floats_of, stop_gradient
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.nnet.nnet import log_softmax
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["ctc_loss"]


def ctc_available() -> bool:
    """True: `ctc` is part of the library."""
    return True


ctc_present = ctc_available


def ctc_loss(
    activations: TensorLike,
    labels: TensorLike,
    input_lengths: TensorLike,
    blank: int = 0,
) -> Variable:
    """Minus the log-probability of label sequences, over all ways to place them in time.

    Graves, Fernandez, Gomez & Schmidhuber (2006). Probabilities are the softmax of the activations; sums
    run over logarithms in double precision.

    Parameters
    ----------
    activations : array_like or Variable
        [steps, sequences, classes], float32 or float64.
    labels : array_like or Variable of integers
        [sequences, most labels]; what follows the first negative label of a row does not count.
    input_lengths : array_like or Variable of integers
        How many steps of each sequence count.
    blank : int
        The class between labels, which is none itself.

    Returns
    -------
    Variable
        A loss for each sequence. Labels that do not fit into their steps have an infinite loss with a
        gradient of 0. There is no second derivative.

    Raises
    ------
    IndexError
        In the call, for a label that is no class or the blank, and for lengths beyond the steps.

    Examples
    --------
    >>> T.nnet.ctc_loss(np.zeros((2, 1, 2)), [[1]], [2]).eval()  # 3 of 4 paths of equal probability
    array([0.28768207])
    """
    (x,) = floats_of(as_node(activations))
    nodes = [as_node(labels), as_node(input_lengths)]
    ranks = [x.ndim, *(node.ndim for node in nodes)]
    if ranks != [3, 2, 1]:
        required = "activations with 3 axes, labels with 2, lengths with 1"
        raise ValueError(complaint("ctc", required, ", ".join(map(describe, [x, *map(wrap, nodes)]))))
    for node in nodes:
        if kind_of(node.dtype) not in "iu":
            raise TypeError(complaint("ctc", "integer labels and lengths", describe(wrap(node))))
    scores = log_softmax(x).dimshuffle(1, 0, 2)
    if x.dtype not in ("float32", "float64"):
        scores = scores.astype("float32")
    operands = [scores._node, *(_core.cast(node, "int64") for node in nodes)]
    loss = wrap(_core.apply_all("ctc", operands, [blank])[0])
    return loss if loss.dtype == x.dtype else loss.astype(x.dtype)


ctc = ctc_loss


class ConnectionistTemporalClassification:
    """`ctc_loss` as an op to be called; without `compute_grad` its result is a constant to gradients.

    Parameters
    ----------
    compute_grad : bool
    """

    def __init__(self, compute_grad: bool = True) -> None:
        self.compute_grad = compute_grad

    def __call__(self, activations: TensorLike, labels: TensorLike, input_lengths: TensorLike) -> Variable:
        loss = ctc_loss(activations, labels, input_lengths)
        return loss if self.compute_grad else stop_gradient(loss)

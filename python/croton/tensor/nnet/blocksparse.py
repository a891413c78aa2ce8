"""Products with the few blocks of a large matrix that are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton.tensor.contraction import einsum
from croton.tensor.creation import zeros
from croton.tensor.expression import TensorLike
from croton.tensor.subtensor import inc_subtensor
from croton.tensor.variable import as_variable

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["sparse_block_dot"]


def sparse_block_dot(
    W: TensorLike, h: TensorLike, inputIdx: TensorLike, b: TensorLike, outputIdx: TensorLike
) -> Variable:
    """For each example and each chosen output block: its bias and the products with the chosen inputs.

    Parameters
    ----------
    W : array_like or Variable
        Blocks of weights (input blocks, output blocks, input size, output size).
    h : array_like or Variable
        The chosen inputs (batch, inputs, input size), or of a single example without the first axis.
    inputIdx : array_like or Variable
        Which input blocks they are, (batch, inputs).
    b : array_like or Variable
        Biases (output blocks, output size).
    outputIdx : array_like or Variable
        Which output blocks to compute, (batch, outputs).

    Returns
    -------
    Variable
        (batch, outputs, output size).

    Examples
    --------
    >>> W, h, b = np.ones((2, 3, 4, 5)), np.ones((1, 1, 4)), np.zeros((3, 5))
    >>> T.nnet.sparse_block_dot(W, h, [[0]], b, [[2, 1]]).eval()
    array([[[4., 4., 4., 4., 4.],
            [4., 4., 4., 4., 4.]]])
    """
    inputs, rows, columns = as_variable(h), as_variable(inputIdx), as_variable(outputIdx)
    if inputs.ndim == 2:
        alone = [x.dimshuffle("x", *range(x.ndim)) for x in (inputs, rows, columns)]
        return sparse_block_dot(W, alone[0], alone[1], b, alone[2])[0]
    blocks = as_variable(W)[rows.dimshuffle(0, 1, "x"), columns.dimshuffle(0, "x", 1)]
    return einsum("bij,bikjl->bkl", inputs, blocks) + as_variable(b)[columns]


def sparse_block_gemv(
    o: TensorLike, W: TensorLike, h: TensorLike, inputIdx: TensorLike, outputIdx: TensorLike
) -> Variable:
    """`o` and the products of chosen inputs with chosen blocks of weights; see `sparse_block_dot`.

    Parameters
    ----------
    o : array_like or Variable
        What is added to, (batch, outputs, output size).
    W, h, inputIdx, outputIdx
        As for `sparse_block_dot`.

    Examples
    --------
    >>> o, W, h = np.ones((1, 1, 5)), np.ones((2, 3, 4, 5)), np.ones((1, 1, 4))
    >>> T.nnet.blocksparse.sparse_block_gemv(o, W, h, [[0]], [[2]]).eval()
    array([[[5., 5., 5., 5., 5.]]])
    """
    weights = as_variable(W)
    nothing = zeros((weights.shape[1], weights.shape[3]), weights.dtype)
    return as_variable(o) + sparse_block_dot(weights, h, inputIdx, nothing, outputIdx)


def sparse_block_outer(
    o: TensorLike,
    x: TensorLike,
    y: TensorLike,
    xIdx: TensorLike,
    yIdx: TensorLike,
    alpha: TensorLike = 1.0,
) -> Variable:
    """The blocks `o` with outer products added to those that are chosen.

    Parameters
    ----------
    o : array_like or Variable
        Blocks (input blocks, output blocks, input size, output size).
    x, y : array_like or Variable
        Vectors (batch, inputs, input size) and (batch, outputs, output size).
    xIdx, yIdx : array_like or Variable
        Which blocks they belong to, (batch, inputs) and (batch, outputs).
    alpha : array_like or Variable
        A factor of the products.

    Examples
    --------
    >>> o, x, y = np.zeros((1, 2, 1, 2)), np.ones((1, 1, 1)), np.ones((1, 1, 2))
    >>> T.nnet.blocksparse.sparse_block_outer(o, x, y, [[0]], [[1]]).eval()
    array([[[[0., 0.]],
    <BLANKLINE>
            [[1., 1.]]]])
    """
    rows, columns = as_variable(xIdx), as_variable(yIdx)
    products = einsum("bik,bjl->bijkl", x, y) * alpha
    place = as_variable(o)[rows.dimshuffle(0, 1, "x"), columns.dimshuffle(0, "x", 1)]
    return inc_subtensor(place, products)

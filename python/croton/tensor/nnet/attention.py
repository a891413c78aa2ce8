"""Attention: rows of values, weighted by how well their keys match a query."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from croton.errors import complaint
from croton.tensor.elementwise import apply, floats_of, where
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.nnet.nnet import softmax
from croton.tensor.products import matmul
from croton.tensor.ranges import arange
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["scaled_dot_product_attention"]

FAR_BELOW = -1e30  # a score that leaves nothing of its weight, and no NaN if there is no other


def _grouped(operands: list[Variable]) -> list[Variable]:
    """Query, key and value with an axis of groups after that of the heads of key and value."""
    query, key, value = operands
    if min(x.ndim for x in operands) < 3:
        given = ", ".join(describe(x) for x in operands)
        raise ValueError(complaint("scaled_dot_product_attention", "an axis of heads in each", given))
    heads, steps, width = (query.shape[k] for k in (-3, -2, -1))
    few = key.shape[-3]
    known = query._node.static_shape[-3] or 0, key._node.static_shape[-3] or 1
    if known[0] % known[1]:
        required = "a multiple of the key's heads in the query"
        raise ValueError(complaint("scaled_dot_product_attention", required, f"{known[0]} and {known[1]}"))
    leading = [query.shape[k] for k in range(query.ndim - 3)]
    query = query.reshape((*leading, few, apply("floor_div", heads, few), steps, width))
    return [query, *(x.dimshuffle(*range(x.ndim - 2), "x", x.ndim - 2, x.ndim - 1) for x in (key, value))]


def _visible(scores: Variable, mask: TensorLike, is_causal: bool) -> tuple[Variable, Variable | None]:
    """The scores with an additive mask, and which of them count."""
    visible = None
    if mask is not None:
        node = as_node(mask)
        if kind_of(node.dtype) == "b":
            visible = wrap(node)
        else:
            scores = apply("add", scores, wrap(node).astype(scores.dtype))
    if is_causal:
        rows, columns = arange(scores.shape[-2]), arange(scores.shape[-1])
        past = columns <= rows.dimshuffle(0, "x")
        visible = past if visible is None else apply("logical_and", visible, past)
    return scores, visible


def scaled_dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    attn_mask: TensorLike = None,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Variable:
    """softmax(query key^T scale) value over the last two axes (Vaswani et al., 2017).

    Parameters
    ----------
    query : array_like or Variable
        [..., rows, width].
    key : array_like or Variable
        [..., positions, width].
    value : array_like or Variable
        [..., positions, width of the result].
    attn_mask : array_like or Variable, optional
        Broadcasts to [..., rows, positions]: bools say which positions a row sees, numbers are added to
        the scores.
    is_causal : bool
        Row i sees positions up to i only, besides what the mask says.
    scale : float, optional
        By default 1 / sqrt(width).
    enable_gqa : bool
        The query has a multiple of the key's and value's heads (axis -3); each of theirs serves as many
        neighbours in the query (Ainslie et al., 2023). A mask then has axes for heads and groups, or neither.

    Returns
    -------
    Variable
        [..., rows, width of the result]; 0 for a row that sees no position.

    Raises
    ------
    ValueError
        If an operand has fewer than two axes (three with `enable_gqa`), or the heads are no multiple.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [2.0, 0.0]])
    >>> T.nnet.scaled_dot_product_attention(x, x, x, is_causal=True).eval().round(3)
    array([[0.   , 1.   ],
           [1.888, 0.056]])
    """
    operands = floats_of(*(as_node(x) for x in (query, key, value)))
    if min(x.ndim for x in operands) < 2:
        given = ", ".join(describe(x) for x in operands)
        raise ValueError(complaint("scaled_dot_product_attention", "at least two axes in each", given))
    sizes = operands[0].shape
    q, k, v = _grouped(operands) if enable_gqa else operands
    if scale is None:
        width = q._node.static_shape[-1]
        factor = 1 / math.sqrt(width) if width else apply("rsqrt", q.shape[-1].astype(q.dtype))
    else:
        factor = scale
    scores, visible = _visible(matmul(q * factor, k.swapaxes(-1, -2)), attn_mask, is_causal)
    if visible is None:
        weights = softmax(scores)
    else:
        weights = where(visible, softmax(where(visible, scores, FAR_BELOW)), 0)
    result = matmul(weights, v)
    if not enable_gqa:
        return result
    leading = [sizes[axis] for axis in range(operands[0].ndim - 1)]
    return result.reshape((*leading, operands[2].shape[-1]))

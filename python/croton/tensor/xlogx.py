"""x log(x) and x log(y), under Theano's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["xlogx", "xlogy0"]


def xlogx(x: TensorLike) -> Variable:
    """x log(x), and 0 at 0.

    Examples
    --------
    >>> T.xlogx.xlogx([0.0, 1.0]).eval()
    array([0., 0.])
    """
    return apply("xlogy", x, x)


def xlogy0(x: TensorLike, y: TensorLike) -> Variable:
    """x log(y), and 0 where x is 0."""
    return apply("xlogy", x, y)

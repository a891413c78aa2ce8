"""Functions under the module name that Theano has for them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from croton.tensor.diagonals import fill_diagonal as fill_diagonal
from croton.tensor.diagonals import fill_diagonal_offset as fill_diagonal_offset
from croton.tensor.movement import squeeze as squeeze
from croton.tensor.nonzeros import compress as compress
from croton.tensor.nonzeros import unique as unique
from croton.tensor.positions import ravel_multi_index as ravel_multi_index
from croton.tensor.positions import to_one_hot as to_one_hot
from croton.tensor.positions import unravel_index as unravel_index
from croton.tensor.ranges import bartlett as bartlett
from croton.tensor.repeating import repeat as repeat
from croton.tensor.running import cumprod as cumprod
from croton.tensor.running import cumsum as cumsum
from croton.tensor.searching import searchsorted as searchsorted
from croton.tensor.segments import bincount as bincount
from croton.tensor.statistics import diff as diff


def Unique(
    return_index: bool = False, return_inverse: bool = False, return_counts: bool = False
) -> Callable[..., Any]:
    """Theano's op of this name: the function `unique` with these options.

    Examples
    --------
    >>> T.extra_ops.Unique()([3, 1, 3]).eval()
    array([1, 3])
    """
    return partial(
        unique, return_index=return_index, return_inverse=return_inverse, return_counts=return_counts
    )

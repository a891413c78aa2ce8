"""The older names of `croton.tensor.signal.pool`."""

from croton.tensor.signal.pool import max_pool_2d_same_size as max_pool_2d_same_size
from croton.tensor.signal.pool import pool_2d as max_pool_2d

__all__ = ["max_pool_2d", "max_pool_2d_same_size"]

"""Gradients: `croton.gradient.grad` and its kin."""

from croton.errors import DisconnectedInputError
from croton.tensor.gradient import (
    DisconnectedType,
    Lop,
    consider_constant,
    disconnected_grad,
    grad,
    zero_grad,
)

__all__ = [
    "DisconnectedInputError",
    "DisconnectedType",
    "Lop",
    "consider_constant",
    "disconnected_grad",
    "grad",
    "zero_grad",
]

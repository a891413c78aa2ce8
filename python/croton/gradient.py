"""Gradients: `croton.gradient.grad` and its kin."""

from croton.errors import DisconnectedInputError, GradientError
from croton.finite_differences import numeric_grad, verify_grad
from croton.partial_gradients import Rop, format_as, grad_scale, subgraph_grad
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
    "GradientError",
    "Lop",
    "Rop",
    "consider_constant",
    "disconnected_grad",
    "format_as",
    "grad",
    "grad_scale",
    "numeric_grad",
    "subgraph_grad",
    "verify_grad",
    "zero_grad",
]

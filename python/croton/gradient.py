"""Gradients: `croton.gradient.grad` and its kin."""

from croton.errors import DisconnectedInputError, GradientError, NullTypeGradError
from croton.finite_differences import numeric_grad, verify_grad
from croton.op_gradients import grad_not_implemented, grad_undefined
from croton.partial_gradients import Rop, format_as, grad_scale, hessian_vector_product, subgraph_grad
from croton.tensor.derivatives import hessian, jacobian
from croton.tensor.gradient import (
    DisconnectedType,
    Lop,
    consider_constant,
    disconnected_grad,
    disconnected_type,
    grad,
    grad_clip,
    undefined_grad,
    zero_grad,
)

__all__ = [
    "DisconnectedInputError",
    "DisconnectedType",
    "GradientError",
    "Lop",
    "NullTypeGradError",
    "Rop",
    "consider_constant",
    "disconnected_grad",
    "disconnected_type",
    "format_as",
    "grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "numeric_grad",
    "subgraph_grad",
    "undefined_grad",
    "verify_grad",
    "zero_grad",
]

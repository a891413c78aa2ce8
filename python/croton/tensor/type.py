"""The type of arrays, under the module name that Theano has for it."""

from croton.tensor.types import TensorType

__all__ = ["TensorType"]

"""Shared variables, under the module name that Theano has for them."""

from croton.shared import SharedVariable as TensorSharedVariable
from croton.shared import shared as tensor_constructor

ScalarSharedVariable = TensorSharedVariable
scalar_constructor = tensor_constructor

__all__ = ["ScalarSharedVariable", "TensorSharedVariable", "scalar_constructor", "tensor_constructor"]

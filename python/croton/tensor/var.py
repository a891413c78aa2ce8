"""The classes of variables, under the module name that Theano has for them."""

from croton.tensor.variable import Constant as TensorConstant
from croton.tensor.variable import Variable as TensorVariable

__all__ = ["TensorConstant", "TensorVariable"]

"""Assertions, under the module name that Theano has for them."""

from croton.raise_op import Assert as Assert
from croton.raise_op import assert_ as assert_
from croton.raise_op import assert_op as assert_op

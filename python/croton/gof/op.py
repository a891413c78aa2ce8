"""Ops and test values, under the module name that Theano has for them."""

from croton.op import Apply as Apply
from croton.op import Op as Op
from croton.test_values import get_test_value as get_test_value

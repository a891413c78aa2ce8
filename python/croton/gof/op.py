"""Test values, under the module name that Theano has for them."""

from croton.test_values import get_test_value as get_test_value

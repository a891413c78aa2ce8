"""Shared variables, under the module name that Theano has for them."""

from croton.shared import SharedVariable as SharedVariable
from croton.shared import shared as shared

"""Modes, under the module name that Theano has for them."""

from croton.modes import FAST_RUN as FAST_RUN
from croton.modes import Mode as Mode
from croton.modes import get_default_mode as get_default_mode
from croton.modes import get_mode as get_mode
from croton.modes import predefined_linkers as predefined_linkers
from croton.modes import predefined_modes as predefined_modes
from croton.modes import predefined_optimizers as predefined_optimizers
from croton.modes import register_mode as register_mode

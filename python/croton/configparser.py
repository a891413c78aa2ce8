"""Settings, under the module name that Theano has for them."""

from croton.config import change_flags as change_flags
from croton.config import config as config

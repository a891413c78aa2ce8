"""MonitorMode, under the module name that Theano has for it."""

from croton.watching import MonitorMode as MonitorMode
from croton.watching import detect_nan as detect_nan

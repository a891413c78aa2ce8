"""DebugMode, under the module name that Theano has for it."""

from croton.watching import DebugMode as DebugMode

"""Ops made of expressions, under the module name that Theano has for them."""

from croton.op_from_graph import OpFromGraph as OpFromGraph

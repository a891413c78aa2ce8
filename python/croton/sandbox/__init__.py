"""Theano's namespace `sandbox`."""

from croton.sandbox import rng_mrg

__all__ = ["rng_mrg"]

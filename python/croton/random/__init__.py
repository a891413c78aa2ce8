"""Random numbers: draws that are expressions, from a generator that counts (see docs/random.md)."""

from croton.random.stream import RandomStream, default_rng

__all__ = ["RandomStream", "default_rng"]

"""Symbolic expressions over arrays, compiled to machine code in milliseconds."""

from croton._core import __version__

__all__ = ["__version__"]

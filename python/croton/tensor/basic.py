"""The module that Theano keeps most functions in: it has each name of `croton.tensor`."""

from typing import Any

from croton import tensor as _tensor


def __getattr__(name: str) -> Any:
    if name.startswith("__"):  # the import system asks for some
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_tensor, name)

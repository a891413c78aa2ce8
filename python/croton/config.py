"""Settings of the Python layer: `croton.config.floatX` and a few more, also from CROTON_FLAGS.

The environment variable reads as Theano's: `CROTON_FLAGS="floatX=float32,on_unused_input=warn"`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "floatX": ("float64", "float32", "float16"),
    "on_unused_input": ("raise", "warn", "ignore"),
    "mode": ("FAST_RUN", "FAST_COMPILE", "reference"),
}


class Config:
    """The settings. Assigning an unknown name or value is an error.

    Attributes
    ----------
    floatX : str
        The dtype of `T.matrix` and the other constructors without a prefix, of `T.zeros` and of the quotient
        of integers in `"float32"` programs: "float64" (the default), "float32" or "float16".
    on_unused_input : str
        What `function` does about an input that nothing uses: "raise" (the default), "warn" or "ignore".
    mode : str
        The mode of functions that are given none.

    Examples
    --------
    >>> import croton as ct
    >>> with ct.config.change_flags(floatX="float32"):
    ...     ct.config.floatX
    'float32'
    """

    floatX: str
    on_unused_input: str
    mode: str

    def __init__(self) -> None:
        for name, choices in CHOICES.items():
            setattr(self, name, choices[0])

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in CHOICES:
            known = ", ".join(CHOICES)
            raise AttributeError(f"config: required one of {known}, given {name!r}")
        if value not in CHOICES[name]:
            known = ", ".join(map(repr, CHOICES[name]))
            raise ValueError(f"config.{name}: required one of {known}, given {value!r}")
        object.__setattr__(self, name, value)

    @contextmanager
    def change_flags(self, **values: Any) -> Iterator[None]:
        """Sets flags for the length of a `with` block or of a decorated function."""
        previous = {name: getattr(self, name) for name in values}
        try:
            for name, value in values.items():
                setattr(self, name, value)
            yield
        finally:
            for name, value in previous.items():
                setattr(self, name, value)

    def __repr__(self) -> str:
        return "\n".join(
            f"{name} = {getattr(self, name)!r}  # {', '.join(CHOICES[name])}" for name in CHOICES
        )


def read_flags(target: Config, text: str) -> None:
    """Sets the flags written in `text`, for example "floatX=float32,on_unused_input=warn"."""
    for part in text.split(","):
        if not part.strip():
            continue
        name, sign, value = (word.strip() for word in part.partition("="))
        if not sign:
            raise ValueError(f"CROTON_FLAGS: required name=value, given {part.strip()!r}")
        setattr(target, name, value)


config = Config()
read_flags(config, os.environ.get("CROTON_FLAGS", ""))
change_flags = config.change_flags

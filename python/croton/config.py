"""Settings: `croton.config.floatX` and others, also from CROTON_FLAGS. The flags are in `flags.py`.

The environment variable reads as Theano's: `CROTON_FLAGS="floatX=float32,on_unused_input=warn"`.
"""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from croton.flags import FLAGS, IGNORED_SECTIONS, TABLE, Flag

# What setting a flag does, beyond that others read it; by name.
_effects: dict[str, Callable[[Any], None]] = {}


def on_change(name: str, effect: Callable[[Any], None]) -> None:
    """Calls `effect` with the value of a flag whenever it is set, and now if it is not the default."""
    _effects[name] = effect
    if config[name] != TABLE[name].default:
        effect(config[name])


def _flag(name: str) -> Flag:
    if name in TABLE:
        return TABLE[name]
    section, dot, _ = name.partition(".")
    if dot and section in IGNORED_SECTIONS:
        return Flag(name, "", "No effect here.", ignored=True)
    close = difflib.get_close_matches(name, TABLE, 1)
    remedy = f"; did you mean {close[0]}?" if close else "; print(croton.config) lists them all"
    raise AttributeError(f"config: required one of its flags, given {name!r}{remedy}")


def _is_section(name: str) -> bool:
    return name in IGNORED_SECTIONS or any(flag.startswith(name + ".") for flag in TABLE)


class Section:
    """The flags whose names begin with the section's and a dot."""

    def __init__(self, section: str) -> None:
        object.__setattr__(self, "_section", section)

    def __getattr__(self, name: str) -> Any:
        full = f"{self._section}.{name}" if self._section else name
        if name.startswith("__"):
            raise AttributeError(name)
        if not self._section and _is_section(name):
            value: Any = Section(name)
        else:
            value = _flag(full).default
        object.__setattr__(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        full = f"{self._section}.{name}" if self._section else name
        flag = _flag(full)
        # Theano's ignored flags of whole sections have values of any type.
        value = value if flag.ignored else flag.read(value)
        if flag.ignored and not full.startswith("warn."):
            warnings.warn(f"config.{full} is a flag of Theano's with no effect here", stacklevel=2)
        if full == "device":
            value = _read_device(value)
        object.__setattr__(self, name, value)
        if full in _effects:
            _effects[full](value)

    def __repr__(self) -> str:
        return "\n".join(_line(flag) for flag in FLAGS if flag.name.startswith(self._section))


def _read_device(name: str) -> str:
    if name == "cpu":
        return name
    text = f"config.device: required 'cpu', given {name!r}; there is no other device yet"
    if config.force_device or not name.startswith(("cuda", "gpu", "opencl")):
        raise ValueError(text)
    warnings.warn(text, stacklevel=3)
    return "cpu"


def _line(flag: Flag) -> str:
    kind = flag.required if flag.choices else type(flag.default).__name__
    return f"{flag.name} = {config[flag.name]!r}  ({kind.removeprefix('one of ')})\n    {flag.doc}"


class Config(Section):
    """The settings. Assigning an unknown name or value is an error; `print(croton.config)` lists them.

    A flag of a section is `config.NanGuardMode.action`. Theano's flags for what Croton does not have can be
    set, with a warning that they have no effect.

    Examples
    --------
    >>> import croton as ct
    >>> with ct.config.change_flags(floatX="float32"):
    ...     ct.config.floatX
    'float32'
    """

    floatX: str
    mode: str
    linker: str
    optimizer: str
    device: str
    on_unused_input: str
    compute_test_value: str
    warn_float64: str
    num_threads: int
    profile: bool

    def __init__(self) -> None:
        super().__init__("")
        for flag in FLAGS:
            if "." not in flag.name:
                object.__setattr__(self, flag.name, flag.default)

    def __getitem__(self, name: str) -> Any:
        """The value of a flag by its full name."""
        section, dot, last = name.partition(".")
        return getattr(getattr(self, section), last) if dot else getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Sets a flag by its full name."""
        section, dot, last = name.partition(".")
        if dot and _is_section(section):
            setattr(getattr(self, section), last, value)
        else:
            setattr(self, name, value)

    @contextmanager
    def change_flags(self, **values: Any) -> Iterator[None]:
        """Sets flags for the length of a `with` block or of a decorated function.

        Parameters
        ----------
        values
            By name; those of sections as `**{"NanGuardMode.action": "warn"}`.
        """
        previous = {_flag(name).name: self[name] for name in values}
        done = []
        try:
            for name, value in values.items():
                self[name] = value
                done.append(name)
            yield
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for name in done:
                    self[name] = previous[name]


def _use_folder(folder: str) -> None:
    """The engine looks where the cache is when the first kernel is built."""
    os.environ["CROTON_CACHE_DIR"] = folder


def _seterr(kind: str) -> Callable[[str], None]:
    def effect(value: str) -> None:
        if value != "None":
            import numpy

            numpy.seterr(**{kind: value})  # type: ignore[arg-type]

    return effect


def read_flags(target: Config, text: str) -> None:
    """Sets the flags written in `text`, for example "floatX=float32,on_unused_input=warn".

    Parameters
    ----------
    target : Config
    text : str

    Raises
    ------
    ValueError
        For a part without "=", or a value that the flag cannot have.
    AttributeError
        For a name that is no flag's.
    """
    for part in text.split(","):
        if not part.strip():
            continue
        name, sign, value = (word.strip() for word in part.partition("="))
        if not sign:
            raise ValueError(f"CROTON_FLAGS: required name=value, given {part.strip()!r}")
        target[name] = value


config = Config()
change_flags = config.change_flags
read_flags(config, os.environ.get("CROTON_FLAGS", ""))
on_change("cache_dir", _use_folder)
for _kind in ("all", "divide", "over", "under", "invalid"):
    on_change(f"numpy.seterr_{_kind}", _seterr(_kind))

"""Modes: how a function runs. Compiled code, the reference interpreter, or either of them watched."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.config import config
from croton.errors import complaint
from croton.flags import MODES, TABLE
from croton.reference import ReferenceFunction

if TYPE_CHECKING:
    from croton.arguments import Converter
    from croton.spec import Spec

# The passes that may be left out; the others are needed for machine code.
PASSES = ("canonicalize", "stabilize")
LINKERS = tuple(TABLE["linker"].choices)
OPTIMIZERS = tuple(TABLE["optimizer"].choices)
# Theano's names for parts of its optimizers, which have nothing to leave out here.
UNREWRITTEN = (None, "None", "merge")


@dataclass(frozen=True)
class Mode:
    """How functions run.

    Parameters
    ----------
    linker : str, optional
        "py" is the reference interpreter, Theano's other names are compiled code. None: `config.linker`.
    optimizer : str, optional
        None, "None" or "merge" leave expressions as they are written; Theano's other names rewrite them all.
        By default `config.optimizer`.

    Raises
    ------
    ValueError
        For another linker or optimizer.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> plain = ct.Mode(optimizer=None).excluding("stabilize")
    >>> f = ct.function([x], T.log(1 + x), mode=plain)
    >>> [float(value) for value in f([0.0, 1e-20])]
    [0.0, 0.0]
    >>> [float(value) for value in ct.function([x], T.log(1 + x))([0.0, 1e-20])]
    [0.0, 1e-20]
    """

    linker: str | None = None
    optimizer: str | None = "default"
    excluded: frozenset[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        if self.linker is None:
            object.__setattr__(self, "linker", config.linker)
        if self.optimizer == "default":
            object.__setattr__(self, "optimizer", config.optimizer)
        if self.linker not in LINKERS:
            raise ValueError(complaint("Mode", f"a linker of {', '.join(LINKERS)}", repr(self.linker)))
        if self.optimizer not in (None, *OPTIMIZERS):
            known = ", ".join(map(str, OPTIMIZERS))
            raise ValueError(complaint("Mode", f"an optimizer of {known} or None", repr(self.optimizer)))

    @property
    def skip(self) -> list[str]:
        """The passes that functions of this mode leave out."""
        without = set(self.excluded) | set(config.optimizer_excluding.split(":"))
        if self.optimizer in UNREWRITTEN:
            without.update(PASSES)
        return [name for name in PASSES if name in without]

    def excluding(self, *tags: str) -> Mode:
        """This mode without some passes (canonicalize, stabilize); other tags mean nothing."""
        return replace(self, excluded=self.excluded | set(tags))

    def including(self, *tags: str) -> Mode:
        """This mode with passes that `excluding` left out; other tags mean nothing."""
        return replace(self, excluded=self.excluded - set(tags))

    requiring = including

    def clone(self, linker: str | None = None, optimizer: str | None = "default") -> Mode:
        """This mode with another linker or optimizer.

        Parameters
        ----------
        linker : str, optional
            By default this mode's.
        optimizer : str or None, optional
            By default this mode's; None leaves expressions as they are written.

        Returns
        -------
        Mode

        Raises
        ------
        ValueError
            For another linker or optimizer.
        """
        chosen = self.optimizer if optimizer == "default" else optimizer
        return replace(self, linker=linker or self.linker, optimizer=chosen)

    def make(self, spec: Spec, converters: list[Converter], binder: Any) -> Any:
        """The callable for a specification."""
        if self.linker == "py":
            return ReferenceFunction(spec, converters, binder)

        def convert(position: int, value: Any) -> Any:
            return converters[position](value)

        inputs = [entry.variable._node for entry in spec.inputs]
        compiled = _core.compile(
            inputs,
            spec.outputs,
            spec.updates,
            spec.name,
            convert,
            binder,
            spec.results,
            spec.profile,
            self.skip,
        )
        compiled.__dict__.update(_spec=spec, _converters=converters, name=spec.name, trust_input=False)
        return compiled


FAST_RUN = Mode("cvm", "fast_run")
REFERENCE = Mode("py", "fast_run")
# Without "Mode" and those in watching.py, which are made when they are asked for.
predefined_modes: dict[str, Mode] = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_RUN, "reference": REFERENCE}
predefined_linkers = {name: name for name in LINKERS}
predefined_optimizers = {name: name for name in (None, *OPTIMIZERS)}


def register_mode(name: str, mode: Mode) -> None:
    """Gives `mode` a name, for `function(mode=name)` and `config.mode`.

    Parameters
    ----------
    name : str
        One that no mode has yet.
    mode : Mode

    Raises
    ------
    ValueError
        If there is a mode of that name.
    """
    if name in MODES:
        raise ValueError(complaint("register_mode", "a new name", repr(name)))
    MODES.append(name)
    predefined_modes[name] = mode


def _named(title: str, name: str) -> Mode:
    if name == "Mode":
        return Mode()
    if name in ("DebugMode", "DEBUG_MODE", "NanGuardMode"):
        watching = importlib.import_module("croton.watching")
        made: Mode = watching.NanGuardMode() if name == "NanGuardMode" else watching.DebugMode()
        return made
    if name not in predefined_modes:
        raise ValueError(complaint(title, f"a mode of {', '.join(MODES)}, or a Mode", repr(name)))
    return predefined_modes[name]


def get_mode(mode: Any = None, title: str = "get_mode") -> Mode:
    """The mode that `function(mode=mode)` runs: itself, the one of that name, or that of `config.mode`.

    Parameters
    ----------
    mode : Mode or str, optional
    title : str
        What errors name.

    Returns
    -------
    Mode

    Raises
    ------
    ValueError
        For a name that no mode has.
    TypeError
        For anything else.
    """
    chosen = config.mode if mode is None else mode
    if isinstance(chosen, Mode):
        return chosen
    if not isinstance(chosen, str):
        raise TypeError(complaint(title, "a Mode, or the name of one", repr(mode)))
    return _named(title, chosen)


def get_default_mode() -> Mode:
    """The mode of functions that are given none: that of `config.mode`."""
    return get_mode(None, "get_default_mode")

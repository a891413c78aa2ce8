"""Names of modules that are loaded when they are first asked for, so that `import croton` takes no longer."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any


def lazily(package: str, modules: Sequence[str] = (), submodules: Sequence[str] = ()) -> Callable[[str], Any]:
    """A `__getattr__` for a module.

    Parameters
    ----------
    package : str
        The module's name.
    modules : sequence of str
        Modules whose `__all__` it has, too.
    submodules : sequence of str
        Modules inside it.
    """

    def __getattr__(name: str) -> Any:
        if name in submodules:
            return importlib.import_module(f"{package}.{name}")
        if not name.startswith("__"):  # the import system asks for some of those
            for module in map(importlib.import_module, modules):
                if name in module.__all__:
                    value = getattr(module, name)
                    setattr(sys.modules[package], name, value)
                    return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return __getattr__

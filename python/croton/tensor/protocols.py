"""NumPy's functions on symbolic variables: np.exp(x) and np.concatenate([x, y]) build expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from croton.errors import complaint
from croton.tensor.variable import Variable


def enable(names: Mapping[str, Any]) -> None:
    """Give variables NumPy's two protocols, with the functions in the namespace `names` as the meanings."""

    def find(module: str, name: str) -> Callable[..., Any] | None:
        space: Any = names
        for part in module.split(".")[1:]:
            space = space.get(part) if isinstance(space, Mapping) else getattr(space, part, None)
        found = space.get(name) if isinstance(space, Mapping) else getattr(space, name, None)
        return found if callable(found) else None

    def array_ufunc(self: Variable, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        function = find("numpy", ufunc.__name__)
        if method != "__call__" or function is None or any(value is not None for value in options.values()):
            given = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else "")
            if options:
                given += f" with {', '.join(options)}"
            raise TypeError(complaint("NumPy", "a function that croton.tensor has, without options", given))
        return function(*inputs)

    def array_function(
        self: Variable, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        own = find(function.__module__, function.__name__)
        if own is None:
            given = f"{function.__module__}.{function.__name__}"
            raise TypeError(complaint("NumPy", "a function that croton.tensor has", given))
        return own(*args, **kwargs)

    Variable.__array_ufunc__ = array_ufunc  # type: ignore[assignment]
    Variable.__array_function__ = array_function  # type: ignore[attr-defined]

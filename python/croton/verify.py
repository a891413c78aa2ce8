"""A compiled function against the reference interpreter, on the same arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from croton.modes import FAST_RUN, REFERENCE
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.spec import Spec

RELATIVE = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 2e-5, "float64": 1e-10}


def _names(spec: Spec) -> list[str]:
    keys = spec.results if isinstance(spec.results, tuple) else range(len(spec.outputs))
    names = [f"output {key!r}" for key in keys]
    return names + [f"the new value of {target._leaf_name or target!r}" for target, _ in spec.updates]


def magnitude(value: Any) -> float:
    """The largest finite magnitude in an array of floats, 0 in others."""
    finite = value[np.isfinite(value)] if kind_of(value.dtype) == "f" else value.ravel()[:0]
    return float(np.abs(finite).max()) if finite.size else 0.0


def first_difference(got: Any, want: Any, rtol: float | None, scale: float = 0.0) -> str | None:
    """Where two arrays differ by more than rounding of numbers as large as theirs, or as `scale`."""
    if got.shape != want.shape:
        return f"has shape {got.shape}, required {want.shape}"
    if kind_of(got.dtype) != "f":
        wrong = np.atleast_1d(got != want)
    else:
        relative = RELATIVE[got.dtype.name] if rtol is None else rtol
        if got.dtype.itemsize == 2:
            got, want = got.astype("float32"), want.astype("float32")
        scale = max(scale, magnitude(want))
        wrong = np.atleast_1d(~np.isclose(got, want, rtol=relative, atol=relative * scale, equal_nan=True))
    if not wrong.any():
        return None
    where = tuple(int(k) for k in np.argwhere(wrong)[0])
    index = where if got.ndim else ()
    return f"differs first at {index}: compiled {got[index]!r}, reference {want[index]!r}"


def verify(spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any], rtol: float | None) -> None:
    """Compares all outputs and new values; raises AssertionError naming the first that differs."""
    from croton.function import build

    values = spec.outputs + [value for _, value in spec.updates]
    plain = replace(spec, outputs=values, updates=[], results=False)
    compiled = build(replace(plain, mode=FAST_RUN))(*args, **kwargs)
    reference = build(replace(plain, mode=REFERENCE))(*args, **kwargs)
    for name, got, want in zip(_names(spec), compiled, reference, strict=True):
        difference = first_difference(np.asarray(got), np.asarray(want), rtol)
        if difference:
            raise AssertionError(f"{spec.name}: {name} {difference}")

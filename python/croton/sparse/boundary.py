"""Functions with sparse arguments and results: each is four arrays to the function itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from croton.errors import complaint
from croton.function import _kinds, function
from croton.sparse.variable import (
    SparseSharedVariable,
    SparseVariable,
    as_sparse_variable,
    from_scipy,
    to_scipy,
)


def has_sparse(*groups: Any) -> bool:
    """Whether a sparse variable is among (the keys and values of) these lists and dicts."""
    for group in groups:
        items = group if isinstance(group, list | tuple) else [group]
        if isinstance(group, Mapping):
            items = [*group.keys(), *group.values()]
        for item in items:
            if isinstance(item, SparseVariable) or (isinstance(item, tuple) and has_sparse(item)):
                return True
    return False


def _pairs(title: str, given: Any) -> list[Any]:
    """Updates or givens with the parts of sparse variables for these."""
    pairs: list[Any] = []
    for old, new in given.items() if isinstance(given, Mapping) else given or ():
        if not isinstance(old, SparseVariable):
            pairs.append((old, new))
            continue
        value = as_sparse_variable(new)
        if value.layout != old.layout:
            remedy = "convert it, for example by transposing the dense matrix that it comes from"
            raise TypeError(complaint(title, f"a matrix in the format {old.format}", value.format, remedy))
        casts = (part.astype(mine.dtype) for part, mine in zip(value.parts, old.parts, strict=True))
        pairs += zip(old.parts, casts, strict=True)
    return pairs


class SparseFunction:
    """A compiled function of which some arguments or results are sparse matrices of SciPy."""

    def __init__(self, function: Any, inputs: list[Any], results: list[Any], keys: Any) -> None:
        self.function, self.inputs, self.results, self.keys = function, inputs, results, keys

    @property
    def name(self) -> str:
        return self.function.name  # type: ignore[no-any-return]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        flat: list[Any] = []
        for k, value in enumerate(args):
            variable = self.inputs[k] if k < len(self.inputs) else None
            if isinstance(variable, SparseVariable):
                title = f"{self.name}: argument {k}" + (f" ({variable.name})" if variable.name else "")
                flat += from_scipy(title, value, variable.type)
            else:
                flat.append(value)
        for variable in self.inputs[len(args) :]:
            if isinstance(variable, SparseVariable) and variable.name in kwargs:
                parts = from_scipy(f"{self.name}: {variable.name}", kwargs.pop(variable.name), variable.type)
                kwargs |= {str(part.name): value for part, value in zip(variable.parts, parts, strict=True)}
        return self._wrapped(self.function(*flat, **kwargs))

    def _wrapped(self, values: list[Any]) -> Any:
        at, results = 0, []
        for result in self.results:
            if isinstance(result, SparseVariable):
                results.append(to_scipy(result.format, *values[at : at + 4]))
                at += 4
            else:
                results.append(values[at])
                at += 1
        if self.keys is None:
            return None
        if isinstance(self.keys, tuple):
            return dict(zip(self.keys, results, strict=True))
        return results[0] if self.keys else results

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "function":
            raise AttributeError(name)
        return getattr(self.function, name)

    def __repr__(self) -> str:
        return f"<croton function {self.name} of sparse matrices>"


def compile_sparse(inputs: Any, outputs: Any, options: dict[str, Any]) -> SparseFunction:
    """`function(inputs, outputs, **options)` where some of these are sparse."""
    title = options.get("name") or "function"
    flat: list[Any] = []
    for entry in inputs:
        if isinstance(entry, SparseSharedVariable):
            raise TypeError(complaint(title, "inputs", f"the shared variable {entry}", "leave it out"))
        flat += entry.parts if isinstance(entry, SparseVariable) else [entry]
    keys: Any = None
    results: list[Any] = []
    if isinstance(outputs, Mapping):
        keys, results = tuple(outputs), list(outputs.values())
    elif isinstance(outputs, list | tuple):
        keys, results = False, list(outputs)
    elif outputs is not None:
        keys, results = True, [outputs]
    roots: list[Any] = []
    for result in results:
        roots += result.parts if isinstance(result, SparseVariable) else [result]
    for option in ("updates", "givens"):
        options[option] = _pairs(title, options[option])
    # A function of some parts alone (the values, say) is a function of the matrix.
    if any(isinstance(entry, SparseVariable) for entry in inputs):
        options["on_unused_input"] = "ignore"
    compiled = function(flat, roots, **options)
    return SparseFunction(compiled, list(inputs), results, keys)


_kinds.append((has_sparse, compile_sparse))

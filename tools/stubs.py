"""Writes the type stubs of the functions that croton.tensor makes from tables: `python tools/stubs.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import croton.tensor as T
from croton.tensor.constructors import FUNCTIONS as CONSTRUCTORS
from croton.tensor.elementwise import FUNCTIONS as ELEMENTWISE

PATH = Path(__file__).resolve().parent.parent / "python" / "croton" / "tensor" / "generated.pyi"
HEADER = '''"""What croton.tensor makes from tables. tools/stubs.py writes this file: `make stubs`."""

from typing import Any

from croton.tensor.types import TensorType
from croton.tensor.variable import Variable

'''


def stub(name: str, function: Callable[..., Any]) -> str:
    """The lines for one name."""
    if isinstance(function, T.TensorType):
        return f"{name}: TensorType\n"
    if function.__name__ != name:
        return f"{name} = {function.__name__}\n"
    parameters = []
    for parameter in inspect.signature(function).parameters.values():
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        annotation = str(parameter.annotation).replace("TensorLike", "Any")
        parameters.append(f"{star}{parameter.name}: {annotation}{default}")
    returned = inspect.signature(function).return_annotation
    summary = (inspect.getdoc(function) or "").splitlines()[0]
    return f'def {name}({", ".join(parameters)}) -> {returned}:\n    """{summary}"""\n'


def text() -> str:
    """The whole file."""
    table = {**CONSTRUCTORS, **ELEMENTWISE}
    # Where a module has a function of the same name, that one is there instead.
    shown = {name: function for name, function in table.items() if getattr(T, name) is function}
    aliases = {name for name, function in shown.items() if getattr(function, "__name__", name) != name}
    lines = [stub(name, shown[name]) for name in [*sorted(set(shown) - aliases), *sorted(aliases)]]
    return HEADER + "".join(lines)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    print(f"{PATH.name}: {len(text().splitlines())} lines")

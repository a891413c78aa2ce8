"""Expressions as text."""

from __future__ import annotations

import sys
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Expression


def pp(x: Any) -> str:
    """The expression as a formula."""
    if not isinstance(x, Expression):
        raise TypeError(complaint("pp", "a symbolic variable", repr(x)))
    return x._node._text(100_000)


pprint = pp


def debugprint(obj: Any, file: Any = None, **options: Any) -> str | None:
    """Prints one line for each node of expressions or of a function: number, op, inputs, type.

    Parameters
    ----------
    obj : Variable, list of Variable, or compiled function
    file : optional
        Where to print, by default standard output; "str" returns the text.
    """
    spec = getattr(obj, "_spec", None)
    if spec is not None:
        nodes = spec.outputs + [value for _, value in spec.updates]
    else:
        nodes = [x._node for x in (obj if isinstance(obj, list | tuple) else [obj])]
    text = _core.listing(nodes)
    if file == "str":
        return text
    print(text, file=file or sys.stdout)
    return None

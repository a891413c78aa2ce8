"""Makers of inputs: `matrix("X")` in floatX, `fmatrix` and its kin in a fixed dtype, and the plurals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from croton.errors import complaint
from croton.tensor.types import TensorType
from croton.tensor.variable import Variable

PREFIXES = {
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
    "ub": "uint8",
    "uw": "uint16",
    "ui": "uint32",
    "ul": "uint64",
    "f": "float32",
    "d": "float64",
    "c": "complex64",
    "z": "complex128",
}
SHAPES: dict[str, tuple[int | None, ...]] = {
    "scalar": (),
    "vector": (None,),
    "matrix": (None, None),
    "row": (1, None),
    "col": (None, 1),
    **{f"tensor{rank}": (None,) * rank for rank in range(3, 8)},
}
PLURALS = {"matrix": "matrices", **{name: name + "s" for name in SHAPES if name != "matrix"}}


def tensor(
    dtype: Any = None,
    broadcastable: Sequence[bool] | None = None,
    name: str | None = None,
    shape: Sequence[int | None] | None = None,
) -> Variable:
    """A new input.

    Parameters
    ----------
    dtype : optional
        Its element type, by default floatX.
    broadcastable : sequence of bool, optional
        Theano's way to give the shape: one flag for each axis, True for size 1.
    name : str, optional
    shape : sequence of int or None
        One entry for each axis: its size, or None if any size will do.

    Raises
    ------
    TypeError
        Without a shape.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.tensor("float32", shape=(None, 3), name="points")
    points : float32[?, 3]
    """
    if shape is None and broadcastable is None:
        raise TypeError(complaint("tensor", "a shape with one entry for each axis", "none"))
    return TensorType(dtype or "floatX", shape if shape is not None else broadcastable)(name)


ONE = """

Parameters
----------
name : str, optional
dtype : optional
    Another element type than floatX.

Returns
-------
Variable
"""
SEVERAL = """

Parameters
----------
names : str or int
    Their names, or how many inputs without a name.
options
    Those for one of them.

Returns
-------
list of Variable, or one
"""


def _singular(kind: str, prefix: str, dtype: str | None) -> Callable[..., Variable]:
    shape = SHAPES[kind]
    if dtype is not None:
        return TensorType(dtype, shape, prefix + kind)

    def generic(name: str | None = None, dtype: Any = None) -> Variable:
        return TensorType(dtype or "floatX", shape)(name)

    return generic


def _plural(make: Callable[..., Variable]) -> Callable[..., Any]:
    def several(*names: Any, **options: Any) -> Any:
        if len(names) == 1 and isinstance(names[0], int):
            names = (None,) * names[0]
        variables = [make(name, **options) for name in names]
        return variables[0] if len(variables) == 1 else variables

    return several


def _generate() -> dict[str, Callable[..., Any]]:
    functions: dict[str, Callable[..., Any]] = {}
    for kind, shape in SHAPES.items():
        sizes = ", ".join("any" if size is None else str(size) for size in shape)
        for prefix, dtype in [("", None), *PREFIXES.items()]:
            text = f"{dtype or 'floatX'} input with shape ({sizes})"
            one = _singular(kind, prefix, dtype)
            one.__doc__ = f"A new {text}.{ONE}"
            several = _plural(one)
            several.__doc__ = f"One new {text} for each name, or as many as a number says.{SEVERAL}"
            functions[prefix + kind] = one
            functions[prefix + PLURALS[kind]] = several
    for name, function in functions.items():
        if not isinstance(function, TensorType):
            function.__name__ = function.__qualname__ = name
    return functions


FUNCTIONS = _generate()

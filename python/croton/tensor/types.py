"""Element types and static shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton.config import config
from croton.errors import complaint

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

bool_dtypes = ["bool"]
int_dtypes = ["int8", "int16", "int32", "int64"]
uint_dtypes = ["uint8", "uint16", "uint32", "uint64"]
integer_dtypes = int_dtypes + uint_dtypes
discrete_dtypes = bool_dtypes + integer_dtypes
float_dtypes = ["float16", "float32", "float64"]
complex_dtypes = ["complex64", "complex128"]
# The type of the parts of each.
REAL_TYPES = {"complex64": "float32", "complex128": "float64"}
continuous_dtypes = float_dtypes + complex_dtypes
all_dtypes = discrete_dtypes + continuous_dtypes

PYTHON_TYPES: dict[type, str] = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}

# How a type makes its variables; constructors.py sets it.
_make: list[Callable[[TensorType, str | None], Variable]] = []


def dtype_name(dtype: Any) -> str:
    """The name of a dtype given as a name, "floatX", a NumPy dtype or a Python type."""
    if isinstance(dtype, str):
        name = config.floatX if dtype == "floatX" else dtype
    elif isinstance(dtype, type) and dtype in PYTHON_TYPES:
        name = PYTHON_TYPES[dtype]
    else:
        name = str(getattr(dtype, "name", None) or getattr(dtype, "__name__", dtype))
    if name not in all_dtypes and name != "bfloat16":
        raise TypeError(complaint("dtype", f"one of {', '.join(all_dtypes)}", repr(dtype)))
    return name


def kind_of(dtype: str | np.dtype[Any]) -> str:
    """NumPy's letter for the kind of a dtype: one of "biufc", or another for what is no number."""
    return "f" if dtype == "bfloat16" or getattr(dtype, "name", "") == "bfloat16" else np.dtype(dtype).kind


def numpy_dtype(name: str, operation: str = "array") -> np.dtype[Any]:
    """NumPy's dtype of this name. That of bfloat16 comes from the package ml_dtypes."""
    if name != "bfloat16":
        return np.dtype(name)
    try:
        from ml_dtypes import bfloat16
    except ImportError:
        remedy = "install the package ml_dtypes (pip install croton[bfloat16]), or use float32 and cast"
        raise TypeError(complaint(operation, "a dtype that NumPy has", "bfloat16", remedy)) from None
    dtype: np.dtype[Any] = np.dtype(bfloat16)
    return dtype


def as_array(value: Any, dtype: Any, order: Any = None) -> np.ndarray[Any, Any]:
    """`numpy.asarray` with dtypes as everywhere here, "floatX" among them.

    Examples
    --------
    >>> ct._asarray([1, 2], "floatX")
    array([1., 2.])
    """
    return np.asarray(value, numpy_dtype(dtype_name(dtype)), order)


class TensorType:
    """A dtype and a shape whose sizes are known or None. Calling it makes a variable of the type.

    Parameters
    ----------
    dtype : str
        For example "float32", or "floatX".
    shape : sequence of int, None or bool
        One entry for each axis: its size, or None if that is known only in a call. Theano's `broadcastable`
        flags are understood: True is size 1, False is None.
    name : str, optional
        The name of the type.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.TensorType("float32", (None, 3))("x")
    x : float32[?, 3]
    """

    def __init__(
        self,
        dtype: Any,
        shape: Sequence[int | bool | None] | None = None,
        name: str | None = None,
        broadcastable: Sequence[bool] | None = None,
    ) -> None:
        flags = broadcastable if shape is None else shape
        if flags is None:
            raise TypeError(complaint("TensorType", "a shape, one entry for each axis", "none"))
        self.dtype = dtype_name(dtype)
        self.name = name
        sizes: list[int | None] = []
        for size in flags:
            if size is None or isinstance(size, bool):
                sizes.append(1 if size else None)
            elif isinstance(size, int) and size >= 0:
                sizes.append(size)
            else:
                raise ValueError(complaint("TensorType", "sizes of 0 or more, or None", repr(size)))
        self.shape = tuple(sizes)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """For each axis, whether its size is known to be 1."""
        return tuple(size == 1 for size in self.shape)

    def __call__(self, name: str | None = None) -> Variable:
        return _make[0](self, name)

    def clone(self, dtype: Any = None, shape: Sequence[int | None] | None = None) -> TensorType:
        """The same type with another dtype or shape.

        Examples
        --------
        >>> T.TensorType("float32", (None,)).clone(shape=(3, 3))
        float32[3, 3]
        """
        return TensorType(dtype or self.dtype, self.shape if shape is None else shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorType) and (self.dtype, self.shape) == (other.dtype, other.shape)

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape))

    def __repr__(self) -> str:
        if not self.shape:
            return self.dtype
        return f"{self.dtype}[{', '.join('?' if size is None else str(size) for size in self.shape)}]"

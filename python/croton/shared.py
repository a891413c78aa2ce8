"""Shared variables: arrays that compiled functions read and update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from croton import _core
from croton.arguments import Converter
from croton.errors import complaint
from croton.tensor.expression import Expression, _classes, wrap
from croton.tensor.types import dtype_name, kind_of, numpy_dtype
from croton.tensor.variable import Variable

# The default updates by node: a variable found in a graph is another Python object than the user's.
_default_updates: dict[int, Variable] = {}

# What other kinds of values become: whether a value is of the kind, and what makes a shared variable of it.
_kinds: list[tuple[Callable[[Any], bool], Callable[[Any, str | None], Any]]] = []


class SharedVariable(Variable):
    """A symbolic variable with a value, which all functions that use it share.

    Its dtype and rank are fixed; its shape may change from value to value.
    """

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> np.ndarray[Any, Any]:
        """The value: a copy, or with `borrow` the memory itself, which a later update may overwrite.

        Parameters
        ----------
        borrow : bool
        return_internal_type : bool
            Accepted as in Theano.

        Returns
        -------
        array
        """
        return _core.get_value(self._node, borrow)

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replaces the value by a copy of `new_value`, of the same rank and a dtype that fits.

        Parameters
        ----------
        new_value : array_like
        borrow : bool
            Accepted as in Theano.

        Raises
        ------
        TypeError
            If the rank differs, or the dtype cannot hold the values.
        """
        _core.set_value(self._node, self._fitting(new_value))

    def _fitting(self, value: Any) -> np.ndarray[Any, Any]:
        shape = self._node.static_shape
        return Converter("set_value", 0, self.name, self.dtype, self.ndim, shape=shape)(value)

    def zero(self, borrow: bool = False) -> None:
        """Sets all elements to 0."""
        value = self.get_value(borrow=True)
        _core.set_value(self._node, np.zeros(value.shape, value.dtype))

    def clone(self, name: str | None = None) -> SharedVariable:
        """This variable under another Python object: both have the same value."""
        return wrap(self._node)  # type: ignore[return-value]

    @property
    def default_update(self) -> Variable | None:
        """An expression that every function using the variable stores in it, unless told otherwise."""
        return _default_updates.get(self._node._id)

    @default_update.setter
    def default_update(self, value: Variable | None) -> None:
        if value is None:
            _default_updates.pop(self._node._id, None)
        else:
            _default_updates[self._node._id] = value


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Sequence[bool] | None = None,
    shape: Sequence[int | None] | None = None,
    dtype: Any = None,
    target: str = "cpu",
) -> SharedVariable:
    """A new shared variable; of a sparse matrix of SciPy, a sparse one.

    Parameters
    ----------
    value : array_like
        Its first value, copied. A Python int makes an int64 scalar, a Python float a float64 scalar.
    name : str, optional
    shape : sequence of int or None, optional
        Sizes that never change. By default every size may.
    broadcastable : sequence of bool, optional
        Theano's form of `shape`: True for an axis whose size is always 1.
    dtype : optional
        A dtype to convert to.
    strict, allow_downcast, borrow, target
        Accepted as in Theano.

    Returns
    -------
    SharedVariable
        Of the rank and dtype of `value`.

    Raises
    ------
    TypeError
        For a symbolic variable, or what NumPy makes no numbers of.
    ValueError
        If `value` has not the given shape.

    Examples
    --------
    >>> import croton as ct
    >>> w = ct.shared([1.0, 2.0], name="w")
    >>> step = ct.function([], [], updates=[(w, 2 * w)])
    >>> step()
    []
    >>> w.get_value()
    array([2., 4.])
    """
    if isinstance(value, Expression):
        raise TypeError(complaint("shared", "numbers", f"the symbolic variable {value}", "use eval()"))
    for is_of_kind, make in _kinds:
        if is_of_kind(value):
            return make(value, name)  # type: ignore[no-any-return]
    if value is None or isinstance(value, str | bytes):
        raise TypeError(complaint("shared", "numbers", repr(value)))
    try:
        array = np.asarray(value, None if dtype is None else numpy_dtype(dtype_name(dtype), "shared"))
    except (ValueError, TypeError) as error:
        raise TypeError(complaint("shared", "numbers", f"{value!r:.80}", str(error))) from None
    if kind_of(array.dtype) not in "biufc":
        raise TypeError(complaint("shared", "numbers", f"{type(value).__name__} of {array.dtype}"))
    if shape is None:
        shape = [1 if flag else None for flag in broadcastable or (False,) * array.ndim]
    if len(shape) != array.ndim or any(s not in (None, n) for s, n in zip(shape, array.shape, strict=True)):
        raise ValueError(complaint("shared", f"a value of shape {tuple(shape)}", f"shape {array.shape}"))
    return wrap(_core.shared(array, shape, name or ""))  # type: ignore[return-value]


_classes["shared"] = SharedVariable

"""The arguments of a compiled function: what may be given for an input, and how it becomes an array."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from croton.errors import complaint
from croton.tensor.expression import Expression, is_weak
from croton.tensor.types import kind_of, numpy_dtype
from croton.tensor.variable import Variable


class In:
    """An input of a function, with more to say about it than the variable alone.

    Parameters
    ----------
    variable : Variable
    name : str, optional
        The keyword for calls, by default the variable's name.
    value : optional
        What the input is when a call does not give it.
    update : Variable, optional
        The next `value` after each call: the input becomes a state of the function.
    mutable, borrow : bool, optional
        Accepted as in Theano; arguments are never changed.
    strict : bool
        Whether arguments must be arrays of the very dtype.
    allow_downcast : bool, optional
        As `allow_input_downcast` of `function`, for this input.
    autoname, implicit, shared : optional
        Accepted as in Theano.

    Raises
    ------
    TypeError
        If `variable` is no symbolic variable.
    ValueError
        For an update without a value to start from.
    """

    def __init__(
        self,
        variable: Variable,
        name: str | None = None,
        value: Any = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        borrow: bool | None = None,
        shared: bool = False,
    ) -> None:
        if not isinstance(variable, Variable):
            raise TypeError(complaint("In", "a symbolic variable", repr(variable)))
        if update is not None and value is None:
            raise ValueError(complaint("In", "a value to start from with an update", "none", "add value=..."))
        self.variable = variable
        self.name = name if name is not None else variable.name
        self.value = value
        self.update = update
        self.strict = strict
        self.allow_downcast = allow_downcast

    def __repr__(self) -> str:
        return f"In({self.variable!r})"


class Out:
    """An output of a function. `borrow` is accepted as in Theano: results are always the caller's own.

    Parameters
    ----------
    variable : Variable
    borrow : bool
    """

    def __init__(self, variable: Any, borrow: bool = False) -> None:
        self.variable = variable
        self.borrow = borrow


Param = In
SymbolicInput = In
SymbolicOutput = Out

KIND_RANK = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}


def _only_plain_numbers(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_only_plain_numbers(part) for part in value)
    return is_weak(value)


def copy_reason(value: Any, dtype: str) -> str:
    """Why a call cannot read the argument `value`, of an input of this dtype, where it lies."""
    if not isinstance(value, np.ndarray):
        return f"made from {type(value).__name__}"
    given = value.dtype
    if given.newbyteorder("=") != numpy_dtype(dtype):
        return f"cast from {given.newbyteorder('=')}"
    if not given.isnative:
        return "bytes in the other order"
    if not value.flags.aligned:
        return "not aligned to its elements"
    if any(stride % value.itemsize for stride in value.strides):
        return "strides that are no whole elements"
    return "strides unlike those of the calls before, of which there were many kinds"


@dataclass(frozen=True)
class Converter:
    """Turns whatever a call gives for one input into an array of its type, or says why not."""

    function: str
    position: int
    name: str | None
    dtype: str
    ndim: int
    strict: bool = False
    allow_downcast: bool | None = None
    shape: tuple[int | None, ...] = ()
    copies: dict[str, tuple[int, int]] = field(default_factory=dict)  # reason: (times, bytes)

    @property
    def label(self) -> str:
        """How messages call the argument."""
        name = f" '{self.name}'" if self.name else ""
        return f"{self.function}: argument {self.position}{name}"

    @property
    def required(self) -> str:
        """How messages call the type."""
        kind = {0: "a scalar", 1: "a vector", 2: "a matrix"}.get(self.ndim, f"an array with {self.ndim} axes")
        return f"{kind} of {self.dtype}"

    def fail(self, given: str, remedy: str = "") -> TypeError:
        """The error for an argument that does not do."""
        return TypeError(complaint(self.label, self.required, given, remedy))

    def __call__(self, value: Any) -> np.ndarray[Any, Any]:
        array = self._read(value)
        if array.ndim != self.ndim:
            remedy = "reshape it, or declare the input with another rank"
            raise self.fail(f"an array with {array.ndim} axes and shape {array.shape}", remedy)
        target = numpy_dtype(self.dtype, self.function)
        if array.dtype.newbyteorder("=") != target:
            self._check_dtype(value, array)
            with np.errstate(all="ignore"):
                array = array.astype(target)
        elif self.strict and not isinstance(value, np.ndarray):
            raise self.fail(f"{type(value).__name__}", f"pass a NumPy array of {self.dtype}")
        for axis, size in enumerate(self.shape):
            if size is not None and size != array.shape[axis]:
                required = f"{self.required} with size {size} along axis {axis}"
                raise ValueError(complaint(self.label, required, f"shape {array.shape}"))
        result = np.require(array, target, ["C", "A"])
        if self.ndim and result is not value:
            self._count_copy(value, result)
        return result

    def _count_copy(self, value: Any, result: np.ndarray[Any, Any]) -> None:
        reason = copy_reason(value, self.dtype)
        times, size = self.copies.get(reason, (0, 0))
        self.copies[reason] = (times + 1, size + result.nbytes)

    def _read(self, value: Any) -> np.ndarray[Any, Any]:
        if isinstance(value, Expression):
            raise self.fail(f"the symbolic variable {value}", "pass numbers; use givens= for expressions")
        if value is None or isinstance(value, str | bytes | dict | set):
            raise self.fail(f"{value!r:.80}")
        if isinstance(value, np.ma.MaskedArray):
            raise self.fail("a masked array", "call filled() on it")
        try:
            array = np.asarray(value)
        except (ValueError, TypeError, OverflowError) as error:
            raise self.fail(f"{value!r:.80}", str(error)) from None
        if kind_of(array.dtype) not in KIND_RANK:
            raise self.fail(f"{type(value).__name__} with elements of {array.dtype}")
        return array

    def _check_dtype(self, value: Any, array: np.ndarray[Any, Any]) -> None:
        given = f"{array.dtype.newbyteorder('=')}"
        if self.strict:
            raise self.fail(given, "strict=True takes this dtype only")
        plain = not isinstance(value, np.ndarray) and _only_plain_numbers(value)
        if plain and self.allow_downcast is not False:
            self._check_numbers(array, given)
            return
        target = numpy_dtype(self.dtype, self.function)
        if np.can_cast(array.dtype, target, "safe"):
            return
        if KIND_RANK[kind_of(array.dtype)] > KIND_RANK[kind_of(target)]:
            raise self.fail(given, f"convert it with astype('{self.dtype}')")
        if not self.allow_downcast:
            remedy = f"pass allow_input_downcast=True to function, or convert it with astype('{self.dtype}')"
            raise self.fail(given, remedy)
        self._check_range(array, given)

    def _check_numbers(self, array: np.ndarray[Any, Any], given: str) -> None:
        """Plain Python numbers: floats may become any float, ints anything that holds them."""
        if KIND_RANK[kind_of(array.dtype)] > KIND_RANK[kind_of(self.dtype)] and array.size:
            raise self.fail(
                f"Python {given.rstrip('0123456789')}s", "use int(), or another dtype for the input"
            )
        self._check_range(array, given)

    def _check_range(self, array: np.ndarray[Any, Any], given: str) -> None:
        target = numpy_dtype(self.dtype, self.function)
        if target.kind not in "iu" or array.dtype.kind not in "iu" or not array.size:
            return
        limits = np.iinfo(target)
        low, high = int(array.min()), int(array.max())
        if low < limits.min or high > limits.max:
            worst = low if low < limits.min else high
            raise self.fail(
                f"{given} with the value {worst}", "which does not fit; use a wider dtype for the input"
            )


def converter_for(function: str, position: int, entry: In, allow_downcast: bool | None) -> Converter:
    """The converter of one input of `function`."""
    own = entry.allow_downcast
    return Converter(
        function,
        position,
        entry.name,
        entry.variable.dtype,
        entry.variable.ndim,
        entry.strict,
        allow_downcast if own is None else own,
        entry.variable.type.shape,
    )


class Binder:
    """Sorts the arguments of a call that is not purely positional: keywords and default values."""

    def __init__(self, function: str, entries: list[In]) -> None:
        self.function = function
        self.entries = entries
        self.positions = {entry.name: k for k, entry in enumerate(entries) if entry.name}

    def _fail(self, required: str, given: str) -> TypeError:
        return TypeError(complaint(self.function, required, given))

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        count = len(self.entries)
        if len(args) > count:
            raise self._fail(f"{self.describe_count()}", f"{len(args)}")
        missing = object()
        values = [*args, *[missing] * (count - len(args))]
        for name, value in kwargs.items():
            if name not in self.positions:
                known = ", ".join(self.positions) or "no names"
                raise self._fail(f"keywords among {known}", f"'{name}'")
            position = self.positions[name]
            if position < len(args):
                raise self._fail("each argument once", f"'{name}' by position and by keyword")
            values[position] = value
        for k, entry in enumerate(self.entries):
            if values[k] is missing:
                if entry.value is None:
                    name = f" '{entry.name}'" if entry.name else ""
                    raise self._fail(
                        self.describe_count(), f"{len(args) + len(kwargs)}; argument {k}{name} is missing"
                    )
                # A shared variable as the default stands for its current value.
                values[k] = entry.value.get_value() if hasattr(entry.value, "get_value") else entry.value
        return tuple(values)

    def describe_count(self) -> str:
        """For example "2 arguments (x, y)"."""
        names = ", ".join(entry.name or "?" for entry in self.entries)
        plural = "" if len(self.entries) == 1 else "s"
        return f"{len(self.entries)} argument{plural}" + (f" ({names})" if names else "")

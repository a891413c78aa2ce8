"""Theano's ops as objects: made with their options, called with operands. The functions are the other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from croton.errors import EmptyConstantError, NotScalarConstantError, complaint
from croton.tensor import broadcasting, positions, reductions, splitting, statistics, subtensor
from croton.tensor.expression import TensorLike, as_variable, describe
from croton.tensor.types import TensorType

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "AdvancedBooleanIncSubtensor",
    "AdvancedBooleanSubtensor",
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "Argmax",
    "BaseAdvancedIncSubtensor",
    "BaseAdvancedSubtensor",
    "Choose",
    "DiffOp",
    "DimShuffle",
    "IncSubtensor",
    "MakeSlice",
    "MaxAndArgmax",
    "Mean",
    "PermuteRowElements",
    "Rebroadcast",
    "ScalarFromTensor",
    "SpecifyShape",
    "Split",
    "Subtensor",
    "TensorFromScalar",
    "make_slice",
    "numpy_scalar",
    "register_transfer",
    "scalar_from_tensor",
    "tensor_from_scalar",
    "transfer",
]


# ---- reductions and shapes
@dataclass(frozen=True)
class Argmax:
    """`argmax` along `axis`."""

    axis: Any = None

    def __call__(self, x: TensorLike) -> Variable:
        return reductions.argmax(x, self.axis)


@dataclass(frozen=True)
class MaxAndArgmax:
    """`max_and_argmax` along `axis`."""

    axis: Any = None

    def __call__(self, x: TensorLike) -> tuple[Variable, Variable]:
        return reductions.max_and_argmax(x, self.axis)


@dataclass(frozen=True)
class Mean:
    """`mean` along `axis`."""

    axis: Any = None

    def __call__(self, x: TensorLike) -> Variable:
        return reductions.mean(x, self.axis)


@dataclass(frozen=True)
class DimShuffle:
    """`dimshuffle` to `new_order`, of arrays with these flags of broadcasting."""

    input_broadcastable: Sequence[bool]
    new_order: Sequence[Any]
    inplace: bool = True

    def __call__(self, input: TensorLike) -> Variable:
        x = as_variable(input)
        flags = tuple(self.input_broadcastable)
        if len(flags) != x.ndim or any(a and not b for a, b in zip(flags, x.broadcastable, strict=True)):
            raise TypeError(complaint("DimShuffle", f"an array with the flags {flags}", describe(x)))
        return x.dimshuffle(*self.new_order)


class Rebroadcast:
    """Says of axes whether they have size 1: `Rebroadcast((0, True), (1, False))`."""

    def __init__(self, *axis: tuple[int, bool]) -> None:
        self.axis = dict(axis)

    def __call__(self, x: TensorLike) -> Variable:
        x = as_variable(x)
        if any(not 0 <= axis < x.ndim for axis in self.axis):
            raise ValueError(complaint("Rebroadcast", f"axes of {describe(x)}", str(list(self.axis))))
        return broadcasting.patternbroadcast(
            x, [self.axis.get(axis, flag) for axis, flag in enumerate(x.broadcastable)]
        )


@dataclass(frozen=True)
class SpecifyShape:
    """`specify_shape`."""

    def __call__(self, x: TensorLike, shape: Any) -> Variable:
        return broadcasting.specify_shape(x, shape)


@dataclass(frozen=True)
class Split:
    """`split` into `len_splits` parts."""

    len_splits: int

    def __call__(self, x: TensorLike, axis: int, splits: Any) -> list[Variable]:
        return splitting.split(x, splits, self.len_splits, int(axis))


@dataclass(frozen=True)
class DiffOp:
    """`diff`, `n` times along `axis`."""

    n: int = 1
    axis: int = -1

    def __call__(self, x: TensorLike) -> Variable:
        return statistics.diff(x, self.n, self.axis)


@dataclass(frozen=True)
class Choose:
    """`choose`; `mode` says what becomes of positions out of range."""

    mode: str

    def __call__(self, a: TensorLike, choices: Any) -> Variable:
        return positions.choose(a, choices, self.mode)


@dataclass(frozen=True)
class PermuteRowElements:
    """`permute_row_elements`."""

    def __call__(self, x: TensorLike, y: TensorLike, inverse: int = 0) -> Variable:
        return positions.permute_row_elements(x, y, inverse)


# ---- parts of arrays
def _filled(entries: Sequence[Any], inputs: Sequence[Any]) -> tuple[Any, ...]:
    """The index with `inputs` in the place of the types in it, in order."""
    rest: Iterator[Any] = iter(inputs)

    def fill(entry: Any) -> Any:
        if isinstance(entry, slice):
            return slice(fill(entry.start), fill(entry.stop), fill(entry.step))
        is_type = isinstance(entry, TensorType) or (isinstance(entry, type) and issubclass(entry, np.generic))
        return next(rest) if is_type else entry

    try:
        index = tuple([fill(entry) for entry in entries])  # a generator would turn StopIteration round
    except StopIteration:
        raise ValueError(complaint("Subtensor", "an input for each type in idx_list", f"{inputs}")) from None
    if more := list(rest):
        raise ValueError(complaint("Subtensor", "an input for each type in idx_list", f"{more} more"))
    return index


class Subtensor:
    """The part of an array at an index; types in `idx_list` stand for what the call gives.

    Examples
    --------
    >>> x, i = T.dvector("x"), T.lscalar("i")
    >>> T.Subtensor([slice(i.type, None)])(x, i) == x[i:]
    True
    """

    def __init__(self, idx_list: Sequence[Any]) -> None:
        self.idx_list = tuple(idx_list)

    def __call__(self, x: TensorLike, *inputs: Any) -> Variable:
        return as_variable(x)[_filled(self.idx_list, inputs)]


class IncSubtensor:
    """`inc_subtensor`, or `set_subtensor`, at an index like that of `Subtensor`."""

    def __init__(
        self, idx_list: Sequence[Any], inplace: bool = False, set_instead_of_inc: bool = False
    ) -> None:
        self.idx_list = tuple(idx_list)
        self.set_instead_of_inc = set_instead_of_inc

    def __call__(self, x: TensorLike, y: TensorLike, *inputs: Any) -> Variable:
        change = subtensor.set_subtensor if self.set_instead_of_inc else subtensor.inc_subtensor
        return change(as_variable(x)[_filled(self.idx_list, inputs)], y)


class BaseAdvancedSubtensor:
    """`x[index]` where the index has arrays of positions or of flags."""

    def __call__(self, x: TensorLike, *index: Any) -> Variable:
        return as_variable(x)[index]


class AdvancedSubtensor(BaseAdvancedSubtensor):
    """`advanced_subtensor`."""


class AdvancedBooleanSubtensor(BaseAdvancedSubtensor):
    """`x[index]` where the index has arrays of flags."""


class AdvancedSubtensor1(BaseAdvancedSubtensor):
    """`advanced_subtensor1`: whole rows at a vector of positions."""


@dataclass(frozen=True)
class BaseAdvancedIncSubtensor:
    """The array with `y` added to, or put in the place of, what an index chooses."""

    inplace: bool = False
    set_instead_of_inc: bool = False

    def __call__(self, x: TensorLike, y: TensorLike, *index: Any) -> Variable:
        change = subtensor.set_subtensor if self.set_instead_of_inc else subtensor.inc_subtensor
        return change(as_variable(x)[index], y)


class AdvancedIncSubtensor(BaseAdvancedIncSubtensor):
    """`advanced_inc_subtensor` and `advanced_set_subtensor`."""


class AdvancedBooleanIncSubtensor(BaseAdvancedIncSubtensor):
    """The same where the index has arrays of flags."""


class AdvancedIncSubtensor1(BaseAdvancedIncSubtensor):
    """`advanced_inc_subtensor1` and `advanced_set_subtensor1`."""


@dataclass(frozen=True)
class MakeSlice:
    """A slice, whose ends may be variables: `x[make_slice(1, n)]`."""

    def __call__(self, slc: Any, stop: Any = None, step: Any = None) -> slice:
        return slc if isinstance(slc, slice) else slice(slc, stop, step)


make_slice = MakeSlice()


# ---- scalars: arrays without axes here
def _scalar(operation: str, value: TensorLike) -> Variable:
    x = as_variable(value)
    if x.ndim:
        raise TypeError(complaint(operation, "an array without axes", describe(x)))
    return x


@dataclass(frozen=True)
class TensorFromScalar:
    """The array without axes of a scalar, which is one already."""

    def __call__(self, s: TensorLike) -> Variable:
        return _scalar("tensor_from_scalar", s)


@dataclass(frozen=True)
class ScalarFromTensor:
    """The scalar in an array without axes, which is one already."""

    def __call__(self, t: TensorLike) -> Variable:
        return _scalar("scalar_from_tensor", t)


tensor_from_scalar = TensorFromScalar()
scalar_from_tensor = ScalarFromTensor()


def numpy_scalar(data: Any) -> Any:
    """The number in a NumPy array that has one element.

    Parameters
    ----------
    data : array_like

    Raises
    ------
    EmptyConstantError
        If it has none.
    NotScalarConstantError
        If it has several.
    """
    array = np.asarray(data)
    if not array.size:
        raise EmptyConstantError(complaint("numpy_scalar", "one element", "none"))
    if array.size > 1:
        raise NotScalarConstantError(complaint("numpy_scalar", "one element", f"shape {array.shape}"))
    return array.reshape(-1)[0]


# ---- devices
_transfers: list[Callable[[Any, str], Any]] = []


def transfer(var: TensorLike, target: str) -> Any:
    """`var` on another device.

    Parameters
    ----------
    var : TensorLike
    target : str
        "cpu", or what a function given to `register_transfer` knows.

    Raises
    ------
    ValueError
        For any other.
    """
    if target == "cpu":
        return as_variable(var)
    for function in _transfers:
        if (result := function(var, target)) is not None:
            return result
    raise ValueError(complaint("transfer", "a device that there is: 'cpu'", repr(target)))


def register_transfer(fn: Callable[[Any, str], Any]) -> None:
    """Adds a function that `transfer` asks about devices.

    Parameters
    ----------
    fn : callable
        Called as `fn(var, target)`; returns None for a device that it does not know.
    """
    _transfers.append(fn)

"""Small ops, under the module name that Theano has for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.op import Op
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.types import TensorType
from croton.tensor.variable import Variable


def shape_i(var: TensorLike, i: int) -> Variable:
    """The size of axis `i` of `var`, an int64 scalar.

    Parameters
    ----------
    var : TensorLike
    i : int
        Not negative, as in Theano.
    """
    node = as_node(var)
    if not 0 <= i < node.ndim:
        raise ValueError(complaint("shape_i", f"an axis of {describe(wrap(node))}", repr(i)))
    return wrap(_core.dim(node, i))


class FromFunctionOp(Op):
    """The op of a Python function on arrays."""

    def __init__(
        self,
        fn: Callable[..., Any],
        itypes: Sequence[TensorType],
        otypes: Sequence[TensorType],
        infer_shape: Callable[..., Any] | None = None,
    ) -> None:
        self.fn, self.itypes, self.otypes, self._infer_shape = fn, itypes, otypes, infer_shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FromFunctionOp) and self.fn == other.fn

    def __hash__(self) -> int:
        return hash((FromFunctionOp, self.fn))

    def __str__(self) -> str:
        return getattr(self.fn, "__name__", repr(self.fn))

    def perform(self, node: Any, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        values = self.fn(*inputs)
        values = values if isinstance(values, list | tuple) else (values,)
        if len(values) != len(output_storage):
            raise ValueError(complaint(str(self), f"{len(output_storage)} results", str(len(values))))
        for cell, value in zip(output_storage, values, strict=True):
            cell[0] = value

    def infer_shape(self, node: Any, input_shapes: list[Any]) -> list[Any]:
        if self._infer_shape is None:
            raise NotImplementedError
        return list(self._infer_shape(node, input_shapes))


def as_op(
    itypes: Any, otypes: Any, infer_shape: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], FromFunctionOp]:
    """A decorator that makes an op without a gradient of a function on NumPy arrays.

    Parameters
    ----------
    itypes, otypes : TensorType or list of them
        The types of arguments and results, for example `T.dmatrix`.
    infer_shape : callable, optional
        `infer_shape(node, input_shapes)` returns the shapes of the results. Without it the function runs
        before all else to find them.

    Raises
    ------
    TypeError
        If they are no types.

    Examples
    --------
    >>> from croton.compile.ops import as_op
    >>> @as_op(itypes=[T.dvector], otypes=[T.dvector])
    ... def positive(x):
    ...     return x[x > 0]
    >>> x = T.dvector("x")
    >>> ct.function([x], 2 * positive(x))([1.0, -2.0, 3.0])
    array([2., 6.])
    """
    kinds = []
    for title, given in (("itypes", itypes), ("otypes", otypes)):
        kinds.append(list(given) if isinstance(given, list | tuple) else [given])
        for kind in kinds[-1]:
            if not isinstance(kind, TensorType):
                raise TypeError(complaint("as_op", f"types like T.dvector as {title}", repr(kind)))

    def make(fn: Callable[..., Any]) -> FromFunctionOp:
        return FromFunctionOp(fn, kinds[0], kinds[1], infer_shape)

    return make

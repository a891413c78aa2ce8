"""Between `Op` and the engine: what it calls to run an op, and to differentiate it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.op_gradients import gradients, has_forward, tangents
from croton.tensor.expression import (
    Expression,
    Node,
    Size,
    TensorLike,
    _weak_node,
    as_size,
    describe,
    is_weak,
    size_node,
    wrap,
)
from croton.tensor.types import TensorType
from croton.tensor.variable import Variable, as_variable

if TYPE_CHECKING:
    from croton.op import Apply

KEPT = 64  # results that wait for being fetched


class Call:
    """An op on operands of given types: there is one object for all equal ones."""

    def __init__(self, apply: Apply, outputs: list[Variable]) -> None:
        self.op = apply.op
        self.name = str(apply.op)
        # Variables that only have types: those of the graph would be kept for as long as the op.
        self.node: Any = SimpleNamespace(
            op=apply.op, inputs=[_placeholder(x) for x in apply.inputs], outputs=outputs
        )
        if has_forward(apply.op):
            self.tangents = self._tangents
        self.measured = Measured(self)
        self.fetched = Fetched(self)

    def run(self, arrays: Sequence[Any]) -> list[Any]:
        """The results for arrays."""
        storage: list[list[Any]] = [[None] for _ in self.node.outputs]
        self.op.perform(self.node, list(arrays), storage)
        return [cell[0] for cell in storage]

    def gradients(self, g: list[Node | None], operands: list[Node], results: list[Node]) -> list[Node | None]:
        """The gradients by the operands."""
        return gradients(self.op, self.node, g, operands, results)

    def _tangents(
        self, changes: list[Node | None], operands: list[Node], results: list[Node]
    ) -> list[Node | None]:
        return tangents(self.op, changes, operands, results)


class Measured:
    """Runs an op to find the shapes of its results, which are kept: a number for them, and all sizes."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.name = f"shapes of {call.name}"
        self.kept: dict[int, list[Any]] = {}
        self.numbers = count()

    def run(self, arrays: Sequence[Any]) -> list[Any]:
        values = self.call.run(arrays)
        number = next(self.numbers)
        sizes = [number]
        for k, (value, output) in enumerate(zip(values, self.call.node.outputs, strict=True)):
            if value is None or np.ndim(value) != output.ndim:
                given = "None" if value is None else f"shape {np.shape(value)}"
                raise ValueError(
                    f"{self.call.name}: required result {k} of type {output.type}, given {given}"
                )
            sizes += np.shape(value)
        self.kept[number] = values
        while len(self.kept) > KEPT:
            self.kept.pop(next(iter(self.kept)), None)
        return [np.array(sizes, "int64")]

    def gradients(self, g: Any, operands: list[Node], results: Any) -> list[Node | None]:
        return [None] * len(operands)


class Fetched:
    """The results that `Measured` has kept; computed again if they are there no more."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.name = call.name
        if has_forward(call.op):
            self.tangents = self._tangents

    def run(self, arrays: Sequence[Any]) -> list[Any]:
        return self.call.measured.kept.pop(int(arrays[0][0]), None) or self.call.run(arrays[1:])

    def gradients(self, g: list[Node | None], operands: list[Node], results: list[Node]) -> list[Node | None]:
        return [None, *self.call.gradients(g, operands[1:], results)]

    def _tangents(
        self, changes: list[Node | None], operands: list[Node], results: list[Node]
    ) -> list[Node | None]:
        return tangents(self.call.op, changes[1:], operands[1:], results)


_calls: WeakValueDictionary[Any, Call] = WeakValueDictionary()


def _placeholder(x: Variable) -> Variable:
    return x if x._node._op == "constant" else x.type(x.name)


def applied(apply: Apply, outputs: list[Variable]) -> list[Variable]:
    """The results of an op.

    Parameters
    ----------
    apply : Apply
    outputs : list of Variable
        Of their types.
    """
    kinds = [output.type for output in outputs]
    key = (apply.op, tuple(x.type for x in apply.inputs), tuple(kinds))
    call = _calls.get(key)
    if call is None:
        call = _calls[key] = Call(apply, outputs)
    operands = [x._node for x in apply.inputs]
    shapes = _shapes(apply, kinds)
    if shapes is None:
        total = sum(kind.ndim for kind in kinds)
        (found,) = _core.call_user_op(call.measured, operands, [("int64", [size_node(1 + total)])])
        sizes = iter([wrap(found)[1 + k] for k in range(total)])
        shapes = [_agreed(call.name, kind, [next(sizes) for _ in kind.shape]) for kind in kinds]
        operands.insert(0, found)
    results = [
        (kind.dtype, [size_node(size) for size in shape]) for kind, shape in zip(kinds, shapes, strict=True)
    ]
    target = call if len(operands) == len(apply.inputs) else call.fetched
    return [wrap(node) for node in _core.call_user_op(target, operands, results)]


def _shapes(apply: Apply, kinds: list[TensorType]) -> list[list[Size]] | None:
    """The sizes of the outputs, or None if only `perform` knows them."""
    if all(size is not None for kind in kinds for size in kind.shape):
        return [list(kind.shape) for kind in kinds]  # type: ignore[arg-type]
    try:
        shapes = apply.op.infer_shape(apply, [x.shape for x in apply.inputs])
    except NotImplementedError:
        return None
    name = f"{apply.op}.infer_shape"
    if not isinstance(shapes, list | tuple) or len(shapes) != len(kinds):
        raise ValueError(complaint(name, f"{len(kinds)} shapes", f"{shapes!r:.100}"))
    if any(shape is None for shape in shapes):
        return None
    return [_agreed(name, kind, shape) for kind, shape in zip(kinds, shapes, strict=True)]


def _agreed(name: str, kind: TensorType, shape: Any) -> list[Size]:
    """The sizes that the type knows, and else those of the shape."""
    sizes = [shape[axis] for axis in range(kind.ndim)] if isinstance(shape, Variable) else shape
    if len(sizes) != kind.ndim:
        raise ValueError(complaint(name, f"{kind.ndim} sizes for an output of type {kind}", str(len(sizes))))
    return [
        as_size(size, name) if known is None else known for size, known in zip(sizes, kind.shape, strict=True)
    ]


def variable_of_type(name: str, value: TensorLike, kind: TensorType) -> Variable:
    """`value` as a variable of this type.

    Parameters
    ----------
    name : str
        For messages.
    value : TensorLike
        Plain numbers take the type's dtype.
    kind : TensorType

    Raises
    ------
    TypeError
        If it is of another dtype or rank, or of another size where both are known.
    """
    weak = is_weak(value) and not isinstance(value, Expression)
    x = wrap(_weak_node(value, kind.dtype, name)) if weak else as_variable(value)
    sizes = zip(x.type.shape, kind.shape, strict=False)
    fits = all(a is None or b is None or a == b for a, b in sizes)
    if x.dtype != kind.dtype or x.ndim != kind.ndim or not fits:
        raise TypeError(complaint(name, f"an input of type {kind}", describe(x), "cast or reshape it"))
    return x

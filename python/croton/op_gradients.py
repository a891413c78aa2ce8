"""Gradients of ops that users write: what they return, checked, and errors where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.clone import clone
from croton.config import config
from croton.errors import complaint
from croton.tensor.creation import zeros_like
from croton.tensor.expression import Expression, Node, as_node, describe, wrap
from croton.tensor.gradient import FLOATS, DisconnectedType, Lop
from croton.tensor.variable import Variable

if TYPE_CHECKING:
    from croton.op import Op

__all__ = ["grad_not_implemented", "grad_undefined"]


def nodes_of_derivatives(name: str, values: Any, inputs: Sequence[Variable]) -> list[Node | None]:
    """What a user's function returned as gradients by `inputs`, or as changes of them.

    Parameters
    ----------
    name : str
        For messages.
    values : list
        For each variable an expression, or None or `DisconnectedType` where there is none.
    inputs : sequence of Variable

    Raises
    ------
    ValueError
        For another number of them, or one of another rank.
    """
    values = [values] if isinstance(values, Expression) else values
    if not isinstance(values, list | tuple) or len(values) != len(inputs):
        given = str(len(values)) if isinstance(values, list | tuple) else repr(values)
        raise ValueError(complaint(name, f"a derivative for each of {len(inputs)} variables", given))
    nodes: list[Node | None] = []
    for value, x in zip(values, inputs, strict=True):
        missing = value is None or isinstance(value, DisconnectedType)
        node = None if missing else as_node(value)
        if node is not None and node.ndim != x.ndim:
            raise ValueError(complaint(name, f"a derivative like {describe(x)}", describe(wrap(node))))
        nodes.append(node)
    return nodes


def known_gradients(g: Sequence[Node | None], outputs: Sequence[Variable]) -> list[Variable]:
    """Zeros where nothing depends on an output."""
    dtypes = [y.dtype if y.dtype in FLOATS else config.floatX for y in outputs]
    return [
        zeros_like(y, dtype) if node is None else wrap(node)
        for node, y, dtype in zip(g, outputs, dtypes, strict=True)
    ]


def gradients(
    op: Op, types: Any, g: list[Node | None], operands: list[Node], results: list[Node]
) -> list[Node | None]:
    """The gradients of an op's inputs.

    Parameters
    ----------
    op : Op
    types : Apply
        What `connection_pattern` gets.
    g : list of Node
        The gradients of the results, None for those that nothing depends on.
    operands, results : list of Node

    Raises
    ------
    NotImplementedError
        If the op has none.
    """
    from croton.op import Op

    inputs, outputs = [wrap(x) for x in operands], [wrap(y) for y in results]
    slopes = known_gradients(g, outputs)
    if type(op).grad is not Op.grad or type(op).L_op is not Op.L_op:
        values = op.L_op(inputs, outputs, slopes)
    elif has_forward(op):
        values = _transposed(op, inputs, slopes)
    else:
        remedy = "define grad or L_op, or use disconnected_grad"
        raise NotImplementedError(complaint(str(op), "an op with a gradient", "one without", remedy))
    nodes = nodes_of_derivatives(f"{op}.grad", values, inputs)
    if hasattr(op, "connection_pattern"):
        for i, connected in enumerate(op.connection_pattern(types)):
            if not any(yes and slope is not None for yes, slope in zip(connected, g, strict=True)):
                nodes[i] = None
    return nodes


def has_forward(op: Op) -> bool:
    """Whether an op says itself how its results change."""
    from croton.op import Op

    return type(op).R_op is not Op.R_op


def tangents(
    op: Op, changes: list[Node | None], operands: list[Node], results: list[Node]
) -> list[Node | None]:
    """How an op's results change with its inputs, by its `R_op`.

    Parameters
    ----------
    op : Op
    changes : list of Node
        Those of the inputs, None where one does not change.
    operands, results : list of Node
    """
    values = op.R_op([wrap(x) for x in operands], [x and wrap(x) for x in changes])
    nodes = nodes_of_derivatives(f"{op}.R_op", values, [wrap(y) for y in results])
    return [x and _core.cast(x, y.dtype) for x, y in zip(nodes, results, strict=True)]


def _transposed(op: Op, inputs: list[Variable], slopes: list[Variable]) -> list[Any]:
    """Gradients by `R_op`, which is linear in the directions: its transpose, applied to `slopes`."""
    points = [x.type() if x.dtype in FLOATS else None for x in inputs]
    changes = op.R_op(inputs, list(points))
    pairs = [(y, slope) for y, slope in zip(changes, slopes, strict=True) if y is not None]
    directions = [v for v in points if v is not None]
    found = Lop([y for y, _ in pairs], directions, [slope for _, slope in pairs], None, "ignore")
    # Nothing depends on the directions, but their shapes may still be in the expressions.
    zeros = [(v, zeros_like(x)) for v, x in zip(points, inputs, strict=True) if v is not None]
    values = iter(clone(found, zeros, strict=False))
    return [None if v is None else next(values) for v in points]


def grad_undefined(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """What `Op.grad` returns for an input by which there is no derivative: to ask for it is an error.

    Parameters
    ----------
    op : Op
    x_pos : int
        The number of the input.
    x : Variable
        The input.
    comment : str

    Examples
    --------
    >>> x = T.dscalar("x")
    >>> gradient = ct.gradient.grad_undefined("my op", 0, x, "it is a step")
    """
    return _null(op, x_pos, x, "undefined", comment)


def grad_not_implemented(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """As `grad_undefined`, where nobody has written the derivative yet.

    Parameters
    ----------
    op, x_pos, x, comment
        As for `grad_undefined`.
    """
    return _null(op, x_pos, x, "not implemented", comment)


def _null(op: Any, x_pos: int, x: Variable, why: str, comment: str) -> Variable:
    remedy = f"it is {why}: {comment}" if comment else f"it is {why}"
    text = complaint(str(op), "no gradient by this input", f"one by input {x_pos}, {describe(x)}", remedy)
    return wrap(_core.null_gradient(x._node, text))

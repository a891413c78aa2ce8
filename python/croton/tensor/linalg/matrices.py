"""What functions of matrices are made with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Node, TensorLike, as_node, describe, dims_of, size_node, wrap

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def floats(node: Node) -> Node:
    """Integers and bools as float64."""
    return node if node.dtype.startswith(("float", "complex", "bfloat")) else _core.cast(node, "float64")


def matrix(operation: str, a: TensorLike) -> Node:
    """`a` in floats, or an error if it has fewer than two axes."""
    node = floats(as_node(a))
    if node.ndim < 2:
        raise ValueError(complaint(operation, "a matrix, or more axes", describe(wrap(node))))
    return node


def call(operation: str, a: TensorLike, attributes: Sequence[int] = ()) -> list[Variable]:
    """All results of a library op."""
    return [wrap(node) for node in _core.apply_all(operation, [matrix(operation, a)], list(attributes))]


def transposed(x: Variable) -> Variable:
    """The matrices with their last two axes exchanged."""
    order = list(range(x.ndim))
    return wrap(_core.dimshuffle(x._node, [*order[:-2], x.ndim - 1, x.ndim - 2]))


def adjoint(x: Variable) -> Variable:
    """The transposes, of complex numbers conjugated."""
    return transposed(wrap(_core.conj(x._node)))


def rows(x: Variable) -> Variable:
    """How many rows there are."""
    return wrap(size_node(dims_of(x._node)[-2]))


def columns(x: Variable) -> Variable:
    """How many columns there are."""
    return wrap(size_node(dims_of(x._node)[-1]))

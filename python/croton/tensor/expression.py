"""What every module of the package builds on: expressions as Python objects, and constants in expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from croton import _core
from croton.config import config
from croton.errors import AsTensorError, complaint
from croton.tensor.shape_vectors import scalar_of
from croton.tensor.types import REAL_TYPES, TensorType, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

# An expression, or anything NumPy makes numbers of.
TensorLike: TypeAlias = Any
Node: TypeAlias = _core.Variable


class Expression:
    """A node of the graph with the user's name for it. `Variable` adds the operators."""

    _node: Node
    _indexed: tuple[Variable, Any]  # of what is the result of indexing: the array and the index

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def dtype(self) -> str:
        """The element type, for example "float32"."""
        return self._node.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._node.ndim

    @property
    def type(self) -> TensorType:
        """Element type and static shape."""
        return TensorType(self._node.dtype, self._node.static_shape)


# Which class wraps which kind of node; variable.py fills it.
_classes: dict[str, type[Expression]] = {}


# Called with each expression that is made, where a flag asks for it.
watchers: list[Callable[[Variable], None]] = []


def wrap(node: Node) -> Variable:
    """The Python object of a node of the graph."""
    x: Variable = (_classes.get(node._op) or _classes[""])(node)  # type: ignore[assignment]
    for watch in watchers:
        watch(x)
    return x


def is_weak(value: object) -> bool:
    """Whether `value` is a plain Python number, which takes the dtype of what it meets (NEP 50)."""
    return isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic)


def constant_node(value: Any, dtype: str | None = None) -> Node:
    """A constant. Python floats become floatX, Python ints int64, all else keeps its dtype."""
    if dtype is None and is_weak(value):
        dtype = config.floatX if isinstance(value, float) else None
    try:
        if dtype == "bfloat16":
            return _core.constant(np.asarray(value, "float32"), "bfloat16")
        array = np.asarray(value, dtype)
    except (ValueError, TypeError, OverflowError) as error:
        text = complaint("constant", f"{dtype or 'numbers'}", f"{value!r:.200}", str(error))
        raise AsTensorError(text) from None
    if kind_of(array.dtype) not in "biufc":
        raise AsTensorError(complaint("constant", "numbers or a symbolic variable", f"{value!r:.200}"))
    return _core.constant(array)


def as_node(value: TensorLike) -> Node:
    """The node of an expression, or of a constant made from numbers, arrays or nested lists of either."""
    if isinstance(value, Expression):
        return value._node
    if isinstance(value, list | tuple) and any(isinstance(part, Expression | list | tuple) for part in value):
        return stack_nodes(nodes_of(value), 0)
    return constant_node(value)


def as_variable(value: TensorLike) -> Variable:
    """`value` as an expression."""
    return value if isinstance(value, Expression) else wrap(as_node(value))  # type: ignore[return-value]


# With these, numbers that a dtype cannot hold have a meaning.
COMPARISONS = {"lt", "le", "gt", "ge", "eq", "ne"}


def _comparable(value: int) -> Node:
    """An int as a constant that compares with integers of any dtype as the int does."""
    for dtype in ("int64", "uint64"):
        if np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
            return constant_node(value, dtype)
    return constant_node(np.float64("inf" if value > 0 else "-inf"))


def _weak_node(value: Any, dtype: str, operation: str) -> Node:
    kind = kind_of(dtype)
    if isinstance(value, bool):
        return constant_node(value)
    if isinstance(value, complex):
        narrow = ("float32", "complex64", "float16", "bfloat16")
        return constant_node(value, "complex64" if dtype in narrow else "complex128")
    if kind == "c":  # a real number stays one
        return constant_node(value, REAL_TYPES[dtype])
    if isinstance(value, float):
        dtype = _core.to_inexact(dtype)
    elif kind == "b":
        dtype = "int64"
    elif kind in "iu":
        limits = np.iinfo(dtype)
        if not limits.min <= value <= limits.max and operation in COMPARISONS:
            return _comparable(value)
        if not limits.min <= value <= limits.max:
            remedy = "cast the other operand to a wider type"
            raise ValueError(complaint(operation, f"a number that {dtype} holds", str(value), remedy))
    return constant_node(value, dtype)


def nodes_of(values: Sequence[TensorLike], operation: str = "operands") -> list[Node]:
    """The operands of one operation: plain Python numbers take the dtype of the others."""
    nodes = [None if is_weak(value) else as_node(value) for value in values]
    dtype = ""
    for node in nodes:
        if node is not None:
            dtype = _core.promote(dtype, node.dtype) if dtype else node.dtype
    if not dtype:
        return [constant_node(value) for value in values]
    return [
        _weak_node(value, dtype, operation) if node is None else node
        for node, value in zip(nodes, values, strict=True)
    ]


def same_dtype(nodes: Sequence[Node]) -> list[Node]:
    """The nodes cast to their common dtype."""
    dtype = nodes[0].dtype
    for node in nodes[1:]:
        dtype = _core.promote(dtype, node.dtype)
    return [_core.cast(node, dtype) for node in nodes]


def stack_nodes(nodes: Sequence[Node], axis: int) -> Node:
    """Nodes of equal shape side by side along a new axis."""
    ranks = sorted({node.ndim for node in nodes})
    if len(ranks) > 1:
        raise ValueError(complaint("stack", "parts of equal rank", f"ranks {', '.join(map(str, ranks))}"))
    pattern = list(range(ranks[0]))
    pattern.insert(axis, -1)
    return _core.concatenate([_core.dimshuffle(node, pattern) for node in same_dtype(nodes)], axis)


def describe(value: object) -> str:
    """How messages call an operand."""
    if isinstance(value, Expression):
        return f"{value._node._text(60)} of type {value.type}"
    return f"{value!r:.100}"


def is_sparse(value: object) -> bool:
    """Whether `value` is a sparse variable, whose own operators and products hold."""
    return hasattr(value, "dot_of")


# ---- sizes: ints where they are known, int64 scalars where not
Size: TypeAlias = "int | Node"


def static_value(node: Node) -> int | None:
    """The value of a constant integer scalar."""
    if node._op != "constant" or node.ndim:
        return None
    value = node._value()
    return int(value) if value is not None and kind_of(value.dtype) in "iu" else None


def as_size(value: TensorLike, operation: str = "shape") -> Size:
    """An int if `value` is one, or is a constant; else an int64 scalar node."""
    if isinstance(value, int | np.integer):
        return int(value)
    node = value if isinstance(value, Node) else as_node(value)
    if node.ndim == 1 and node.static_shape == (1,):
        node = _core.dimshuffle(node, [])
    if node.ndim or kind_of(node.dtype) not in "iu":
        raise TypeError(complaint(operation, "integer scalars", describe(value), "cast it to 'int64'"))
    node = scalar_of(node)
    known = static_value(node)
    return _core.cast(node, "int64") if known is None else known


def size_node(size: Size) -> Node:
    """The node of a size."""
    return _core.constant(np.asarray(size, "int64")) if isinstance(size, int) else size


def size_op(name: str, *sizes: Size) -> Size:
    """An elementwise op on sizes, carried out at once if all are known."""
    node = _core.apply(name, [size_node(size) for size in sizes])
    known = static_value(node)
    return node if known is None else known


def dims_of(node: Node) -> list[Size]:
    """The sizes of all axes."""
    return [_core.dim(node, axis) if size is None else size for axis, size in enumerate(node.static_shape)]


def product(sizes: Sequence[Size]) -> Size:
    """The product of sizes."""
    total: Size = 1
    for size in sizes:
        total = size_op("mul", total, size)
    return total

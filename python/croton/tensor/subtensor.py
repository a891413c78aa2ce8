"""New arrays that differ from others at indexed positions: set_subtensor and inc_subtensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    Expression,
    Node,
    TensorLike,
    describe,
    dims_of,
    nodes_of,
    size_node,
    wrap,
)

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _parts(operation: str, x: Any) -> tuple[Variable, Any]:
    """The array and the index of x = array[index]."""
    indexed = getattr(x, "_indexed", None)
    if indexed is None:
        given = describe(x)
        raise TypeError(
            complaint(operation, "an indexed variable such as x[2:5]", given, "index it in the call")
        )
    array, index = indexed
    return array, index


def _work_dtype(operation: str, dtype: str) -> str:
    """The dtype to scatter in, as gradients do: floats, which hold integers of up to 32 bits."""
    kind = "f" if dtype == "bfloat16" else np.dtype(dtype).kind
    if kind in "fc":
        return dtype
    if dtype in ("int64", "uint64"):
        remedy = "cast to int32 or a float dtype, or use T.where with T.arange"
        raise NotImplementedError(complaint(operation, "floats, or integers of up to 32 bits", dtype, remedy))
    return "float64"


def _scatter(array: Variable, index: Any, values: Node) -> Node:
    """Zeros like `array`, with `values` added at `index`: the gradient of indexing."""
    stand_in = _core.input(values.dtype, array._node.static_shape, "")
    part = wrap(stand_in)[index]._node
    (result,) = _core.gradient([(part, values)], [stand_in], [])
    assert result is not None
    return _core.substitute([result], [(stand_in, _core.cast(array._node, values.dtype))])[0]


def _values(operation: str, x: Variable, y: TensorLike) -> Node:
    """`y` in the dtype and the shape of x."""
    node = nodes_of([x, y], operation)[1]
    if not _core.can_cast_safely(node.dtype, x.dtype):
        remedy = f"cast it to '{x.dtype}'"
        raise TypeError(complaint(operation, f"values of {x.dtype}", describe(wrap(node)), remedy))
    if node.ndim > x.ndim:
        raise ValueError(complaint(operation, f"values with at most {x.ndim} axes", describe(wrap(node))))
    node = _core.cast(node, _work_dtype(operation, x.dtype))
    return _core.broadcast_to(node, [size_node(size) for size in dims_of(x._node)])


def inc_subtensor(x: Variable, y: TensorLike, inplace: bool = False, **options: Any) -> Variable:
    """The array that `x` = a[index] is a part of, with `y` added there; repeated positions add up.

    Parameters
    ----------
    x : Variable
        An indexed variable.
    y : array_like or Variable
        Broadcast to the shape of `x`.
    inplace : bool
        Accepted as in Theano; memory is reused where that is safe.

    Examples
    --------
    >>> import croton.tensor as T
    >>> a = T.zeros(4)
    >>> T.inc_subtensor(a[1:3], 5.0).eval()
    array([0., 5., 5., 0.])
    """
    array, index = _parts("inc_subtensor", x)
    added = _scatter(array, index, _values("inc_subtensor", x, y))
    return apply("add", array, wrap(_core.cast(added, array.dtype)))


def _check_unique(array: Variable, index: Any) -> None:
    """Which of several values for one position would win is not defined; only known positions are checked."""
    entries = index if isinstance(index, tuple) else (index,)
    arrays = [entry for entry in entries if isinstance(entry, list | np.ndarray)]
    symbolic = [entry for entry in entries if isinstance(entry, Expression) and entry.ndim]
    remedy = "use slices, or inc_subtensor"
    if symbolic:
        given = describe(symbolic[0])
        raise NotImplementedError(complaint("set_subtensor", "slices or constant positions", given, remedy))
    if not arrays:
        return
    rows = np.stack([part.ravel() for part in np.broadcast_arrays(*arrays)], axis=1)
    if len(np.unique(rows, axis=0)) < len(rows) or (rows < 0).any():
        given = "repeated or negative ones"
        raise NotImplementedError(complaint("set_subtensor", "different positions from 0 on", given, remedy))


def set_subtensor(x: Variable, y: TensorLike, inplace: bool = False, **options: Any) -> Variable:
    """The array that `x` = a[index] is a part of, with `y` in that place. Arguments as `inc_subtensor`."""
    array, index = _parts("set_subtensor", x)
    _check_unique(array, index)
    values = _values("set_subtensor", x, y)
    ones = _core.full(
        [size_node(size) for size in dims_of(x._node)], _core.cast(_core.constant(1.0), values.dtype)
    )
    hit = apply("gt", wrap(_scatter(array, index, ones)), 0)
    new = wrap(_core.cast(_scatter(array, index, values), array.dtype))
    return where(hit, new, array)

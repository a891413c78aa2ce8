"""Numbers in equal steps, and grids of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    TensorLike,
    as_size,
    as_variable,
    constant_node,
    describe,
    is_weak,
    nodes_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import moveaxis
from croton.tensor.types import dtype_name, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["arange", "bartlett", "geomspace", "linspace", "logspace", "meshgrid", "mgrid", "ogrid"]


def arange(start: TensorLike, stop: TensorLike = None, step: TensorLike = 1, dtype: Any = None) -> Variable:
    """start, start + step, ... up to, but without, `stop`.

    Parameters
    ----------
    start, stop, step : number or scalar Variable
        `arange(n)` counts from 0 to n - 1.
    dtype : optional
        By default the common dtype of the arguments: int64 for Python integers.

    Raises
    ------
    TypeError
        For arguments that are no scalars.

    Examples
    --------
    >>> T.arange(2, 8, 2).eval()
    array([2, 4, 6])
    """
    if stop is None:
        start, stop = 0, start
    values = (start, stop, step)
    if all(is_weak(value) or isinstance(value, np.generic) for value in values):
        kind: Any = dtype_name(dtype) if dtype is not None else None
        return wrap(constant_node(np.arange(start, stop, step, dtype=kind)))
    first, end, gap = nodes_of([start, stop, step], "arange")
    if any(node.ndim for node in (first, end, gap)):
        raise TypeError(
            complaint("arange", "scalars", ", ".join(describe(wrap(n)) for n in (first, end, gap)))
        )
    if kind_of(end.dtype) in "biu":
        low, high, stride = (as_size(wrap(node), "arange") for node in (first, end, gap))
        span = size_op("sub", high, low)
        if stride != 1:
            span = size_op("neg", size_op("floor_div", size_op("neg", span), stride))
        length = size_node(size_op("maximum", span, 0))
    else:
        steps = apply("ceil", apply("true_div", apply("sub", wrap(end), wrap(first)), wrap(gap)))
        length = apply("maximum", wrap(_core.cast(steps._node, "int64")), 0)._node
    count = wrap(_core.iota([length], 0))
    result = apply("add", apply("mul", wrap(_core.cast(count._node, gap.dtype)), wrap(gap)), wrap(first))
    wanted = dtype_name(dtype) if dtype is not None else _core.promote(first.dtype, end.dtype)
    return wrap(_core.cast(result._node, wanted))


def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`num` numbers in equal steps from `start` to `stop`.

    Parameters
    ----------
    start, stop : array_like or Variable
        Arrays broadcast together and give one range for each pair.
    num : int or int scalar
    endpoint : bool
        Whether `stop` is the last number, or the one after it.
    retstep : bool
        Whether to return the pair (numbers, step).
    dtype : optional
        By default that of the arguments, for integers float64. Integers are rounded down.
    axis : int
        Where the numbers lie in the result, if `start` or `stop` is an array.

    Examples
    --------
    >>> T.linspace(0.0, 1.0, 5).eval()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    first, last, count, work = _ends("linspace", start, stop, num)
    gaps = apply("maximum", count - 1, 1) if endpoint else count
    step = (last - first) / wrap(_core.cast(gaps._node, work))
    index = wrap(_core.iota([count._node], 0)).dimshuffle(0, *["x"] * step.ndim)
    values = wrap(_core.cast(index._node, work)) * step + first
    if endpoint:
        # The last number is exactly `stop`, whatever the step was rounded to.
        at_end = apply("logical_and", apply("eq", index, count - 1), apply("gt", count, 1))
        values = where(at_end, last, values)
    result = _finish(values, dtype, work, axis)
    return (result, step) if retstep else result


def _ends(
    operation: str, start: TensorLike, stop: TensorLike, num: Any
) -> tuple[Variable, Variable, Variable, str]:
    """Start and stop as floats, the count, and the dtype to compute in."""
    count = as_size(num, operation)
    if isinstance(count, int) and count < 0:
        raise ValueError(complaint(operation, "a number of 0 or more", str(count)))
    nodes = nodes_of([start, stop], operation)
    dtype = _core.promote(nodes[0].dtype, nodes[1].dtype)
    work = "float64" if kind_of(dtype) in "biu" else dtype
    first, last = (wrap(_core.cast(node, work)) for node in nodes)
    return first, last, wrap(size_node(count)), work


def _finish(values: Variable, dtype: Any, work: str, axis: int) -> Variable:
    wanted = dtype_name(dtype) if dtype is not None else work
    if kind_of(wanted) in "iu":
        values = apply("floor", values)
    return moveaxis(wrap(_core.cast(values._node, wanted)), 0, axis)


def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: Any = 50,
    endpoint: bool = True,
    base: TensorLike = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    """`base` to the powers of `linspace(start, stop, num, endpoint)`.

    Parameters
    ----------
    start, stop, num, endpoint, axis
        As for `linspace`.
    base : array_like or Variable
    dtype : optional
        By default that of the powers. Integers are rounded down.

    Examples
    --------
    >>> T.logspace(0, 3, 4, base=2.0).eval()
    array([1., 2., 4., 8.])
    """
    powers = linspace(start, stop, num, endpoint)
    values = apply("pow", base, powers)
    return _finish(values, dtype, values.dtype, axis)


def geomspace(
    start: TensorLike,
    stop: TensorLike,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    Parameters
    ----------
    start, stop : array_like or Variable
        Of equal signs, and not 0 (the result is NaN otherwise).
    num, endpoint, dtype, axis
        As for `linspace`.

    Examples
    --------
    >>> T.geomspace(1.0, 8.0, 4).eval().round(12)
    array([1., 2., 4., 8.])
    """
    first, last, count, work = _ends("geomspace", start, stop, num)
    sign = apply("sign", first)
    powers = linspace(apply("log", first * sign), apply("log", last * sign), count, endpoint)
    values = apply("exp", powers) * sign
    index = wrap(_core.iota([count._node], 0)).dimshuffle(0, *["x"] * (values.ndim - 1))
    values = where(apply("eq", index, 0), first, values)
    if endpoint:
        at_end = apply("logical_and", apply("eq", index, count - 1), apply("gt", count, 1))
        values = where(at_end, last, values)
    return _finish(values, dtype, work, axis)


def meshgrid(
    *xi: TensorLike, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> list[Variable]:
    """Grids of coordinates from one vector for each axis.

    Parameters
    ----------
    *xi : array_like or Variable
        Vectors or scalars.
    copy : bool
        Accepted as in NumPy.
    sparse : bool
        Whether each grid has size 1 along the axes of the others, to which it broadcasts.
    indexing : {"xy", "ij"}
        Whether the first vector runs along axis 1 (and the second along axis 0), or along axis 0.

    Raises
    ------
    ValueError
        For another `indexing`, and for arrays of more than one axis.

    Examples
    --------
    >>> [grid.eval().tolist() for grid in T.meshgrid([1, 2], [3, 4])]
    [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(complaint("meshgrid", 'an indexing of "xy" or "ij"', repr(indexing)))
    vectors = [as_variable(x) for x in xi]
    for vector in vectors:
        if vector.ndim > 1:
            raise ValueError(complaint("meshgrid", "vectors", describe(vector)))
    rank = len(vectors)
    places = [1, 0, *range(2, rank)] if indexing == "xy" and rank > 1 else list(range(rank))
    sizes = [size_node(1)] * rank
    grids = []
    for vector, place in zip(vectors, places, strict=True):
        line = vector.dimshuffle(*([0] if vector.ndim else ["x"]))
        grids.append(line.dimshuffle([0 if k == place else "x" for k in range(rank)]))
        sizes[place] = line.shape[0]._node
    return grids if sparse else [wrap(_core.broadcast_to(grid._node, sizes)) for grid in grids]


class _Grid:
    """`mgrid` and `ogrid`: slices as ranges, one for each axis."""

    def __init__(self, sparse: bool) -> None:
        self._sparse = sparse

    def __getitem__(self, slices: slice | Sequence[slice]) -> Any:
        """One grid for each slice; for a single slice that is no tuple, its range.

        A complex step such as 5j means that many numbers from start to stop; steps and bounds are otherwise
        those of `arange`.
        """
        if isinstance(slices, slice):
            return self._range(slices)
        lines = nodes_of([self._range(part) for part in slices], "mgrid")
        dtype = lines[0].dtype
        for line in lines[1:]:
            dtype = _core.promote(dtype, line.dtype)
        return meshgrid(*(wrap(_core.cast(n, dtype)) for n in lines), sparse=self._sparse, indexing="ij")

    def _range(self, part: slice) -> Variable:
        if not isinstance(part, slice) or part.stop is None:
            raise TypeError(complaint("mgrid", "slices with an end", repr(part)))
        start = 0 if part.start is None else part.start
        if isinstance(part.step, complex):
            return linspace(start, part.stop, int(abs(part.step)))  # type: ignore[no-any-return]
        return arange(start, part.stop, 1 if part.step is None else part.step)


mgrid = _Grid(sparse=False)
ogrid = _Grid(sparse=True)


def bartlett(M: Any) -> Variable:
    """The Bartlett window: `M` weights that rise from 0 to 1 and fall again, as a float64 vector.

    Examples
    --------
    >>> T.bartlett(5).eval()
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    count = wrap(size_node(size_op("maximum", as_size(M, "bartlett"), 0)))
    index = wrap(_core.cast(_core.iota([count._node], 0), "float64"))
    span = wrap(_core.cast(apply("maximum", count - 1, 1)._node, "float64"))
    triangle = 1 - apply("abs", index * 2 - span) / span
    return where(apply("eq", count, 1), wrap(constant_node(1.0, "float64")), triangle)

"""Pooling: the largest element, the sum or the mean of windows over the last axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import sizes_of
from croton.tensor.padding import pad as pad_array
from croton.tensor.repeating import repeat
from croton.tensor.types import kind_of
from croton.tensor.windows import count_windows, for_each_axis, spatial_windows

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["Pool", "max_pool_2d_same_size", "pool_1d", "pool_2d", "pool_3d"]

MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")


def _lowest(dtype: str) -> Any:
    """What no element of this dtype is below."""
    kind = kind_of(dtype)
    return -math.inf if kind == "f" else False if kind == "b" else int(np.iinfo(dtype).min)


def _reach(n: Size, size: Size, step: int) -> Size:
    """How many elements the windows cover that begin inside `n` elements, the last one perhaps beyond."""
    if isinstance(size, int) and step >= size:
        count = size_op("floor_div", size_op("sub", n, 1), step)
    else:
        rest = size_op("floor_div", size_op("sub", size_op("sub", n, 1), size), step)
        count = size_op("maximum", 0, size_op("add", rest, 1))
    return size_op("add", size_op("mul", count, step), size)


def _beyond(n: Size, size: Size, step: int) -> Size:
    """How many elements the windows reach beyond the end."""
    return size_op("maximum", 0, size_op("sub", _reach(n, size, step), n))


def _inside(first: int, last: Size, count: Node, size: Size, step: int) -> Variable:
    """How many positions of each window lie from `first` to before `last`."""
    begin = wrap(_core.iota([count], 0)) * step
    end = apply("minimum", begin + wrap(size_node(size)), wrap(size_node(last)))
    return end - (apply("maximum", begin, first) if first else begin)


def _pool(
    operation: str, x: TensorLike, ndim: int, ws: Any, ignore_border: bool, stride: Any, pad: Any, mode: str
) -> Variable:
    node = as_node(x)
    if mode not in MODES:
        raise ValueError(complaint(operation, f"a mode of {', '.join(MODES)}", repr(mode)))
    if node.ndim < ndim:
        raise ValueError(complaint(operation, f"an array of {ndim} axes or more", describe(wrap(node))))
    sizes: list[Size] = (
        [ws] * ndim if isinstance(ws, int) else [as_size(n, operation) for n in sizes_of(ws, operation)]
    )
    if len(sizes) != ndim or any(isinstance(n, int) and n < 1 for n in sizes):
        raise ValueError(complaint(operation, f"{ndim} sizes of 1 or more", str(ws)))
    if stride is None and not all(isinstance(n, int) for n in sizes):
        raise ValueError(complaint(operation, "a stride for windows of unknown size", "none", "give stride="))
    steps = for_each_axis(operation, "stride", sizes if stride is None else stride, ndim)
    borders = for_each_axis(operation, "pad", pad, ndim, least=0)
    if mode != "max" and kind_of(node.dtype) == "b":
        raise TypeError(complaint(operation, "numbers", describe(wrap(node)), "cast it"))
    if mode.startswith("average") and kind_of(node.dtype) != "f":
        node = _core.cast(node, _core.to_inexact(node.dtype))
    first = node.ndim - ndim
    widths: list[Any] = [(0, 0)] * first
    for n, size, step, border in zip(dims_of(node)[first:], sizes, steps, borders, strict=True):
        more = 0 if ignore_border else _beyond(size_op("add", n, 2 * border), size, step)
        widths.append((border, wrap(size_node(size_op("add", border, more)))))
    value = _lowest(node.dtype) if mode == "max" else 0
    whole = pad_array(wrap(node), widths, constant_values=value)._node
    few = all(isinstance(n, int) for n in sizes) and math.prod(n for n in sizes if isinstance(n, int)) <= 32
    if mode == "max" and few and sizes == steps:
        entries = zip(dims_of(whole)[first:], sizes, steps, strict=True)
        counts = [size_node(count_windows(n, size, step, 1)) for n, size, step in entries]
        return wrap(_core.max_pool(whole, counts, steps))
    view = spatial_windows(whole, range(first, node.ndim), sizes, steps, [1] * ndim)
    reduced = list(range(node.ndim, view.ndim))
    if mode == "max":
        return wrap(_core.reduce("max", view, reduced, False))
    total = wrap(_core.reduce("sum", view, reduced, False))
    if mode == "sum":
        return total
    return _divided(total, dims_of(node)[first:], sizes, steps, borders, mode == "average_inc_pad")


def _divided(
    total: Variable, dims: list[Size], sizes: list[Size], steps: list[int], borders: list[int], inc_pad: bool
) -> Variable:
    """Sums of windows over the numbers of their elements that count."""
    first = total.ndim - len(dims)
    number: Any = 1
    for k, (n, size, step, border) in enumerate(zip(dims, sizes, steps, borders, strict=True)):
        begin, end = (0, 2 * border) if inc_pad else (border, border)
        count = size_node(dims_of(total._node)[first + k])
        inside = _inside(begin, size_op("add", n, end), count, size, step)
        number = number * inside.dimshuffle(0, *["x"] * (len(dims) - 1 - k))
    return total / wrap(_core.cast(number._node, total.dtype))


def pool_2d(
    input: TensorLike,
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Variable:
    """The largest element, the sum or the mean of windows over the last two axes.

    Parameters
    ----------
    input : array_like or Variable
        Of two axes or more.
    ws : int or pair of int or int scalars
        The size of the windows along each axis.
    ignore_border : bool
        Whether to leave out windows that reach beyond the end; by default they are cut off there.
    stride : int or pair of int, optional
        The distance from one window to the next, by default the size of the windows.
    pad : int or pair of int
        The width of a border on either side, whose elements are never the largest, and zeros otherwise.
    mode : {"max", "sum", "average_inc_pad", "average_exc_pad"}
        The averages count the elements of the border, or leave them out.
    ds, st, padding : optional
        Older names of `ws`, `stride` and `pad`.

    Returns
    -------
    Variable
        In the dtype of `input`; averages of integers are floats.

    Raises
    ------
    ValueError
        For another mode, fewer than two axes, or windows and strides below 1.
    TypeError
        For sums and averages of bools.

    Examples
    --------
    >>> T.signal.pool.pool_2d([[1, 2, 5], [3, 4, 6]], (2, 2)).eval()
    array([[4, 6]])
    >>> T.signal.pool.pool_2d([[1.0, 2, 5], [3, 4, 6]], (2, 2), True, mode="average_exc_pad").eval()
    array([[2.5]])
    """
    ws, stride = (ds if ws is None else ws), (st if stride is None else stride)
    return _pool("pool_2d", input, 2, ws, bool(ignore_border), stride, padding or pad, mode)


def pool_1d(
    input: TensorLike,
    ws: Any,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = 0,
    mode: str = "max",
) -> Variable:
    """The largest element, the sum or the mean of windows over the last axis; see `pool_2d`.

    Parameters
    ----------
    input : array_like or Variable
        Of one axis or more.
    ws : int or sequence of one int or int scalar
    ignore_border, stride, pad, mode
        As in `pool_2d`, with one number each.

    Returns
    -------
    Variable
        In the dtype of `input`; averages of integers are floats.

    Raises
    ------
    ValueError, TypeError
        As `pool_2d`.

    Examples
    --------
    >>> T.signal.pool.pool_1d([1, 5, 2, 3], 2, stride=1, ignore_border=True).eval()
    array([5, 5, 3])
    """
    return _pool("pool_1d", input, 1, ws, bool(ignore_border), stride, pad, mode)


def pool_3d(
    input: TensorLike,
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Variable:
    """The largest element, the sum or the mean of windows over the last three axes; see `pool_2d`.

    Parameters
    ----------
    input : array_like or Variable
        Of three axes or more.
    ws : int or triple of int or int scalars
    ignore_border, stride, pad, mode, ds, st, padding
        As in `pool_2d`, with three numbers each, or one for all.

    Returns
    -------
    Variable
        In the dtype of `input`; averages of integers are floats.

    Raises
    ------
    ValueError, TypeError
        As `pool_2d`.

    Examples
    --------
    >>> T.signal.pool.pool_3d(np.arange(8).reshape(2, 2, 2), 2).eval()
    array([[[7]]])
    """
    ws, stride = (ds if ws is None else ws), (st if stride is None else stride)
    return _pool("pool_3d", input, 3, ws, bool(ignore_border), stride, padding or pad, mode)


class Pool:
    """`pool_2d` or `pool_3d` with options given beforehand, for `ndim` axes.

    Parameters
    ----------
    ignore_border, mode
        As in `pool_2d`.
    ndim : int
        The number of axes: the last ones of the array.

    Examples
    --------
    >>> T.signal.pool.Pool(ignore_border=True, mode="sum")([[1, 2, 3], [4, 5, 6]], (2, 2)).eval()
    array([[12]])
    """

    def __init__(self, ignore_border: bool = False, mode: str = "max", ndim: int = 2) -> None:
        self.ignore_border, self.mode, self.ndim = ignore_border, mode, ndim

    def __call__(self, x: TensorLike, ws: Any, stride: Any = None, pad: Any = 0) -> Variable:
        """The pooled array; see `pool_2d` for the arguments."""
        return _pool("Pool", x, self.ndim, ws, self.ignore_border, stride, pad or 0, self.mode)


def max_pool_2d_same_size(input: TensorLike, patch_size: Any) -> Variable:
    """`input` with zeros for all but the largest elements of each patch of the last two axes.

    Parameters
    ----------
    input : array_like or Variable
        Of two axes or more.
    patch_size : int or pair of int

    Returns
    -------
    Variable
        Of the shape and dtype of `input`. Equal largest elements of a patch are all kept.

    Raises
    ------
    ValueError
        For fewer than two axes, or sizes below 1.

    Examples
    --------
    >>> T.signal.pool.max_pool_2d_same_size([[1, 2, 5], [3, 4, 6]], (2, 2)).eval()
    array([[0, 0, 0],
           [0, 4, 6]])
    """
    x = wrap(as_node(input))
    most = pool_2d(x, patch_size, ignore_border=False)
    for axis, size in zip(
        (x.ndim - 2, x.ndim - 1), for_each_axis("pool", "sizes", patch_size, 2), strict=True
    ):
        index: list[Any] = [slice(None)] * x.ndim
        index[axis] = slice(None, x.shape[axis])
        most = repeat(most, size, axis)[tuple(index)]
    return where(apply("eq", x, most), x, 0)

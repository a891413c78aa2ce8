"""Convolutions of any number of axes.

Inputs are (batch, channels, spatial axes...), filters (outputs, channels, spatial axes...). Unshared filters
have the spatial axes of the result after the outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    nodes_of,
    product,
    same_dtype,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import flip, reshape_sizes, sizes_of
from croton.tensor.padding import pad
from croton.tensor.types import kind_of
from croton.tensor.windows import count_windows, for_each_axis, spatial_windows

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

MODES = ("valid", "full", "half")


@dataclass(frozen=True)
class Options:
    """How filters move over an input; see `croton.tensor.nnet.conv2d`."""

    operation: str
    ndim: int
    border_mode: Any = "valid"
    subsample: Any = 1
    filter_flip: bool = True
    filter_dilation: Any = 1
    num_groups: int = 1
    unshared: bool = False

    def steps(self) -> list[int]:
        """The distance from one position of the filters to the next, along each axis."""
        return for_each_axis(self.operation, "subsample", self.subsample, self.ndim)

    def dilations(self) -> list[int]:
        """The distance between the elements of the filters, along each axis."""
        return for_each_axis(self.operation, "filter_dilation", self.filter_dilation, self.ndim)

    def borders(self, sizes: Sequence[Size]) -> list[tuple[Size, Size]]:
        """How many zeros stand before and after each axis, for filters of these sizes."""
        mode = self.border_mode
        if isinstance(mode, str) and mode in MODES:
            reach = [
                size_op("mul", size_op("sub", size, 1), dilation)
                for size, dilation in zip(sizes, self.dilations(), strict=True)
            ]
            if mode == "half":
                reach = [size_op("floor_div", size_op("add", size, 1), 2) for size in reach]
            return [(0, 0) if mode == "valid" else (size, size) for size in reach]
        entries = list(mode) if isinstance(mode, list | tuple) else [mode] * self.ndim
        pairs = [tuple(entry) if isinstance(entry, list | tuple) else (entry, entry) for entry in entries]
        fits = len(pairs) == self.ndim and all(len(pair) == 2 for pair in pairs)
        if not fits or any(not isinstance(n, int | np.integer) or n < 0 for pair in pairs for n in pair):
            required = f"a border_mode of {', '.join(MODES)}, an integer of 0 or more, or for each of"
            required += f" {self.ndim} axes one or a pair"
            raise ValueError(complaint(self.operation, required, repr(mode)))
        return [(int(before), int(after)) for before, after in pairs]


def known_shape(operation: str, node: Node, shape: Any) -> Node:
    """`node` with the sizes that the user has declared; None leaves one open."""
    if shape is None:
        return node
    entries = list(shape) if isinstance(shape, list | tuple) else sizes_of(shape, operation, node.ndim)
    if len(entries) != node.ndim:
        raise ValueError(complaint(operation, f"{node.ndim} sizes", str(shape)))
    sizes = [
        known if entry is None or known == entry else as_size(entry, operation)
        for known, entry in zip(dims_of(node), entries, strict=True)
    ]
    for given, known in zip(sizes, node.static_shape, strict=True):
        if isinstance(given, int) and known is not None and given != known:
            raise ValueError(complaint(operation, f"an array of shape {tuple(shape)}", describe(wrap(node))))
    return reshape_sizes(node, sizes)._node


def _check(options: Options, x: Node, w: Node) -> None:
    rank, more = options.ndim + 2, options.ndim if options.unshared else 0
    name, groups = options.operation, options.num_groups
    if x.ndim != rank or w.ndim != rank + more:
        required = f"an input of {rank} axes and filters of {rank + more}"
        raise ValueError(complaint(name, required, f"{describe(wrap(x))} and {describe(wrap(w))}"))
    if kind_of(x.dtype) == "b":
        raise TypeError(complaint(name, "numbers", describe(wrap(x)), "cast it"))
    if not isinstance(groups, int | np.integer) or groups < 1:
        raise ValueError(complaint(name, "a num_groups of 1 or more", repr(groups)))
    channels, used, outputs = x.static_shape[1], w.static_shape[1 + more], w.static_shape[0]
    if outputs is not None and outputs % groups:
        raise ValueError(complaint(name, f"a multiple of {groups} filters", describe(wrap(w))))
    if channels is not None and used is not None and used * groups != channels:
        required = f"filters of {channels // groups} channels"
        required += f" for each of {groups} groups" if groups > 1 else ""
        raise ValueError(complaint(name, required, describe(wrap(w))))


def convolve(x: TensorLike, filters: TensorLike, options: Options) -> Variable:
    """The input convolved with the filters, or correlated without `filter_flip`."""
    node, w = same_dtype(nodes_of([x, filters], options.operation))
    _check(options, node, w)
    ndim = options.ndim
    if options.filter_flip:
        w = flip(wrap(w), tuple(range(w.ndim - ndim, w.ndim)))._node
    sizes = dims_of(w)[w.ndim - ndim :]
    widths = [(wrap(size_node(a)), wrap(size_node(b))) for a, b in options.borders(sizes)]
    if options.unshared:
        node = pad(wrap(node), [(0, 0), (0, 0), *widths])._node
        axes = range(2, 2 + ndim)
        view = spatial_windows(node, axes, sizes, options.steps(), options.dilations())
        return wrap(_unshared(view, w, options))
    return wrap(_shared(node, w, widths, options))


def convolved(input: TensorLike, filters: TensorLike, shapes: tuple[Any, Any], options: Options) -> Variable:
    """`convolve` of an input and filters of which these sizes are known."""
    x = known_shape(options.operation, as_node(input), shapes[0])
    w = known_shape(options.operation, as_node(filters), shapes[1])
    return convolve(wrap(x), wrap(w), options)


def _shared(node: Node, w: Node, widths: list[tuple[Variable, Variable]], options: Options) -> Node:
    """The same filters at all positions; the groups become an axis of their own."""
    groups, steps, dilations = options.num_groups, options.steps(), options.dilations()
    (batch, channels, *sizes), (outputs, used, *taps) = dims_of(node), dims_of(w)
    per_group = channels if groups == 1 else size_op("floor_div", channels, groups)
    if isinstance(used, int):
        per_group = used
    node = pad(reshape_sizes(node, [batch, groups, per_group, *sizes]), [(0, 0)] * 3 + widths)._node
    sizes = dims_of(node)[3:]
    counts = [count_windows(*entry) for entry in zip(sizes, taps, steps, dilations, strict=True)]
    per_group = outputs if groups == 1 else size_op("floor_div", outputs, groups)
    w = reshape_sizes(w, [groups, per_group, used, *taps])._node
    result = _core.correlate(node, w, [size_node(count) for count in counts], steps, dilations)
    return reshape_sizes(result, [batch, outputs, *counts])._node


def _unshared(view: Node, w: Node, options: Options) -> Node:
    """Filters of their own at each position: one product for each position, over the batch."""
    ndim, groups = options.ndim, options.num_groups
    dims, weights = dims_of(view), dims_of(w)
    batch, positions, sizes = dims[0], dims[2 : 2 + ndim], dims[2 + ndim :]
    outputs, channels = weights[0], weights[1 + ndim]
    terms = product([channels, *sizes])
    view = reshape_sizes(view, [batch, groups, channels, *positions, *sizes])._node
    order = [1, *range(3, 3 + ndim), 2, *range(3 + ndim, 3 + 2 * ndim), 0]
    columns = reshape_sizes(_core.dimshuffle(view, order), [groups, *positions, terms, batch])._node
    per_group = size_op("floor_div", outputs, groups)
    rows = reshape_sizes(w, [groups, per_group, *weights[1 : 1 + ndim], terms])._node
    rows = _core.dimshuffle(rows, [0, *range(2, 2 + ndim), 1, 2 + ndim])
    result = _core.matmul(rows, columns)  # groups, positions, outputs, batch
    result = _core.dimshuffle(result, [2 + ndim, 0, 1 + ndim, *range(1, 1 + ndim)])
    return reshape_sizes(result, [batch, outputs, *positions])._node


def gradient_of(options: Options, wrt: str, other: TensorLike, shape: Any, seed: TensorLike) -> Variable:
    """The gradient of `convolve` by its input or its filters, an array of shape `shape`.

    A convolution is linear in both: its gradient needs the shape of what it belongs to, but no values.
    """
    rest, g = nodes_of([other, seed], options.operation)
    more = options.ndim if options.unshared and wrt == "filters" else 0
    sizes = (
        list(shape)
        if isinstance(shape, list | tuple)
        else sizes_of(shape, options.operation, 2 + options.ndim)
    )
    if len(sizes) != 2 + options.ndim + more or any(size is None for size in sizes):
        raise ValueError(complaint(options.operation, f"{2 + options.ndim + more} known sizes", str(shape)))
    wanted = [as_size(size, options.operation) for size in sizes]
    dtype = _core.promote(rest.dtype, g.dtype)
    leaf = _core.input(dtype, [size if isinstance(size, int) else None for size in wanted], wrt)
    pair = (wrap(leaf), wrap(rest)) if wrt == "input" else (wrap(rest), wrap(leaf))
    result = convolve(*pair, options)._node
    (gradient,) = _core.gradient([(result, _core.cast(g, result.dtype))], [leaf], [])
    assert gradient is not None
    value = _core.zeros([size_node(size) for size in wanted], dtype)
    return wrap(_core.substitute([gradient], [(leaf, value)])[0])


def output_size(n: Any, size: Any, border: tuple[Any, Any], step: int, dilation: int) -> Any:
    """How many positions a filter of `size` elements has along an axis of `n`; None if that is not known."""
    if n is None or size is None:
        return None
    return (n + sum(border) - (size - 1) * dilation - 1) // step + 1


def input_size(count: Any, size: int, border: tuple[Any, Any], step: int, dilation: int) -> Any:
    """The smallest axis along which a filter of `size` elements has `count` positions."""
    return None if count is None else (count - 1) * step + (size - 1) * dilation + 1 - sum(border)

"""Images as rows of the neighbourhoods of their elements, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    product,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import reshape_sizes, sizes_of
from croton.tensor.padding import pad
from croton.tensor.windows import for_each_axis, spatial_windows

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["images2neibs", "neibs2images"]

MODES = ("valid", "ignore_borders", "half", "full", "wrap_centered")


def _exact(operation: str, node: Node, axis: int, size: int, step: int) -> Node:
    """`node`, of which no element along `axis` is left out by the windows."""
    n = dims_of(node)[axis]
    rest = size_op("mul", size_op("floor_div", size_op("sub", n, size), step), step)
    whole = size_op("add", rest, size)
    if isinstance(n, int) and whole != n:
        required = f"a size of {size} and a multiple of {step} for axis {axis}"
        remedy = 'use mode="ignore_borders"'
        raise ValueError(complaint(operation, required, describe(wrap(node)), remedy))
    dims = dims_of(node)
    return reshape_sizes(node, [*dims[:axis], whole, *dims[axis + 1 :]])._node


def _bordered(node: Node, axis: int, size: int, step: int, mode: str) -> Node:
    if mode == "valid":
        return _exact("images2neibs", node, axis, size, step)
    widths: list[Any] = [(0, 0)] * node.ndim
    if mode in ("half", "full"):
        border = size // 2 if mode == "half" else size - 1
        widths[axis] = (border, border)
        return pad(wrap(node), widths)._node
    if mode == "wrap_centered":
        if size % 2 == 0:
            raise ValueError(complaint("images2neibs", "odd sizes for wrap_centered", str(size)))
        widths[axis] = (size // 2, size // 2)
        return pad(wrap(node), widths, "wrap")._node
    return node


def images2neibs(ten4: TensorLike, neib_shape: Any, neib_step: Any = None, mode: str = "valid") -> Variable:
    """The neighbourhoods of the last two axes, one in each row of a matrix.

    Parameters
    ----------
    ten4 : array_like or Variable
        (batch, channels, rows, columns)
    neib_shape : pair of int
        The size of a neighbourhood.
    neib_step : pair of int, optional
        The distance from one to the next, by default the size.
    mode : {"valid", "ignore_borders", "half", "full", "wrap_centered"}
        "valid" requires that they cover the image; "ignore_borders" leaves out what is left; "half" and
        "full" surround the image with zeros, half of a neighbourhood or all but one element wide;
        "wrap_centered" has an element of the image in the middle of each and goes on at the other side.

    Returns
    -------
    Variable
        A matrix: rows run over batch, channels and positions, columns over a neighbourhood.

    Raises
    ------
    ValueError
        If `ten4` has not four axes, for another mode, or sizes and steps below 1.

    Examples
    --------
    >>> T.nnet.neighbours.images2neibs(np.arange(8).reshape(1, 1, 2, 4), (2, 2)).eval()
    array([[0, 1, 4, 5],
           [2, 3, 6, 7]])
    """
    node = as_node(ten4)
    if node.ndim != 4:
        raise ValueError(complaint("images2neibs", "an array of four axes", describe(wrap(node))))
    if mode not in MODES:
        raise ValueError(complaint("images2neibs", f"a mode of {', '.join(MODES)}", repr(mode)))
    sizes = for_each_axis("images2neibs", "neib_shape", neib_shape, 2)
    steps = sizes if neib_step is None else for_each_axis("images2neibs", "neib_step", neib_step, 2)
    for axis, size, step in zip((2, 3), sizes, steps, strict=True):
        node = _bordered(node, axis, size, step, mode)
    known: list[Size] = list(sizes)
    view = spatial_windows(node, (2, 3), known, steps, [1, 1])
    dims = dims_of(view)
    return reshape_sizes(view, [product(dims[:4]), product(dims[4:])])


def neibs2images(neibs: TensorLike, neib_shape: Any, original_shape: Any, mode: str = "valid") -> Variable:
    """The images of which `images2neibs` has made `neibs`, side by side without overlap.

    Parameters
    ----------
    neibs : array_like or Variable
        A matrix with one neighbourhood in each row.
    neib_shape : pair of int
    original_shape : sequence of four ints and int scalars
    mode : {"valid", "ignore_borders"}
        With "ignore_borders" what the neighbourhoods have left out is 0.

    Returns
    -------
    Variable
        Of shape `original_shape`, in the dtype of `neibs`.

    Raises
    ------
    ValueError
        For another mode, if `neibs` is no matrix, or if the shape has not four sizes.

    Examples
    --------
    >>> rows = [[0, 1, 4, 5], [2, 3, 6, 7]]
    >>> T.nnet.neighbours.neibs2images(rows, (2, 2), (1, 1, 2, 4)).eval()
    array([[[[0, 1, 2, 3],
             [4, 5, 6, 7]]]])
    """
    node = as_node(neibs)
    if mode not in ("valid", "ignore_borders"):
        raise ValueError(complaint("neibs2images", 'a mode of "valid" or "ignore_borders"', repr(mode)))
    sizes = for_each_axis("neibs2images", "neib_shape", neib_shape, 2)
    shape = [as_size(size, "neibs2images") for size in sizes_of(original_shape, "neibs2images", 4)]
    if len(shape) != 4 or node.ndim != 2:
        required = "a matrix and the four sizes of the images"
        raise ValueError(complaint("neibs2images", required, f"{describe(wrap(node))} and {original_shape}"))
    grid = [size_op("floor_div", n, size) for n, size in zip(shape[2:], sizes, strict=True)]
    parts = reshape_sizes(node, [*shape[:2], *grid, *sizes])._node
    whole = [size_op("mul", n, size) for n, size in zip(grid, sizes, strict=True)]
    image = reshape_sizes(_core.dimshuffle(parts, [0, 1, 2, 4, 3, 5]), [*shape[:2], *whole])
    if mode == "valid":
        return reshape_sizes(image._node, shape)
    rest = [size_op("sub", n, m) for n, m in zip(shape[2:], whole, strict=True)]
    return pad(image, [(0, 0), (0, 0), *((0, wrap(size_node(n))) for n in rest)])

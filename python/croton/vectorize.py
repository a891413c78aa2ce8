"""Functions of one item as functions of a batch of items."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.shared import _default_updates
from croton.tensor.expression import Node, describe, wrap
from croton.tensor.movement import moveaxis
from croton.tensor.variable import Variable, as_variable

__all__ = ["vectorize", "vectorize_graph"]


def _axes(operation: str, axes: Any, count: int, what: str) -> list[Any]:
    """One axis for each of `count` things."""
    if axes is None or isinstance(axes, int):
        return [axes] * count
    if isinstance(axes, list | tuple) and len(axes) == count:
        return list(axes)
    given = f"{len(axes)} of them" if isinstance(axes, list | tuple) else describe(axes)
    raise ValueError(complaint(operation, f"an int or a tuple of {count} as {what}", given))


def _to_front(x: Variable, axis: Any) -> Variable:
    if not isinstance(axis, int) or not -x.ndim <= axis < x.ndim:
        required = f"the number of an axis of {describe(x)} in in_axes"
        remedy = "use None for an argument that all items share"
        raise ValueError(complaint("vectorize", required, repr(axis), remedy))
    return moveaxis(x, axis, 0)


def _item_of(x: Variable) -> Variable:
    """What stands for one item of a batch."""
    return wrap(_core.input(x.dtype, x._node.static_shape[1:], x.name or ""))


def _placed(x: Variable, axis: Any) -> Variable:
    if not isinstance(axis, int) or not -x.ndim <= axis < x.ndim:
        raise ValueError(complaint("vectorize", f"axes of {describe(x)} in out_axes", repr(axis)))
    return moveaxis(x, 0, axis)


def vectorize(function: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """A function of batches, from a function of one item.

    The function is called once, with variables that stand for one item, and what it returns is computed for
    all items together: a product of a vector and a matrix becomes one product of matrices, a loop one loop
    over all items. What does not depend on a batch is computed once.

    Parameters
    ----------
    function : callable
        Of expressions; returns an expression, or a list or tuple of them. It may itself use `vectorize`,
        `grad`, `scan` and variables from outside.
    in_axes : int, None, or tuple of these, one for each argument
        Along which axis the items of an argument lie; None for one that all items share.
    out_axes : int, or tuple of ints, one for each result
        Along which axis the results lie.

    Returns
    -------
    callable
        Takes variables or arrays as `function` does, with one more axis. Keyword arguments are passed on as
        they are, and shared by all items.

    Raises
    ------
    ValueError
        If axes are not there, none is given, or batches are known to differ in size; where sizes are not
        known, by the call that shows them.
    NotImplementedError
        If items cannot be computed together, as where the size of something depends on its values. The
        message names the operation; `scan` computes items one after the other.

    Notes
    -----
    A random draw that depends on no batch is the same for all items, as if each were computed by itself from
    the same state of the generator.

    Examples
    --------
    >>> a, v = T.dmatrices("a", "v")
    >>> ct.vectorize(T.dot)(a, v).eval({a: [[1.0, 2.0], [3.0, 4.0]], v: [[1.0, 0.0], [1.0, 1.0]]})
    array([1., 7.])
    >>> squares = ct.vectorize(lambda x, w: ct.grad((w * x**2).sum(), x), in_axes=(0, None), out_axes=1)
    >>> squares(a, v[0]).eval({a: [[1.0, 2.0], [3.0, 4.0]], v: [[1.0, 10.0]]})
    array([[ 2.,  6.],
           [40., 80.]])
    """

    @functools.wraps(function)
    def batched(*arguments: Any, **shared: Any) -> Any:
        values = [as_variable(x) for x in arguments]
        axes = _axes("vectorize", in_axes, len(values), "in_axes")
        pairs: list[tuple[Node, Node]] = []
        items: list[Variable] = []
        for x, axis in zip(values, axes, strict=True):
            if axis is None:
                items.append(x)
                continue
            batch = _to_front(x, axis)
            items.append(_item_of(batch))
            pairs.append((items[-1]._node, batch._node))
        if not pairs:
            raise ValueError(complaint("vectorize", "one batch or more", "in_axes of None alone"))
        results = function(*items, **shared)
        nodes = _nodes_of(results)
        _settle_default_updates(nodes, pairs)
        outputs = [wrap(node) for node in _vectorized(nodes, pairs)]
        places = _axes("vectorize", out_axes, len(outputs), "out_axes")
        placed = [_placed(y, axis) for y, axis in zip(outputs, places, strict=True)]
        return _in_form_of(results, placed)

    return batched


def _nodes_of(outputs: Any) -> list[Node]:
    several = isinstance(outputs, list | tuple)
    return [as_variable(y)._node for y in (outputs if several else [outputs])]


def _in_form_of(outputs: Any, results: list[Variable]) -> Any:
    """A tuple, a list or one variable, as `outputs` is."""
    if isinstance(outputs, tuple):
        return tuple(results)
    return results if isinstance(outputs, list) else results[0]


def _settle_default_updates(nodes: list[Node], pairs: list[tuple[Node, Node]]) -> None:
    """States of random draws move on by sizes of an item: those are sizes of the batch."""
    items = {item for item, _ in pairs}
    first_items = [(item, _core.take(batch, _core.constant(0), 0)) for item, batch in pairs]
    for leaf in _core.leaves(nodes):
        update = _default_updates.get(leaf._id)
        if update is not None and items & set(_core.leaves([update._node])):
            _default_updates[leaf._id] = wrap(_core.substitute([update._node], first_items)[0])


def _vectorized(nodes: Sequence[Node], pairs: Sequence[tuple[Node, Node]]) -> list[Node]:
    items, batches = zip(*pairs, strict=True)
    return _core.vectorize(list(nodes), list(items), list(batches))


def vectorize_graph(outputs: Any, replace: Any) -> Any:
    """Expressions for a batch of items, from expressions of one item.

    Parameters
    ----------
    outputs : Variable, or list or tuple of them
    replace : dict or list of pairs
        (variable, batch): variables within the outputs, and what takes their place: of the same dtype, and
        with one more axis, the first, of one size for all.

    Returns
    -------
    Variable, or list or tuple of them
        In the form of `outputs`, with one more axis, the first.

    Raises
    ------
    TypeError
        If what is replaced is no variable.
    ValueError
        If a batch does not fit; where sizes are not known, by the call that shows them.
    NotImplementedError
        If items cannot be computed together: see `vectorize`.

    Examples
    --------
    >>> x, w = T.dvectors("x", "w")
    >>> batch = T.dmatrix("batch")
    >>> y = ct.vectorize_graph(T.dot(x, w), replace={x: batch})
    >>> y.eval({batch: [[1.0, 2.0], [3.0, 4.0]], w: [1.0, 10.0]})
    array([21., 43.])
    """
    pairs: list[tuple[Node, Node]] = []
    for target, batch in list(replace.items() if isinstance(replace, Mapping) else replace):
        if not isinstance(target, Variable):
            raise TypeError(complaint("vectorize_graph", "variables to replace", describe(target)))
        pairs.append((target._node, as_variable(batch)._node))
    if not pairs:
        raise ValueError(complaint("vectorize_graph", "one variable or more to replace", "none"))
    return _in_form_of(outputs, [wrap(node) for node in _vectorized(_nodes_of(outputs), pairs)])

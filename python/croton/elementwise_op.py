"""Elementwise ops of the user's own, written for scalars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.free_variables import ELEMENTWISE
from croton.tensor.expression import describe, nodes_of, wrap
from croton.tensor.variable import Variable, as_variable

__all__ = ["elementwise_op"]

_ALLOWED = {*ELEMENTWISE, "cast", "constant", "real", "imag", "complex", "stop_gradient", "gradient_of"}


def _check(name: str, fn: Callable[..., Any], dtypes: tuple[str, ...]) -> None:
    """Raises TypeError unless `fn` does the same to each element, as its expressions show.

    Those for scalars have scalars throughout; those for vectors show sums, which are not there for scalars.
    """
    for shape in [(), (None,)]:
        operands = [_core.input(dtype, shape, f"x{k}") for k, dtype in enumerate(dtypes)]
        results = fn(*map(wrap, operands))
        todo = [as_variable(x)._node for x in (results if isinstance(results, list | tuple) else [results])]
        while todo:
            node = todo.pop()
            fits = node in operands or node._op in _ALLOWED or (shape and node._op == "broadcast_to")
            if not fits or node.ndim > len(shape):
                raise TypeError(complaint(name, "elementwise functions of scalars", describe(wrap(node))))
            todo += node._inputs[:1] if node._op == "broadcast_to" else node._inputs


def elementwise_op(fn: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """A function on arrays that does to each element what `fn` does to scalars, with broadcasting.

    It becomes part of the loops around it, and has a gradient, as functions that are built in.

    Parameters
    ----------
    fn : callable
        Of scalar variables; returns an expression of elementwise functions, or several.
    name : str, optional
        For messages; by default that of `fn`.

    Returns
    -------
    callable
        Of arrays, variables and numbers.

    Raises
    ------
    TypeError
        When it is used, if `fn` does something else than elementwise functions do, a sum for example.

    Examples
    --------
    >>> swish = ct.elementwise_op(lambda x, b: x * T.sigmoid(b * x))
    >>> swish(np.array([-1.0, 0.0, 1.0]), 1.0).eval().round(3)
    array([-0.269,  0.   ,  0.731])
    """
    title = str(name or getattr(fn, "__name__", "elementwise_op"))
    checked: set[tuple[str, ...]] = set()

    def apply(*operands: Any) -> Any:
        variables: list[Variable] = [wrap(node) for node in nodes_of(operands, title)]
        dtypes = tuple(x.dtype for x in variables)
        if dtypes not in checked:
            _check(title, fn, dtypes)
            checked.add(dtypes)
        return fn(*variables)

    apply.__name__ = apply.__qualname__ = title
    apply.__doc__ = fn.__doc__
    return apply

"""Branches of which only one is computed."""

from __future__ import annotations

from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike, describe, nodes_of, wrap
from croton.tensor.variable import Variable, as_variable

__all__ = ["ifelse"]


def as_condition(operation: str, condition: TensorLike) -> Variable:
    """A bool scalar: whether the scalar `condition` is other than zero."""
    given = as_variable(condition)
    if given.ndim:
        remedy = "T.switch chooses element by element; T.all and T.any make one condition of many"
        raise TypeError(complaint(operation, "a scalar as the condition", describe(given), remedy))
    return given if given.dtype == "bool" else apply("ne", given, 0)


def ifelse(
    condition: TensorLike,
    then_branch: Any,
    else_branch: Any,
    name: str | None = None,
) -> Any:
    """The value of one of two branches, of which only that one is computed.

    Whatever only one branch needs runs only where that branch is taken, wherever it was written; so does its
    part of a gradient. What both need, or other results, runs in any case. `T.switch` chooses element by
    element, and computes both.

    Parameters
    ----------
    condition : array_like or Variable
        A scalar; other than zero is true.
    then_branch, else_branch : array_like or Variable, or list of them
        Values where the condition holds, and where it does not: of the same dtypes and numbers of axes. Their
        sizes may differ.
    name : str, optional
        Accepted as in Theano.

    Returns
    -------
    Variable, or list of them
        As the branches are given.

    Raises
    ------
    TypeError
        If the condition is no scalar, or two values that stand for each other differ in dtype or number of
        axes.
    ValueError
        If the branches are lists of different lengths.

    Examples
    --------
    >>> c, x = T.bscalar("c"), T.dvector("x")
    >>> f = ct.function([c, x], ct.ifelse(c, T.exp(x).sum(), x.sum()))
    >>> f(0, [1.0, 2.0])
    array(3.)
    """
    several = isinstance(then_branch, list | tuple)
    if several != isinstance(else_branch, list | tuple):
        given = f"{type(then_branch).__name__} and {type(else_branch).__name__}"
        raise ValueError(complaint("ifelse", "a list for both branches, or for neither", given))
    left = list(then_branch) if several else [then_branch]
    right = list(else_branch) if several else [else_branch]
    if len(left) != len(right):
        given = f"{len(left)} and {len(right)}"
        raise ValueError(complaint("ifelse", "as many values in both branches", given))
    test = as_condition("ifelse", condition)
    pairs = [nodes_of(pair, "ifelse") for pair in zip(left, right, strict=True)]
    chosen = _core.ifelse(test._node, [a for a, _ in pairs], [b for _, b in pairs]) if pairs else []
    results = [wrap(node) for node in chosen]
    return type(then_branch)(results) if several else results[0]


ifelse.ifelse = ifelse  # type: ignore[attr-defined]  # croton.ifelse is both the module and its function

"""Questions about expressions, under the module name that Theano has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from croton import _core
from croton.clone import clone
from croton.op import Apply as Apply
from croton.tensor.expression import wrap
from croton.tensor.variable import Constant as Constant
from croton.tensor.variable import Variable as Variable


def inputs(variable_list: Iterable[Variable]) -> list[Variable]:
    """What expressions are made from: inputs, shared variables and constants, in the order they were made.

    Parameters
    ----------
    variable_list : list of Variable

    Returns
    -------
    list of Variable
    """
    return [wrap(node) for node in _core.leaves([x._node for x in variable_list])]


def ancestors(variable_list: Iterable[Variable]) -> list[Variable]:
    """All expressions that some depend on, themselves included, each after what it depends on.

    Parameters
    ----------
    variable_list : list of Variable

    Returns
    -------
    list of Variable
    """
    return [wrap(node) for node in _core.nodes([x._node for x in variable_list])]


def is_same_graph(var1: Variable, var2: Variable, givens: Mapping[Variable, Variable] | None = None) -> bool:
    """Whether two expressions are the same, with the variables in `givens` replaced.

    Parameters
    ----------
    var1, var2 : Variable
    givens : dict, optional
    """
    if givens:
        var1, var2 = clone([var1, var2], givens, strict=False)
    return bool(var1 == var2)


def equal_computations(
    xs: Sequence[Variable],
    ys: Sequence[Variable],
    in_xs: Sequence[Variable] = (),
    in_ys: Sequence[Variable] = (),
) -> bool:
    """Whether expressions are the same in pairs, where those in `in_xs` stand for those in `in_ys`.

    Parameters
    ----------
    xs, ys : list of Variable
    in_xs, in_ys : list of Variable
    """
    renamed = clone(list(xs), list(zip(in_xs, in_ys, strict=True)), strict=False) if in_xs else list(xs)
    return len(renamed) == len(ys) and all(a == b for a, b in zip(renamed, ys, strict=True))

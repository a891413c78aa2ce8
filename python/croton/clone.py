"""Expressions with parts replaced, and as functions of their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from croton import _core
from croton.spec import read_givens
from croton.tensor.expression import wrap
from croton.tensor.variable import as_variable


def clone(
    output: Any, replace: Any = None, strict: bool = True, share_inputs: bool = True, copy_inputs: Any = None
) -> Any:
    """`output` with variables replaced by other expressions.

    Parameters
    ----------
    output : Variable, or list of them
    replace : dict or list of pairs
        (variable, replacement); all replacements happen at once.
    strict : bool
        Whether replacements must have the types of what they replace.
    share_inputs, copy_inputs
        Accepted as in Theano: what is not replaced stays the same.

    Returns
    -------
    Variable, or list of them
        In the form of `output`.

    Raises
    ------
    TypeError
        If what is replaced is no variable; with `strict`, if a replacement has another rank, or a dtype
        that does not fit.

    Examples
    --------
    >>> x, y = T.dscalars("x", "y")
    >>> ct.clone(x**2 + 1, {x: 3 * y}).eval({y: 1.0})
    array(10.)
    """
    pairs = read_givens("clone", replace.items() if isinstance(replace, Mapping) else replace, strict)
    several = isinstance(output, list | tuple)
    nodes = [as_variable(x)._node for x in (output if several else [output])]
    results = [wrap(node) for node in (_core.substitute(nodes, pairs) if pairs else nodes)]
    return results if several else results[0]

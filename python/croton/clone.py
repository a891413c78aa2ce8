"""Expressions with parts replaced, and as functions of their inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.spec import read_givens
from croton.tensor.expression import wrap
from croton.tensor.variable import Variable, as_variable


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


class OpFromGraph:
    """Expressions as a function of variables: calling it puts others in their place.

    Parameters
    ----------
    inputs : list of Variable
    outputs : list of Variable
        Shared variables in them need not be among the inputs.
    inline : bool
        Accepted as in Theano: the expressions are always written out where they are used.
    name : str, optional
        For messages.

    Examples
    --------
    >>> x, y = T.dvectors("x", "y")
    >>> distance = ct.OpFromGraph([x, y], [((x - y) ** 2).sum()])
    >>> distance([1.0, 2.0], [1.0, 5.0]).eval()
    array(9.)
    """

    def __init__(
        self, inputs: Sequence[Variable], outputs: Sequence[Any], inline: bool = True, name: str | None = None
    ) -> None:
        self.inputs = list(inputs)
        self.outputs = [as_variable(output) for output in outputs]
        self.name = name or "OpFromGraph"

    def __call__(self, *arguments: Any) -> Any:
        if len(arguments) != len(self.inputs):
            raise TypeError(complaint(self.name, f"{len(self.inputs)} arguments", str(len(arguments))))
        results = clone(self.outputs, list(zip(self.inputs, arguments, strict=True)))
        return results if len(results) > 1 else results[0]

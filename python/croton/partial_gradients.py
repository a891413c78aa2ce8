"""Gradients of parts of an expression, forward derivatives, and gradients that are changed on their way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, cast, stop_gradient, where
from croton.tensor.expression import TensorLike, describe, wrap
from croton.tensor.gradient import (
    FLOATS,
    IN_PLACE_OF_DISCONNECTED,
    WHERE_DISCONNECTED,
    check_choice,
    disconnected,
    grad,
)
from croton.tensor.variable import Variable, as_variable

__all__ = ["Rop", "format_as", "grad_scale", "hessian_vector_product", "subgraph_grad"]


def format_as(use_list: bool, use_tuple: bool, outputs: Any) -> Any:
    """`outputs` as a list, as a tuple, or as the only one of them if neither is asked for.

    Parameters
    ----------
    use_list, use_tuple : bool
    outputs : sequence, or anything else as the only output

    Returns
    -------
    list, tuple or one output

    Raises
    ------
    ValueError
        If neither is asked for and there is not exactly one output.

    Examples
    --------
    >>> ct.gradient.format_as(False, True, [1]), ct.gradient.format_as(False, False, [1])
    ((1,), 1)
    """
    several = listed(outputs)
    if use_list or use_tuple:
        return several if use_list else tuple(several)
    if len(several) != 1:
        raise ValueError(complaint("format_as", "one output where neither form is used", str(len(several))))
    return several[0]


def listed(values: Any) -> list[Any]:
    """Several things, or one, as a list.

    Parameters
    ----------
    values : list, tuple, or anything else as the only one
    """
    return list(values) if isinstance(values, list | tuple) else [values]


def Rop(
    f: Any,
    wrt: Any,
    eval_points: Any,
    disconnected_outputs: str = "raise",
    return_disconnected: str = "zero",
) -> Any:
    """The product of the Jacobian of `f` by `wrt` with `eval_points`: how `f` changes in their direction.

    Forward-mode differentiation: one pass along with the values, which keeps nothing. In a loop, the
    derivatives are carried along with the states; `truncate_gradient` does not limit them.

    Parameters
    ----------
    f : Variable or list of Variable
        Of floats.
    wrt : Variable or list of Variable
    eval_points : array_like, Variable or list of them
        One for each of `wrt`, of its shape.
    disconnected_outputs : {"raise", "warn", "ignore"}
        What to do about an `f` that does not depend on the one variable of `wrt`; its product is zero.
    return_disconnected : {"zero", "None", "Disconnected"}
        What stands for the product where an `f` depends on none of `wrt`.

    Returns
    -------
    Variable, or a list of them where `f` is a list
        Each of the shape of its `f`.

    Raises
    ------
    ValueError
        If `eval_points` are not like `wrt`, or for other options.
    TypeError
        If one of `wrt` is not of floats.
    croton.errors.DisconnectedInputError
        With "raise", if an `f` does not depend on the one variable of `wrt`.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> ct.gradient.Rop(x**2, x, [1.0, 10.0]).eval({x: [1.0, 2.0]})
    array([ 2., 40.])
    """
    variables, points = listed(wrt), listed(eval_points) if isinstance(wrt, list | tuple) else [eval_points]
    if len(variables) != len(points):
        raise ValueError(complaint("Rop", f"{len(variables)} eval_points", str(len(points))))
    check_choice("Rop", "disconnected_outputs", disconnected_outputs, WHERE_DISCONNECTED)
    check_choice("Rop", "return_disconnected", return_disconnected, IN_PLACE_OF_DISCONNECTED)
    outputs = listed(f)
    tangents = [_tangent(x, v) for x, v in zip(variables, points, strict=True)]
    nodes = _core.forward_derivatives(
        [as_variable(y)._node for y in outputs], [x._node for x in variables], [v._node for v in tangents]
    )
    action = disconnected_outputs if len(variables) == 1 else "ignore"
    results: list[Any] = []
    for y, node in zip(outputs, nodes, strict=True):
        if node is None:
            results.append(_disconnected_output(y, variables[0], action, return_disconnected))
        else:
            results.append(wrap(node))
    return format_as(isinstance(f, list), isinstance(f, tuple), results)


def _disconnected_output(y: Variable, x: Variable, action: str, result: str) -> Any:
    required = f"outputs that depend on {describe(x)} through operations with a derivative"
    remedy = "pass disconnected_outputs='ignore' for a product of zero"
    return disconnected(y, complaint("Rop", required, describe(y), remedy), action, result)


def _tangent(x: Variable, point: Any) -> Variable:
    v = as_variable(point)
    if not isinstance(x, Variable):
        raise TypeError(complaint("Rop", "symbolic variables", describe(x)))
    if x.dtype not in FLOATS:
        raise TypeError(complaint("Rop", "variables of floats", describe(x)))
    if v.ndim != x.ndim:
        raise ValueError(complaint("Rop", f"an eval_point like {describe(x)}", describe(v)))
    return cast(v, x.dtype)


def hessian_vector_product(
    cost: Variable, wrt: Any, p: Any, consider_constant: Any = None, disconnected_inputs: str = "raise"
) -> Any:
    """The product of the second derivatives of a scalar with vectors, without the matrix.

    It takes about as long as two gradients: the forward derivative of the gradient in the direction `p`.

    Parameters
    ----------
    cost : Variable
        A scalar of floats.
    wrt : Variable or list of Variable
        Of any shapes.
    p : array_like, Variable or list of them
        One for each of `wrt`, of its shape.
    consider_constant, disconnected_inputs
        As in `grad`.

    Returns
    -------
    Variable, or a list of them as `wrt`

    Raises
    ------
    ValueError
        If `p` is not like `wrt`.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> ct.gradient.hessian_vector_product((x**3).sum(), x, [1.0, 2.0]).eval({x: [1.0, 2.0]})
    array([ 6., 24.])
    """
    slopes = grad(cost, wrt, consider_constant, disconnected_inputs)
    return Rop(slopes, wrt, p, disconnected_outputs="ignore")


def subgraph_grad(
    wrt: Sequence[Variable],
    end: Sequence[Variable],
    start: Any = None,
    cost: Variable | None = None,
    details: bool = False,
) -> Any:
    """Gradients that stop at `end`: a part of the way back from a cost, or from known gradients.

    Parameters
    ----------
    wrt : sequence of Variable
        The variables to differentiate by, as if `end` were constants.
    end : sequence of Variable
        Where this part ends, and the next one starts.
    start : dict of Variable to Variable, optional
        Known gradients, for example those by `end` of the part before.
    cost : Variable, optional
        A scalar. At least one of `start` and `cost` is needed.
    details : bool
        Whether to return also the gradients from `start` and from `cost` alone, as lists for [*wrt, *end],
        or None for what is not given.

    Returns
    -------
    tuple of list
        The gradients by `wrt`, and by `end`.

    Raises
    ------
    ValueError
        With neither `start` nor `cost`.

    Examples
    --------
    >>> x, w = T.dscalars("x", "w")
    >>> h = x**2
    >>> by_w, by_h = ct.gradient.subgraph_grad([w], [h], cost=w * h)
    >>> by_h[0].eval({w: 5.0})
    array(5.)
    """
    if start is None and cost is None:
        raise ValueError(complaint("subgraph_grad", "a start or a cost", "neither"))
    variables, stops = [*wrt, *end], list(end)

    def part(top: Variable | None, known: Any) -> list[Variable]:
        return [
            grad(top, x, [s for s in stops if s != x], disconnected_inputs="ignore", known_grads=known)
            for x in variables
        ]

    from_start = None if start is None else part(None, start)
    from_cost = None if cost is None else part(cost, None)
    parts = [p for p in (from_start, from_cost) if p is not None]
    total = parts[0] if len(parts) == 1 else [a + b for a, b in zip(*parts, strict=True)]
    results = total[: len(wrt)], total[len(wrt) :]
    return (*results, from_start, from_cost) if details else results


def grad_scale(x: TensorLike, multiplier: TensorLike) -> Variable:
    """`x` itself, but gradients through it are `multiplier` times as large: -1 turns them around.

    Parameters
    ----------
    x : array_like or Variable
    multiplier : array_like or Variable
        Broadcasts against `x`.

    Returns
    -------
    Variable
        Equal to `x`.

    Examples
    --------
    >>> x = T.dscalar("x")
    >>> ct.grad(ct.gradient.grad_scale(x, -2.0) ** 2, x).eval({x: 3.0})
    array(-12.)
    """
    a = as_variable(x)
    fixed = stop_gradient(a)
    # The difference is zero, but has a gradient; where x is no number it would be none itself.
    zero = where(apply("isfinite", fixed), a - fixed, 0)
    return fixed + zero * apply("mul", stop_gradient(multiplier), 1)

"""Jacobians and Hessians: gradients of each element of an expression."""

from __future__ import annotations

from typing import Any

from croton import _core
from croton.errors import complaint
from croton.tensor.diagonals import eye
from croton.tensor.expression import describe, wrap
from croton.tensor.gradient import grad
from croton.tensor.ranges import arange
from croton.tensor.types import float_dtypes
from croton.tensor.variable import Variable

__all__ = ["hessian", "jacobian"]


def _list(operation: str, wrt: Any) -> list[Variable]:
    parts = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    for part in parts:
        if not isinstance(part, Variable):
            raise TypeError(complaint(operation, "symbolic variables", describe(part)))
    return parts


def jacobian(
    expression: Variable,
    wrt: Any,
    consider_constant: Any = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """The derivative of each element of a vector (or scalar) by variables.

    Parameters
    ----------
    expression : Variable
        With one axis or none.
    wrt : Variable, or list of them
    consider_constant, disconnected_inputs
        As in `grad`.

    Returns
    -------
    Variable, or list of them as `wrt`
        The axis of `expression`, and then those of the variable.

    Raises
    ------
    ValueError
        If `expression` has two axes or more.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> T.jacobian(x**2, x).eval({x: [1.0, 3.0]})
    array([[2., 0.],
           [0., 6.]])
    """
    if not isinstance(expression, Variable):
        raise TypeError(complaint("jacobian", "a symbolic expression", describe(expression)))
    if expression.ndim > 1:
        remedy = "use expression.flatten()"
        raise ValueError(complaint("jacobian", "one axis or none", describe(expression), remedy))
    parts = _list("jacobian", wrt)
    options = (consider_constant, disconnected_inputs)
    slopes = _rows(expression, parts, options) if expression.ndim else grad(expression, parts, *options)
    return type(wrt)(slopes) if isinstance(wrt, list | tuple) else slopes[0]


def _rows(expression: Variable, parts: list[Variable], options: tuple[Any, str]) -> list[Variable]:
    """The gradients of all elements at once: of their products with the rows of an identity matrix."""
    if expression.dtype not in float_dtypes:
        raise TypeError(complaint("jacobian", "an expression of real floats", describe(expression)))
    row = wrap(_core.input(expression.dtype, expression._node.static_shape, ""))
    slopes = grad(None, parts, *options, known_grads={expression: row})
    units = eye(expression.shape[0], dtype=expression.dtype)
    try:
        nodes = _core.vectorize([g._node for g in slopes], [row._node], [units._node])
    except NotImplementedError:
        return _rows_one_by_one(expression, parts, options)
    return [wrap(node) for node in nodes]


def _rows_one_by_one(expression: Variable, parts: list[Variable], options: tuple[Any, str]) -> list[Variable]:
    from croton.scan_module import scan  # built on what is above

    return scan(  # type: ignore[no-any-return]
        lambda i: grad(expression[i], parts, *options),
        arange(expression.shape[0]),
        return_list=True,
        return_updates=False,
    )


def hessian(
    cost: Variable, wrt: Any, consider_constant: Any = None, disconnected_inputs: str = "raise"
) -> Any:
    """The second derivatives of a scalar by vectors.

    Parameters
    ----------
    cost : Variable
        A scalar.
    wrt : Variable, or list of them
        Vectors.
    consider_constant, disconnected_inputs
        As in `grad`.

    Returns
    -------
    Variable, or list of them as `wrt`
        For each vector the matrix of its second derivatives.

    Raises
    ------
    ValueError
        If one of `wrt` is no vector.
    TypeError
        If one of them is no variable.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> T.hessian((x**3).sum(), x).eval({x: [1.0, 2.0]})
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    parts = _list("hessian", wrt)
    for part in parts:
        if part.ndim != 1:
            raise ValueError(complaint("hessian", "vectors", describe(part), "use .flatten()"))
    results = [
        jacobian(grad(cost, part, consider_constant, disconnected_inputs), part, consider_constant, "ignore")
        for part in parts
    ]
    return type(wrt)(results) if isinstance(wrt, list | tuple) else results[0]

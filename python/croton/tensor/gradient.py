"""Gradients of expressions, as expressions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from croton import _core
from croton.errors import DisconnectedInputError, complaint
from croton.tensor.creation import zeros_like
from croton.tensor.expression import Node, as_node, describe, nodes_of, wrap
from croton.tensor.types import complex_dtypes, continuous_dtypes
from croton.tensor.variable import Variable

FLOATS = {*continuous_dtypes, "bfloat16"}
WHERE_DISCONNECTED = ("raise", "warn", "ignore")
IN_PLACE_OF_DISCONNECTED = ("zero", "None", "Disconnected")


class DisconnectedType:
    """What `grad(..., return_disconnected="Disconnected")` returns where nothing depends on a variable."""

    @property
    def type(self) -> DisconnectedType:
        """Itself: Theano asks whether `g.type` is of this class."""
        return self

    def __call__(self) -> DisconnectedType:
        """Itself: Theano makes a variable of the type, `DisconnectedType()()`."""
        return self

    def __repr__(self) -> str:
        return "disconnected"


disconnected_type = DisconnectedType()

__all__ = ["Lop", "consider_constant", "disconnected_grad", "grad"]


def _variables(operation: str, value: Any) -> list[Variable]:
    if value is None:
        return []
    parts = list(value) if isinstance(value, list | tuple | set) else [value]
    for part in parts:
        if not isinstance(part, Variable):
            raise TypeError(complaint(operation, "symbolic variables", describe(part)))
    return parts


def _seeds(cost: Any, known: Any) -> list[tuple[Node, Node]]:
    pairs = list(known.items()) if isinstance(known, Mapping) else list(known or ())
    seeds = []
    for of, value in pairs:
        (x,) = _variables("grad: known_grads", of)
        g = as_node(value)
        if g.ndim != x.ndim:
            raise ValueError(
                complaint("grad: known_grads", f"a gradient like {describe(x)}", describe(wrap(g)))
            )
        seeds.append((x._node, _core.cast(g, x.dtype)))
    if cost is None:
        if not seeds:
            raise TypeError(complaint("grad", "a cost, or known_grads", "neither"))
        return seeds
    if not isinstance(cost, Variable):
        raise TypeError(complaint("grad", "a symbolic scalar as the cost", describe(cost)))
    if cost.ndim:
        remedy = "reduce it first, for example with .sum() or .mean()"
        raise TypeError(complaint("grad", "a scalar as the cost", describe(cost), remedy))
    if cost.dtype not in FLOATS:
        raise TypeError(complaint("grad", "a cost of floats", describe(cost), "cast it to 'floatX'"))
    if cost.dtype in complex_dtypes:
        remedy = "take its real part, or abs"
        raise TypeError(complaint("grad", "a real cost", describe(cost), remedy))
    if not any(of == cost._node for of, _ in seeds):
        seeds.append((cost._node, _core.cast(_core.constant(1.0), cost.dtype)))
    return seeds


def check_choice(operation: str, option: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raises ValueError unless `value` is one of the choices for an option.

    Parameters
    ----------
    operation, option : str
        For the message.
    value : object
    choices : tuple of str
    """
    if value not in choices:
        raise ValueError(complaint(operation, f"{option} of {', '.join(choices)}", repr(value)))


def grad(
    cost: Variable | None,
    wrt: Any,
    consider_constant: Any = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Any = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """The gradient of a scalar with respect to variables.

    Parameters
    ----------
    cost : Variable
        A scalar of real floats; None if `known_grads` says where the gradients start.
    wrt : Variable or list of Variable
        Inputs, shared variables or expressions within the cost; of floats.
    consider_constant : list of Variable, optional
        Expressions through which no gradient flows.
    disconnected_inputs : {"raise", "warn", "ignore"}
        What to do about a variable that the cost does not depend on; its gradient is zero.
    add_names : bool
        Whether the gradients get names.
    known_grads : dict or list of pairs, optional
        Expressions and their gradients, which are taken as they are.
    return_disconnected : {"zero", "None", "Disconnected"}
        What stands for the gradient of a variable that the cost does not depend on.
    null_gradients : {"raise", "return"}
        Accepted as in Theano.

    Returns
    -------
    Variable, or a list of them where `wrt` is a list
        Each of its variable's shape and dtype. By a complex variable x + iy it is dC/dx + i dC/dy, the
        direction in which the cost C grows fastest.

    Raises
    ------
    TypeError
        If the cost is no scalar of floats, or a variable is not of floats.
    DisconnectedInputError
        If the cost does not depend on a variable.

    Examples
    --------
    >>> import croton as ct, croton.tensor as T
    >>> x = T.dvector("x")
    >>> ct.grad((x**3).sum(), x).eval({x: [1.0, 2.0]})
    array([ 3., 12.])
    """
    check_choice("grad", "disconnected_inputs", disconnected_inputs, WHERE_DISCONNECTED)
    check_choice("grad", "return_disconnected", return_disconnected, IN_PLACE_OF_DISCONNECTED)
    check_choice("grad", "null_gradients", null_gradients, ("raise", "return"))
    seeds = _seeds(cost, known_grads)
    parts = list(wrt) if isinstance(wrt, list | tuple | set) else [wrt]
    # The gradient by a sparse matrix is one: by its stored values.
    matrices = [getattr(x, "_gradient_from", None) for x in parts]
    variables = _variables("grad", [x.data if of else x for x, of in zip(parts, matrices, strict=True)])
    for x in variables:
        if x.dtype not in FLOATS:
            remedy = "gradients exist for floats; declare the variable with a float dtype"
            raise TypeError(complaint("grad", "variables of floats", describe(x), remedy))
    constants = [x._node for x in _variables("grad: consider_constant", consider_constant)]
    nodes = _core.gradient(seeds, [x._node for x in variables], constants)
    results: list[Any] = []
    for x, node in zip(variables, nodes, strict=True):
        if node is None:
            results.append(_disconnected_input(x, disconnected_inputs, return_disconnected))
            continue
        g = wrap(node)
        if add_names and x.name and cost is not None and node._op not in ("input", "shared"):
            g._name = f"(d{cost.name or 'cost'}/d{x.name})"
        results.append(g)
    results = [
        of(g) if of and isinstance(g, Variable) else g for g, of in zip(results, matrices, strict=True)
    ]
    return results if isinstance(wrt, list | tuple | set) else results[0]


def _disconnected_input(x: Variable, action: str, result: str) -> Any:
    text = complaint(
        "grad",
        "variables that the cost depends on through operations with a gradient",
        describe(x),
        "pass disconnected_inputs='ignore' for a gradient of zero",
    )
    return disconnected(x, text, action, result)


def disconnected(x: Variable, text: str, action: str, result: str) -> Any:
    """What stands for a derivative like `x` that is not there.

    Parameters
    ----------
    x : Variable
    text : str
        Of the error or the warning.
    action, result : str
        As `disconnected_inputs` and `return_disconnected` of `grad`.
    """
    if action == "raise":
        raise DisconnectedInputError(text)
    if action == "warn":
        warnings.warn(text, UserWarning, stacklevel=4)
    if result == "zero":
        return zeros_like(x)
    return None if result == "None" else disconnected_type


def Lop(
    f: Any, wrt: Any, eval_points: Any, consider_constant: Any = None, disconnected_inputs: str = "raise"
) -> Any:
    """The product of `eval_points` with the Jacobian of `f`: the gradient of sum(f * eval_points).

    `f` and `eval_points` are single or lists of equal length.

    Parameters
    ----------
    f : Variable or list of Variable
    wrt : Variable or list of Variable
    eval_points : array_like, Variable or list of them
        One for each of `f`, of its shape.
    consider_constant, disconnected_inputs
        As for `grad`.

    Raises
    ------
    ValueError
        For another number of `eval_points`.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> ct.gradient.Lop(x**2, x, T.constant([1.0, 10.0])).eval({x: [1.0, 3.0]})
    array([ 2., 60.])
    """
    outputs = list(f) if isinstance(f, list | tuple) else [f]
    points = list(eval_points) if isinstance(eval_points, list | tuple) else [eval_points]
    if len(outputs) != len(points):
        raise ValueError(complaint("Lop", f"{len(outputs)} eval_points", str(len(points))))
    known = list(zip(outputs, points, strict=True))
    return grad(None, wrt, consider_constant, disconnected_inputs, known_grads=known)


def disconnected_grad(x: Any) -> Variable:
    """`x` itself, but a constant to every gradient."""
    return wrap(_core.stop_gradient(as_node(x)))


def zero_grad(x: Any) -> Variable:
    """`x` itself, but a constant to every gradient."""
    return disconnected_grad(x)


def undefined_grad(x: Any) -> Variable:
    """`x` itself, but asking for a gradient through it raises NullTypeGradError.

    Parameters
    ----------
    x : TensorLike

    Examples
    --------
    >>> x = T.dscalar("x")
    >>> ct.grad(ct.gradient.undefined_grad(x) ** 2, x)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
      ...
    croton.errors.NullTypeGradError: undefined_grad: required no gradient through this expression, ...
    """
    return wrap(_core.apply("undefined_grad", [as_node(x)]))


def grad_clip(x: Any, lower_bound: Any, upper_bound: Any) -> Variable:
    """`x` itself, but gradients through it are limited to [lower_bound, upper_bound].

    Parameters
    ----------
    x : TensorLike
    lower_bound, upper_bound : TensorLike
        They take part in broadcasting.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> ct.grad((ct.gradient.grad_clip(x, -1.0, 1.0) ** 2).sum(), x).eval({x: [0.25, -4.0]})
    array([ 0.5, -1. ])
    """
    nodes = nodes_of([x, lower_bound, upper_bound], "grad_clip")
    return wrap(_core.apply("grad_clip", nodes))


consider_constant = disconnected_grad

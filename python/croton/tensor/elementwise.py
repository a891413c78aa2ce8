"""The elementwise functions, one for each row of the engine's table, and Theano's names for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.config import config
from croton.errors import complaint
from croton.tensor.expression import Node, TensorLike, as_node, nodes_of, same_dtype, wrap
from croton.tensor.types import dtype_name, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "cast",
    "ceil_intdiv",
    "clip",
    "div_proxy",
    "divmod",
    "iround",
    "isclose",
    "round",
    "stop_gradient",
    "where",
]

# Functions that Theano lets take more than two arguments.
N_ARY = {"add", "mul", "maximum", "minimum", "logical_and", "logical_or", "bitwise_and", "bitwise_or"}

ALIASES = {
    "inv": "reciprocal",
    "sqr": "square",
    "sgn": "sign",
    "abs_": "abs",
    "neq": "ne",
    "not_equal": "ne",
    "equal": "eq",
    "less": "lt",
    "less_equal": "le",
    "greater": "gt",
    "greater_equal": "ge",
    "and_": "bitwise_and",
    "or_": "bitwise_or",
    "xor": "bitwise_xor",
    "bitwise_not": "invert",
    "switch": "where",
    "int_div": "floor_div",
    "floor_divide": "floor_div",
    "true_divide": "true_div",
    "subtract": "sub",
    "multiply": "mul",
    "negative": "neg",
    "power": "pow",
    "absolute": "abs",
    "psi": "digamma",
    "tri_gamma": "trigamma",
    "jn": "jv",
    "yn": "yv",
    "kn": "kv",
    "round_half_to_even": "round",
    "largest": "maximum",
    "smallest": "minimum",
    "isnan_": "isnan",
    "isinf_": "isinf",
    "arctan2_": "arctan2",
    "divide": "true_div",
    "mod_check": "mod",
    "remainder": "mod",
    "degrees": "rad2deg",
    "radians": "deg2rad",
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "bitwise_invert": "invert",
    "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift",
}

_TEMPLATE = """{doc}

Parameters
----------
{parameters} : array_like or Variable
    Broadcast together by NumPy's rules. Plain Python numbers take the dtype of the others.

Returns
-------
Variable
    Of the broadcast shape{gradient}.
"""


def apply(name: str, *values: TensorLike) -> Variable:
    """The elementwise op called `name`."""
    return wrap(_core.apply(name, nodes_of(values, name)))


def where(condition: TensorLike, x: TensorLike, y: TensorLike) -> Variable:
    """`x` where `condition` is true, else `y`, element by element.

    Parameters
    ----------
    condition : array_like or Variable
    x, y : array_like or Variable
        Their common dtype is that of the result. All three broadcast together.

    Raises
    ------
    ValueError
        If shapes do not broadcast together; here if they are known, else in the call.

    Examples
    --------
    >>> T.where([True, False], [1, 2], 3.5).eval()
    array([1. , 3.5])
    """
    return wrap(_core.apply("where", [as_node(condition), *nodes_of([x, y], "where")]))


def floats_of(*nodes: Node) -> list[Variable]:
    """The nodes in their common dtype; integers and bools as floats."""
    return [wrap(_core.cast(node, _core.to_inexact(node.dtype))) for node in same_dtype(nodes)]


def _unary(name: str) -> Callable[..., Variable]:
    def function(x: TensorLike) -> Variable:
        return apply(name, x)

    return function


def _binary(name: str) -> Callable[..., Variable]:
    def function(x: TensorLike, y: TensorLike) -> Variable:
        return apply(name, x, y)

    return function


def _n_ary(name: str) -> Callable[..., Variable]:
    def function(x: TensorLike, *others: TensorLike) -> Variable:
        if not others:
            return wrap(as_node(x))
        result: Variable = reduce(lambda a, b: apply(name, a, b), others, x)
        return result

    return function


def _ternary(name: str) -> Callable[..., Variable]:
    def function(x: TensorLike, y: TensorLike, z: TensorLike) -> Variable:
        return apply(name, x, y, z)

    return function


def _quaternary(name: str) -> Callable[..., Variable]:
    def function(x: TensorLike, y: TensorLike, z: TensorLike, w: TensorLike) -> Variable:
        return apply(name, x, y, z, w)

    return function


def _function(row: dict[str, Any]) -> Callable[..., Variable]:
    name, arity = row["name"], row["arity"]
    make = _n_ary if name in N_ARY else [_unary, _binary, _ternary, _quaternary][arity - 1]
    function = make(name)
    gradient = "" if row["differentiable"] else "; it has no gradient"
    parameters = ", ".join("xyzw"[:arity])
    function.__doc__ = _TEMPLATE.format(doc=row["doc"], parameters=parameters, gradient=gradient)
    function.__name__ = function.__qualname__ = name
    return function


def _generate() -> dict[str, Callable[..., Variable]]:
    functions = {row["name"]: _function(row) for row in _core.op_rows() if row["elementwise"]}
    functions["where"] = where
    for alias, name in ALIASES.items():
        if name in functions:
            functions[alias] = functions[name]
    return functions


FUNCTIONS = _generate()


def cast(x: TensorLike, dtype: Any) -> Variable:
    """The elements of `x` as another dtype.

    Parameters
    ----------
    x : array_like or Variable
    dtype : str or dtype
        "floatX" stands for `config.floatX`. Floats to integers truncate.

    Raises
    ------
    TypeError
        For unknown dtypes, and from complex to real numbers.

    Examples
    --------
    >>> T.cast([1.7, -1.7], "int32").eval()
    array([ 1, -1], dtype=int32)
    """
    return wrap(_core.cast(as_node(x), dtype_name(dtype)))


def clip(x: TensorLike, min: TensorLike = None, max: TensorLike = None) -> Variable:
    """`x` limited to [min, max]; `max` where min > max.

    Parameters
    ----------
    x : array_like or Variable
    min, max : array_like or Variable, optional
        None is no bound. The bounds take part in broadcasting, count for the dtype, and have gradients.

    Examples
    --------
    >>> T.clip([1, 5, 9], 2, 6).eval()
    array([2, 5, 6])
    """
    if min is None or max is None:
        if max is not None:
            return apply("minimum", x, max)
        return wrap(as_node(x)) if min is None else apply("maximum", x, min)
    return apply("clip", x, min, max)


def round(x: TensorLike, mode: str = "half_to_even") -> Variable:
    """The nearest integer, in the dtype of `x`.

    Parameters
    ----------
    x : array_like or Variable
    mode : {"half_to_even", "half_away_from_zero"}
        Where halves go.

    Raises
    ------
    ValueError
        For other modes.

    Examples
    --------
    >>> T.round([0.5, 1.5, 2.5]).eval()
    array([0., 2., 2.])
    """
    names = {"half_to_even": "round", "half_away_from_zero": "round_half_away_from_zero"}
    if mode not in names:
        raise ValueError(complaint("round", f"a mode of {' or '.join(names)}", repr(mode)))
    return apply(names[mode], x)


def iround(x: TensorLike, mode: str = "half_to_even") -> Variable:
    """`round` as int64, with the same arguments."""
    return cast(round(x, mode), "int64")


def divmod(x: TensorLike, y: TensorLike) -> tuple[Variable, Variable]:
    """The pair (x // y, x % y).

    Examples
    --------
    >>> [part.eval().tolist() for part in T.divmod([7, -7], 2)]
    [[3, -4], [1, 1]]
    """
    return apply("floor_div", x, y), apply("mod", x, y)


def div_proxy(x: TensorLike, y: TensorLike) -> Variable:
    """The quotient; of two integers what `config.int_division` says.

    Parameters
    ----------
    x, y : TensorLike

    Raises
    ------
    TypeError
        Of two integers, where that is "raise".
    """
    nodes = nodes_of([x, y], "div_proxy")
    if all(kind_of(node.dtype) in "biu" for node in nodes):
        if config.int_division == "raise":
            remedy = "use // or true_div, or set config.int_division"
            raise TypeError(complaint("div_proxy", "floats", f"{nodes[0].dtype} / {nodes[1].dtype}", remedy))
        if config.int_division == "int":
            return apply("floor_div", x, y)
    return apply("true_div", x, y)


def ceil_intdiv(x: TensorLike, y: TensorLike) -> Variable:
    """x / y rounded up, in integers.

    Parameters
    ----------
    x, y : array_like or Variable
        Integers; any other dtype gives floats.

    Examples
    --------
    >>> T.ceil_intdiv([6, 7], 3).eval()
    array([2, 3])
    """
    return apply("neg", apply("floor_div", apply("neg", x), y))


def isclose(
    a: TensorLike, b: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Variable:
    """Whether |a - b| <= atol + rtol |b|; equal infinities are close, NaN only if `equal_nan`.

    Parameters
    ----------
    a, b : array_like or Variable
        They broadcast together.
    rtol, atol : float
        The relative tolerance, of `b`, and the absolute one.
    equal_nan : bool
        Whether NaN is close to NaN.

    Returns
    -------
    Variable
        Bools.

    Examples
    --------
    >>> T.isclose([1.0, 2.0, np.inf], [1.0 + 1e-9, 2.1, np.inf]).eval()
    array([ True, False,  True])
    """
    x, y = nodes_of([a, b], "isclose")
    gap = apply("abs", apply("sub", wrap(x), wrap(y)))
    bound = apply("add", apply("mul", apply("abs", wrap(y)), rtol), atol)
    finite = apply("logical_and", apply("isfinite", wrap(x)), apply("isfinite", wrap(y)))
    close = apply(
        "logical_or", apply("eq", wrap(x), wrap(y)), apply("logical_and", finite, apply("le", gap, bound))
    )
    if equal_nan:
        close = apply(
            "logical_or", close, apply("logical_and", apply("isnan", wrap(x)), apply("isnan", wrap(y)))
        )
    return close


def stop_gradient(x: TensorLike) -> Variable:
    """`x` itself, but a constant to every gradient."""
    return wrap(_core.stop_gradient(as_node(x)))

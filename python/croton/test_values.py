"""Test values: expressions computed as they are written, from `x.tag.test_value` of what they depend on."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from croton import _core
from croton.arguments import Converter
from croton.config import config, on_change
from croton.errors import complaint
from croton.evaluation import value_from
from croton.tensor.expression import Node, TensorLike, as_variable, describe, watchers, wrap
from croton.tensor.tags import find_tag, tag_of
from croton.tensor.variable import Variable


class MissingTestValueError(AttributeError):
    """An expression depends on an input that has no test value."""


def _given(node: Node) -> np.ndarray[Any, Any] | None:
    """The test value that a node has by itself."""
    if _core.is_shared(node):
        return _core.get_value(node, False)
    tag = find_tag(node)
    value = getattr(tag, "test_value", None)
    if value is None or node._inputs:
        return value  # computed here, or None
    title = f"the test value of {node._leaf_name or 'an input'}"
    shape = node.static_shape
    return Converter(title, 0, None, node.dtype, node.ndim, allow_downcast=True, shape=shape)(value)


def _missing(node: Node) -> MissingTestValueError:
    required = f"a test value of {describe(wrap(node))}"
    return MissingTestValueError(complaint("test values", required, "none", "set x.tag.test_value"))


def _compute(node: Node) -> np.ndarray[Any, Any]:
    """The value of an expression from the test values that are known below it."""
    return value_from(node, _given, _missing)


def get_test_value(v: TensorLike) -> Any:
    """The test value of a variable: its own, or that of the expression.

    Parameters
    ----------
    v : TensorLike

    Raises
    ------
    AttributeError
        If it depends on an input without `tag.test_value`.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> x.tag.test_value = np.array([1.0, 2.0])
    >>> ct.gof.op.get_test_value(x * 2)
    array([2., 4.])
    """
    node = as_variable(v)._node
    if node._op == "constant":
        return node._value()
    value = _given(node)
    if value is None and not node._inputs:
        given = describe(wrap(node))
        raise MissingTestValueError(complaint("get_test_value", "a variable with x.tag.test_value", given))
    return _compute(node) if value is None else value


def _watch(x: Variable) -> None:
    """Computes a new expression as `config.compute_test_value` says."""
    node, how = x._node, config.compute_test_value
    if not node._inputs or getattr(find_tag(node), "test_value", None) is not None:
        return
    try:
        tag = tag_of(node)
        tag.test_value = _compute(node)
        x._tag = tag
    except Exception as error:
        if how == "raise" or (how == "warn" and not isinstance(error, MissingTestValueError)):
            raise
        if how == "warn":
            warnings.warn(str(error), stacklevel=2)
        elif how == "pdb":
            breakpoint()


def _warn_float64(x: Variable) -> None:
    """What `config.warn_float64` asks for."""
    if x.dtype != "float64":
        return
    text = complaint("config.warn_float64", "no float64", describe(x))
    if config.warn_float64 == "raise":
        raise TypeError(text)
    warnings.warn(text, stacklevel=2)
    if config.warn_float64 == "pdb":
        breakpoint()


def _switch(watch: Any, off: str) -> Any:
    def set_to(value: str) -> None:
        if watch in watchers:
            watchers.remove(watch)
        if value != off:
            watchers.append(watch)

    return set_to


on_change("compute_test_value", _switch(_watch, "off"))
on_change("warn_float64", _switch(_warn_float64, "ignore"))

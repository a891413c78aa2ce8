"""What a function is compiled from: its inputs, outputs, updates and givens, checked and fitted together."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from croton import _core
from croton.arguments import Converter, In, Out
from croton.errors import MissingInputError, UnusedInputError, complaint
from croton.modes import Mode
from croton.shared import SharedVariable, _default_updates, shared
from croton.tensor.expression import Node, as_node, describe, is_weak, nodes_of, wrap
from croton.tensor.types import numpy_dtype
from croton.tensor.variable import Shape, Variable, as_variable

Pairs: TypeAlias = list[tuple[Node, Node]]


@dataclass
class Spec:
    """What a function is compiled from; kept for `copy`."""

    inputs: list[In]
    outputs: list[Node]
    results: bool | tuple[str, ...] | None  # alone, as a list, none at all, or as a dict with these keys
    updates: Pairs
    name: str
    allow_downcast: bool | None
    mode: Mode
    states: list[tuple[In, SharedVariable]] = field(default_factory=list)
    profile: bool = False


def read_input(title: str, entry: Any) -> Variable:
    """One entry of the inputs that is no `In`."""
    if isinstance(entry, Variable):
        return entry
    if isinstance(entry, list | tuple):
        raise TypeError(complaint(title, "variables as inputs", describe(entry), "lists do not nest"))
    raise TypeError(complaint(title, "variables as inputs", describe(entry)))


def check_inputs(title: str, entries: Iterable[In]) -> None:
    """Inputs must be different, and nothing but inputs."""
    seen: set[Variable] = set()
    names: set[str] = set()
    for entry in entries:
        x = entry.variable
        if isinstance(x, SharedVariable):
            remedy = "leave it out: functions always know shared variables; use givens= to replace it"
            raise TypeError(complaint(title, "inputs", f"the shared variable {x}", remedy))
        if x._node._op != "input":
            remedy = "list the variables that it is made from; use givens= to replace it"
            raise TypeError(complaint(title, "inputs", f"the expression {x}", remedy))
        numpy_dtype(x.dtype, title)
        if x in seen:
            raise ValueError(complaint(title, "different inputs", f"{describe(x)} twice"))
        seen.add(x)
        if entry.name and entry.name in names and entry.name != x.name:
            raise ValueError(complaint(title, "different names", f"'{entry.name}' twice"))
        names.add(entry.name or "")


def _read_output(title: str, value: Any) -> Node:
    if isinstance(value, Out):
        value = value.variable
    if value is None:
        raise TypeError(
            complaint(title, "variables as outputs", "None", "outputs=None alone means no output")
        )
    return as_variable(value)._node if isinstance(value, Variable | Shape) else as_node(value)


def read_outputs(title: str, outputs: Any) -> tuple[list[Node], bool | tuple[str, ...] | None]:
    """The nodes of the outputs, and the form of a call's result."""
    if outputs is None:
        return [], None
    nodes, results = _read_outputs(title, outputs)
    for node in nodes:
        numpy_dtype(node.dtype, title)
    return nodes, results


def _read_outputs(title: str, outputs: Any) -> tuple[list[Node], bool | tuple[str, ...]]:
    if isinstance(outputs, Mapping):
        keys = tuple(outputs)
        if not all(isinstance(key, str) for key in keys):
            raise TypeError(complaint(title, "strings as keys of the outputs", str(keys)))
        return [_read_output(title, outputs[key]) for key in keys], keys
    if isinstance(outputs, list | tuple) and not isinstance(outputs, Shape):
        return [_read_output(title, value) for value in outputs], False
    return [_read_output(title, outputs)], True


def _pairs(title: str, what: str, given: Any) -> list[tuple[Any, Any]]:
    if given is None:
        return []
    items = list(given.items()) if isinstance(given, Mapping) else list(given)
    for item in items:
        if not isinstance(item, list | tuple) or len(item) != 2:
            raise TypeError(complaint(title, f"{what} as pairs", describe(item)))
    return [(key, value) for key, value in items]


def _fitted(title: str, what: str, target: Variable, value: Any, any_dtype: bool = False) -> Node:
    """The node of `value` as the type of `target`."""
    node = nodes_of([target, value])[1] if is_weak(value) else as_variable(value)._node
    remedy = f"cast it to '{target.dtype}'"
    if node.dtype != target.dtype and not any_dtype and not _core.can_cast_safely(node.dtype, target.dtype):
        raise TypeError(complaint(title, f"{what} of dtype {target.dtype}", describe(wrap(node)), remedy))
    if node.ndim != target.ndim:
        required = f"{what} with {target.ndim} axes"
        raise TypeError(complaint(title, required, describe(wrap(node)), "reshape it"))
    for wanted, size in zip(target._node.static_shape, node.static_shape, strict=True):
        if wanted is not None and size is not None and wanted != size:
            raise TypeError(complaint(title, f"{what} of type {target.type}", describe(wrap(node))))
    return _core.cast(node, target.dtype)


def read_updates(title: str, updates: Any) -> Pairs:
    """The shared variables and the nodes of their next values."""
    pairs: dict[Variable, Node] = {}
    for target, value in _pairs(title, "updates", updates):
        if not isinstance(target, SharedVariable):
            raise TypeError(complaint(title, "updates of shared variables", describe(target)))
        if target in pairs:
            remedy = "combine them into one expression"
            raise ValueError(complaint(title, "one update for each variable", f"two for {target}", remedy))
        pairs[target] = _fitted(title, f"an update of {target}", target, value)
    return [(target._node, value) for target, value in pairs.items()]


def add_default_updates(roots: list[Node], pairs: Pairs, without: Any) -> None:
    """Adds the default updates of all shared variables in sight, those of the updates themselves included."""
    if without is True or not _default_updates:
        return
    done = {target for target, _ in pairs} | {x._node for x in without or ()}
    found = True
    while found:
        found = False
        for leaf in _core.leaves(roots + [value for _, value in pairs]):
            value = _default_updates.get(leaf._id)
            if value is not None and leaf not in done:
                done.add(leaf)
                pairs.append((leaf, _fitted("default_update", "an update", wrap(leaf), value)))
                found = True


def read_givens(title: str, givens: Any, strict: bool) -> Pairs:
    """The nodes to replace, and their replacements of the same types."""
    pairs: Pairs = []
    for target, value in _pairs(title, "givens", givens):
        if not isinstance(target, Variable):
            raise TypeError(complaint(title, "givens that replace variables", describe(target)))
        replacement = f"a replacement for {target}"
        if strict:
            pairs.append((target._node, _fitted(title, replacement, target, value)))
        else:
            pairs.append((target._node, as_node(value)))
    return pairs


def substitute(roots: list[Node], updates: Pairs, pairs: Pairs) -> tuple[list[Node], Pairs]:
    """Outputs and updates with nodes replaced."""
    if not pairs:
        return roots, updates
    nodes = _core.substitute(roots + [value for _, value in updates], pairs)
    values = nodes[len(roots) :]
    return nodes[: len(roots)], [(target, value) for (target, _), value in zip(updates, values, strict=True)]


def make_states(
    title: str, entries: list[In], roots: list[Node], pairs: Pairs
) -> tuple[list[tuple[In, SharedVariable]], list[Node], Pairs]:
    """Inputs with an update become shared variables of the function's own."""
    states: list[tuple[In, SharedVariable]] = []
    for entry in entries:
        if entry.update is None:
            continue
        cell = entry.value
        if not isinstance(cell, SharedVariable):
            x = entry.variable
            start = Converter(title, len(states), entry.name, x.dtype, x.ndim, allow_downcast=True)(cell)
            cell = shared(start, name=entry.name)
        states.append((entry, cell))
        pairs = [*pairs, (cell._node, _fitted(title, f"an update of {entry.name}", cell, entry.update))]
    cells = [(entry.variable._node, cell._node) for entry, cell in states]
    roots, pairs = substitute(roots, pairs, cells)
    return states, roots, pairs


def without_missing_sizes(entries: list[In], roots: list[Node], pairs: Pairs) -> tuple[list[Node], Pairs]:
    """Outputs and updates in which gradients need no input for its shape alone.

    A gradient is summed to the shape of its variable, which may have been broadcast. As in Theano, variables
    that no call gives have not been.
    """
    known = {entry.variable._node for entry in entries}
    nodes = roots + [value for _, value in pairs]
    missing = {leaf for leaf in _core.leaves(nodes) if leaf._op == "input"} - known
    sizes: dict[Node, Node] = {}
    for node in _core.nodes(nodes) if missing else []:
        if node._op != "sum_to":
            continue
        for axis, size in enumerate(node._inputs[1:]):
            if size not in sizes and missing & set(_core.leaves([size])):
                own = _core.dim(node._inputs[0], axis)
                sizes[size] = _core.substitute([own], list(sizes.items()))[0] if sizes else own
    return substitute(roots, pairs, list(sizes.items()))


def check_leaves(title: str, entries: list[In], roots: list[Node], pairs: Pairs, unused: str) -> None:
    """Every input must be used, and every variable used must be an input."""
    if unused not in ("raise", "warn", "ignore"):
        given = repr(unused)
        raise ValueError(complaint(title, 'on_unused_input of "raise", "warn" or "ignore"', given))
    leaves = set(_core.leaves(roots + [value for _, value in pairs]))
    known = {entry.variable._node for entry in entries}
    for leaf in sorted(leaves - known, key=lambda node: node._id):
        if leaf._op == "input":
            made = f", made at {leaf._source[0]}:{leaf._source[1]}" if leaf._source else ""
            remedy = "add it to the inputs, or replace it by givens="
            given = f"an expression that also depends on {describe(wrap(leaf))}{made}"
            required = "all variables that outputs and updates depend on among the inputs"
            raise MissingInputError(complaint(title, required, given, remedy))
    for entry in entries:
        if entry.variable._node not in leaves and unused != "ignore":
            remedy = "remove it, or pass on_unused_input='ignore'"
            text = complaint(title, "inputs that something depends on", describe(entry.variable), remedy)
            if unused == "raise":
                raise UnusedInputError(text)
            warnings.warn(text, UserWarning, stacklevel=4)

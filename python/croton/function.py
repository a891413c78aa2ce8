"""croton.function: from expressions to a callable."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from croton import _core
from croton.arguments import Binder, Converter, In, Out, converter_for
from croton.config import config
from croton.errors import MissingInputError, UnusedInputError, complaint, user_source
from croton.reference import ReferenceFunction
from croton.report import Report, make_report
from croton.shared import SharedVariable, _default_updates, shared
from croton.tensor.expression import Node, as_node, describe, is_weak, nodes_of, wrap
from croton.tensor.variable import Shape, Variable, as_variable

Pairs = list[tuple[Node, Node]]
Function = _core.CompiledFunction
MODES = ("FAST_RUN", "FAST_COMPILE", "reference")


@dataclass
class Spec:
    """What a function is compiled from; kept for `copy`."""

    inputs: list[In]
    outputs: list[Node]
    results: bool | tuple[str, ...] | None  # alone, as a list, none at all, or as a dict with these keys
    updates: Pairs
    name: str
    allow_downcast: bool | None
    mode: str
    states: list[tuple[In, SharedVariable]] = field(default_factory=list)


def function(
    inputs: Sequence[Variable | In],
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: bool | Sequence[SharedVariable] = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
) -> Any:
    """Compiles expressions into a function of their inputs.

    Parameters
    ----------
    inputs : list of Variable or In
        The arguments, in the order of the call. Shared variables are no arguments: they are always there.
    outputs : Variable, Out, list, dict of str to Variable, or None
        What a call returns: one array, a list, a dict, or None.
    mode : str, optional
        "FAST_RUN" and "FAST_COMPILE" are the same here; "reference" runs a slow, plain interpreter.
    updates : list of pairs or dict, optional
        (shared variable, expression of its next value). All are computed from the old values, and stored
        together after the outputs are computed.
    givens : list of pairs or dict, optional
        (variable, replacement): each variable is replaced wherever it occurs.
    no_default_updates : bool or list of SharedVariable
        Whether, or which, default updates are left out.
    name : str, optional
        For messages and reports; by default the file and line of the call.
    rebuild_strict : bool
        False lets `givens` change dtypes.
    allow_input_downcast : bool, optional
        None: Python numbers, and arrays whose dtype converts without loss. True: also arrays of a wider
        dtype of the same kind. False: no Python floats for a narrower dtype either.
    on_unused_input : {"raise", "warn", "ignore"}, optional
        By default as `config.on_unused_input`.
    accept_inplace, profile
        Accepted as in Theano.

    Returns
    -------
    callable
        Call it with one array for each input, by position or by the variables' names.

    Raises
    ------
    UnusedInputError, MissingInputError, TypeError, ValueError
        If inputs, outputs, updates or givens do not fit together.

    Examples
    --------
    >>> import croton as ct, croton.tensor as T
    >>> x = T.dvector("x")
    >>> f = ct.function([x], (x**2).sum())
    >>> float(f([1.0, 2.0, 3.0]))
    14.0
    """
    title = name or "function" + user_source()
    if not isinstance(inputs, list | tuple):
        raise TypeError(complaint(title, "a list of inputs", describe(inputs), "put it into [ ]"))
    entries = [entry if isinstance(entry, In) else In(_input(title, entry)) for entry in inputs]
    _check_inputs(title, entries)
    roots, results = _outputs(title, outputs)
    pairs = _updates(title, updates)
    _add_default_updates(roots, pairs, no_default_updates)
    roots, pairs = _substitute(roots, pairs, _givens(title, givens, rebuild_strict))
    states, roots, pairs = _states(title, entries, roots, pairs)
    stateful = {id(entry) for entry, _ in states}
    entries = [entry for entry in entries if id(entry) not in stateful]
    _check_leaves(title, entries, roots, pairs, on_unused_input or config.on_unused_input)
    spec = Spec(entries, roots, results, pairs, title, allow_input_downcast, _mode(title, mode), states)
    return build(spec)


def build(spec: Spec) -> Any:
    """The compiled function of a specification."""
    converters = [
        converter_for(spec.name, k, entry, spec.allow_downcast) for k, entry in enumerate(spec.inputs)
    ]
    inputs = [entry.variable._node for entry in spec.inputs]

    def convert(position: int, value: Any) -> np.ndarray[Any, Any]:
        return converters[position](value)

    binder: Any = Binder(spec.name, spec.inputs)
    if spec.states:
        binder = StateBinder(spec, binder)
    if spec.mode == "reference":
        return ReferenceFunction(spec, converters, binder)
    compiled = _core.compile(inputs, spec.outputs, spec.updates, spec.name, convert, binder, spec.results)
    compiled.__dict__.update(_spec=spec, name=spec.name, trust_input=False)
    return compiled


@dataclass
class StateBinder:
    """Sets the states that a call gives by keyword, and leaves the rest to the function's own binder."""

    spec: Spec
    binder: Binder

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        inputs = len(self.spec.inputs)
        for (_, cell), value in zip(self.spec.states, args[inputs:], strict=False):
            cell.set_value(value)
        for entry, cell in self.spec.states:
            if entry.name in kwargs:
                cell.set_value(kwargs.pop(entry.name))
        return self.binder(args[:inputs] if len(args) <= inputs + len(self.spec.states) else args, kwargs)


# ---- the arguments of `function`
def _input(title: str, entry: Any) -> Variable:
    if isinstance(entry, Variable):
        return entry
    if isinstance(entry, list | tuple):
        raise TypeError(complaint(title, "variables as inputs", describe(entry), "lists do not nest"))
    raise TypeError(complaint(title, "variables as inputs", describe(entry)))


def _check_inputs(title: str, entries: Iterable[In]) -> None:
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
        if x.dtype == "bfloat16":
            raise TypeError(complaint(title, "inputs of NumPy's dtypes", describe(x), "use float32 and cast"))
        if x in seen:
            raise ValueError(complaint(title, "different inputs", f"{describe(x)} twice"))
        seen.add(x)
        if entry.name and entry.name in names and entry.name != x.name:
            raise ValueError(complaint(title, "different names", f"'{entry.name}' twice"))
        names.add(entry.name or "")


def _output(title: str, value: Any) -> Node:
    if isinstance(value, Out):
        value = value.variable
    if value is None:
        raise TypeError(
            complaint(title, "variables as outputs", "None", "outputs=None alone means no output")
        )
    return as_variable(value)._node if isinstance(value, Variable | Shape) else as_node(value)


def _outputs(title: str, outputs: Any) -> tuple[list[Node], bool | tuple[str, ...] | None]:
    if outputs is None:
        return [], None
    if isinstance(outputs, Mapping):
        keys = tuple(outputs)
        if not all(isinstance(key, str) for key in keys):
            raise TypeError(complaint(title, "strings as keys of the outputs", str(keys)))
        return [_output(title, outputs[key]) for key in keys], keys
    if isinstance(outputs, list | tuple) and not isinstance(outputs, Shape):
        return [_output(title, value) for value in outputs], False
    return [_output(title, outputs)], True


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


def _updates(title: str, updates: Any) -> Pairs:
    pairs: dict[Variable, Node] = {}
    for target, value in _pairs(title, "updates", updates):
        if not isinstance(target, SharedVariable):
            raise TypeError(complaint(title, "updates of shared variables", describe(target)))
        if target in pairs:
            remedy = "combine them into one expression"
            raise ValueError(complaint(title, "one update for each variable", f"two for {target}", remedy))
        pairs[target] = _fitted(title, f"an update of {target}", target, value)
    return [(target._node, value) for target, value in pairs.items()]


def _add_default_updates(roots: list[Node], pairs: Pairs, without: Any) -> None:
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


def _givens(title: str, givens: Any, strict: bool) -> Pairs:
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


def _substitute(roots: list[Node], updates: Pairs, pairs: Pairs) -> tuple[list[Node], Pairs]:
    if not pairs:
        return roots, updates
    nodes = _core.substitute(roots + [value for _, value in updates], pairs)
    values = nodes[len(roots) :]
    return nodes[: len(roots)], [(target, value) for (target, _), value in zip(updates, values, strict=True)]


def _states(
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
    roots, pairs = _substitute(roots, pairs, cells)
    return states, roots, pairs


def _check_leaves(title: str, entries: list[In], roots: list[Node], pairs: Pairs, unused: str) -> None:
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


def _mode(title: str, mode: Any) -> str:
    chosen = config.mode if mode is None else mode
    if isinstance(chosen, str) and chosen not in MODES:
        raise ValueError(complaint(title, f"a mode of {', '.join(MODES)}", repr(mode)))
    return chosen if isinstance(chosen, str) else "FAST_RUN"


# ---- what compiled functions offer beside calls. The methods are put on the engine's type: calls stay in C.
class _Methods:
    _spec: Spec
    name: str

    def copy(
        self,
        share_memory: bool = False,
        swap: Mapping[SharedVariable, SharedVariable] | None = None,
        delete_updates: bool = False,
        name: str | None = None,
        profile: Any = None,
    ) -> Any:
        """A function of the same expressions.

        Parameters
        ----------
        share_memory, profile
            Accepted as in Theano.
        swap : dict of SharedVariable to SharedVariable, optional
            Shared variables to use in the place of others, of the same type.
        delete_updates : bool
            Whether the copy has no updates.
        name : str, optional
        """
        spec = self._spec
        title = name or spec.name
        pairs: Pairs = []
        for old, new in (swap or {}).items():
            if not isinstance(old, SharedVariable) or not isinstance(new, SharedVariable):
                raise TypeError(complaint(title, "pairs of shared variables to swap", f"{old!r}: {new!r}"))
            if (old.dtype, old.ndim) != (new.dtype, new.ndim):
                raise TypeError(complaint(title, f"a variable of type {old.type}", describe(new)))
            pairs.append((old._node, new._node))
        updates = [] if delete_updates else spec.updates
        outputs, updates = _substitute(spec.outputs, updates, pairs)
        replaced = dict(pairs)
        updates = [(replaced.get(target, target), value) for target, value in updates]
        return build(replace(spec, outputs=outputs, updates=updates, name=title))

    def compile_report(self) -> Report:
        """What was built, in how many milliseconds; printing it shows a table."""
        return make_report(self.name, _core.compile_report(self))  # type: ignore[arg-type]

    def get_shared(self) -> list[SharedVariable]:
        """The shared variables that the function reads or updates."""
        spec = self._spec
        nodes = _core.leaves(spec.outputs + [value for _, value in spec.updates])
        found = {
            node: None for node in [*nodes, *(target for target, _ in spec.updates)] if _core.is_shared(node)
        }
        return [wrap(node) for node in found]  # type: ignore[misc]

    def free(self) -> None:
        """Gives memory that is kept for later calls back to the system."""
        _core.release_memory()

    def __getitem__(self, key: str | Variable) -> Any:
        """The current value of an input that is a state (`In` with an update)."""
        for entry, cell in self._spec.states:
            if key == entry.name or (isinstance(key, Variable) and key == entry.variable):
                return cell.get_value()
        raise KeyError(complaint(self.name, "an input with an update", str(key)))

    def __setitem__(self, key: str | Variable, value: Any) -> None:
        """Sets an input that is a state."""
        for entry, cell in self._spec.states:
            if key == entry.name or (isinstance(key, Variable) and key == entry.variable):
                cell.set_value(value)
                return
        raise KeyError(complaint(self.name, "an input with an update", str(key)))

    def __repr__(self) -> str:
        names = ", ".join(entry.name or "?" for entry in self._spec.inputs)
        return f"<croton function {self.name}({names})>"


for _name, _method in vars(_Methods).items():
    if _name in ("__getitem__", "__setitem__", "__repr__") or not _name.startswith("_"):
        setattr(_core.CompiledFunction, _name, _method)
        if _name not in ("compile_report", "free"):
            setattr(ReferenceFunction, _name, _method)


def evaluate(x: Variable, values: Mapping[Any, Any]) -> Any:
    """The value of `x` where its inputs have the given values (by variable or by name)."""
    if not isinstance(values, Mapping):
        raise TypeError(complaint("eval", "a dict of variable: value", repr(values)))
    leaves = {node._leaf_name: node for node in _core.leaves([x._node]) if node._op == "input"}
    given = [wrap(leaves[key]) if isinstance(key, str) and key in leaves else key for key in values]
    cache: dict[Any, Any] = x.__dict__.setdefault("_functions", {})
    key = tuple(given)
    if key not in cache:
        cache[key] = function(given, x, on_unused_input="ignore", name="eval", allow_input_downcast=True)
    return cache[key](*values.values())

"""croton.function: from expressions to a callable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from croton import _core
from croton.arguments import Binder, Converter, In, converter_for
from croton.config import config
from croton.errors import complaint, user_source
from croton.memory_report import MemoryReport, make_memory_report
from croton.modes import get_mode
from croton.profile import Profiler
from croton.reference import ReferenceFunction
from croton.report import Report, make_report
from croton.shared import SharedVariable
from croton.spec import (
    Pairs,
    Spec,
    add_default_updates,
    check_inputs,
    check_leaves,
    make_states,
    read_givens,
    read_input,
    read_outputs,
    read_updates,
    substitute,
    without_missing_sizes,
)
from croton.tensor.expression import describe, wrap
from croton.tensor.variable import Variable
from croton.verify import verify

Function = _core.CompiledFunction

# What makes functions of variables that are no arrays: whether there are such, and the function of them.
_kinds: list[tuple[Callable[..., bool], Callable[..., Any]]] = []


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
    mode : Mode or str, optional
        "FAST_RUN" and "FAST_COMPILE" are the same here; "reference" runs a slow, plain interpreter;
        "NanGuardMode" raises for NaN, infinities and huge values anywhere; "DebugMode" compares every value
        with the interpreter's. By default `config.mode`.
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
    profile : optional
        True measures each launch of each call, for `f.profile()` and `f.profile.summary()`. A function
        without it loses no time. By default `config.profile`.
    accept_inplace : optional
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
    for is_of_kind, make in _kinds:
        if not is_of_kind(inputs, outputs, updates, givens):
            continue
        options = {
            "mode": mode,
            "updates": updates,
            "givens": givens,
            "no_default_updates": no_default_updates,
            "name": title,
            "rebuild_strict": rebuild_strict,
            "allow_input_downcast": allow_input_downcast,
            "profile": profile,
            "on_unused_input": on_unused_input,
        }
        return make(inputs, outputs, options)
    if not isinstance(inputs, list | tuple):
        raise TypeError(complaint(title, "a list of inputs", describe(inputs), "put it into [ ]"))
    entries = [entry if isinstance(entry, In) else In(read_input(title, entry)) for entry in inputs]
    check_inputs(title, entries)
    roots, results = read_outputs(title, outputs)
    pairs = read_updates(title, updates)
    add_default_updates(roots, pairs, no_default_updates)
    roots, pairs = substitute(roots, pairs, read_givens(title, givens, rebuild_strict))
    states, roots, pairs = make_states(title, entries, roots, pairs)
    stateful = {id(entry) for entry, _ in states}
    entries = [entry for entry in entries if id(entry) not in stateful]
    roots, pairs = without_missing_sizes(entries, roots, pairs)
    check_leaves(title, entries, roots, pairs, on_unused_input or config.on_unused_input)
    spec = Spec(entries, roots, results, pairs, title, allow_input_downcast, get_mode(mode, title), states)
    return build(replace(spec, profile=bool(config.profile if profile is None else profile)))


def build(spec: Spec) -> Any:
    """The compiled function of a specification."""
    converters = [
        converter_for(spec.name, k, entry, spec.allow_downcast) for k, entry in enumerate(spec.inputs)
    ]
    binder: Any = Binder(spec.name, spec.inputs)
    if spec.states:
        binder = StateBinder(spec, binder)
    return spec.mode.make(spec, converters, binder)


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


# ---- what compiled functions offer beside calls. The methods are put on the engine's type: calls stay in C.
class _Methods:
    _spec: Spec
    _converters: list[Converter]
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
        share_memory
            Accepted as in Theano.
        profile : optional
            As for `function`; by default as in this function.
        swap : dict of SharedVariable to SharedVariable, optional
            Shared variables to use in the place of others, of the same type.
        delete_updates : bool
            Whether the copy has no updates.
        name : str, optional

        Raises
        ------
        TypeError
            If `swap` has anything but pairs of shared variables of one dtype and rank.
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
        outputs, updates = substitute(spec.outputs, updates, pairs)
        replaced = dict(pairs)
        updates = [(replaced.get(target, target), value) for target, value in updates]
        measured = spec.profile if profile is None else bool(profile)
        return build(replace(spec, outputs=outputs, updates=updates, name=title, profile=measured))

    def compile_report(self) -> Report:
        """What was built, in how many milliseconds; printing it shows a table."""
        return make_report(self.name, _core.compile_report(self))  # type: ignore[arg-type]

    def memory_report(self) -> MemoryReport:
        """What the latest call kept in memory and what it copied, with reasons; printing it shows tables.

        Raises
        ------
        ValueError
            Before the first call: only the shapes of arguments decide the sizes.

        Examples
        --------
        >>> import croton as ct, croton.tensor as T
        >>> x = T.dmatrix("x")
        >>> f = ct.function([x], x[:, ::2].reshape((-1,)))
        >>> f([[1.0, 2.0, 3.0, 4.0]])
        array([1., 3.])
        >>> report = f.memory_report()
        >>> [(result.shape, result.bytes) for result in report.results]
        [((2,), 16)]
        >>> [copy.reason for copy in report.argument_copies]
        ['made from list']
        """
        data = _core.memory_report(self)  # type: ignore[arg-type]
        return make_memory_report(self.name, data, self._spec, self._converters)

    @property
    def profile(self) -> Profiler:
        """Of a function compiled with `profile=True`: where the time of its calls went.

        `f.profile()` is an object with fields, `f.profile.summary()` prints it, and `f.profile.reset()`
        starts anew.

        Examples
        --------
        >>> import croton as ct, croton.tensor as T
        >>> x = T.dvector("x")
        >>> f = ct.function([x], T.exp(x).sum(), profile=True)
        >>> for _ in range(3):
        ...     value = f([1.0, 2.0])
        >>> profile = f.profile()
        >>> profile.calls
        3
        >>> [[op.name for op in launch.ops] for launch in profile.launches]
        [['exp', 'sum']]
        """
        return Profiler(self)

    def verify(self, *args: Any, rtol: float | None = None, **kwargs: Any) -> None:
        """Runs the function and the reference interpreter on these arguments and compares all results.

        Shared variables keep their values.

        Parameters
        ----------
        rtol : float, optional
            Largest difference, relative to the largest element; by dtype if not given. Integers and bool
            must be equal.

        Raises
        ------
        AssertionError
            Naming the first output, or update, and the element that differs.
        """
        verify(self._spec, args, kwargs, rtol)

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


# What says nothing about functions in mode "reference".
ENGINE_ONLY = ("compile_report", "free", "memory_report", "profile")

for _name, _method in vars(_Methods).items():
    if _name in ("__getitem__", "__setitem__", "__repr__") or not _name.startswith("_"):
        setattr(_core.CompiledFunction, _name, _method)
        if _name not in ENGINE_ONLY:
            setattr(ReferenceFunction, _name, _method)


def evaluate(x: Variable, values: Mapping[Any, Any]) -> Any:
    """The value of `x` where its inputs have the given values (by variable or by name).

    Parameters
    ----------
    x : Variable
    values : dict
        Keys are variables, or names of inputs.

    Returns
    -------
    array, or in the form of other functions' results
        The function is kept, for the next call with these keys.

    Raises
    ------
    TypeError
        If `values` is no dict.
    """
    if not isinstance(values, Mapping):
        raise TypeError(complaint("eval", "a dict of variable: value", repr(values)))
    leaves = {node._leaf_name: node for node in _core.leaves([x._node]) if node._op == "input"}
    given = [wrap(leaves[key]) if isinstance(key, str) and key in leaves else key for key in values]
    cache: dict[Any, Any] = x.__dict__.setdefault("_functions", {})
    key = tuple(given)
    if key not in cache:
        cache[key] = function(given, x, on_unused_input="ignore", name="eval", allow_input_downcast=True)
    return cache[key](*values.values())

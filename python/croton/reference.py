"""Functions in mode "reference": node by node with plain loops, to check the compiled ones against."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from croton import _core

if TYPE_CHECKING:
    from croton.arguments import Converter
    from croton.spec import Spec

Array: TypeAlias = np.ndarray[Any, Any]
Node: TypeAlias = _core.Variable
Leaves: TypeAlias = list[tuple[Node, Array]]


class ReferenceFunction:
    """Called like a compiled function; slow."""

    def __init__(self, spec: Spec, converters: list[Converter], binder: Any) -> None:
        self._spec = spec
        self._converters = converters
        self._binder = binder
        self._lock = threading.Lock()
        self.name = spec.name
        self.trust_input = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        spec = self._spec
        values = self._binder(args, kwargs)
        leaves = [entry.variable._node for entry in spec.inputs]
        arrays = [convert(value) for convert, value in zip(self._converters, values, strict=True)]
        with self._lock:
            nodes = spec.outputs + [value for _, value in spec.updates]
            results = self._compute(nodes, list(zip(leaves, arrays, strict=True)))
            outputs, news = results[: len(spec.outputs)], results[len(spec.outputs) :]
            for (target, _), new in zip(spec.updates, news, strict=True):
                _core.set_value(target, new)
        if spec.results is True:
            return outputs[0]
        if isinstance(spec.results, tuple):
            return dict(zip(spec.results, outputs, strict=True))
        return None if spec.results is None else outputs

    def _compute(self, nodes: list[Node], leaves: Leaves) -> list[Array]:
        """The values of `nodes` for these of the inputs."""
        return _core.interpret(nodes, leaves)

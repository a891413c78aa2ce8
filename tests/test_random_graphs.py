"""Random graphs: compiled, they give what NumPy gives node by node; gradients, what small steps give."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import Graph, graphs

import croton as ct
import croton.tensor as T


def check(graph: Graph, number: int, got: np.ndarray, largest: float) -> None:
    entry = graph.entries[number]
    want, label = entry.value, f"v{number} of\n{graph}"
    assert got.dtype == want.dtype, f"{label}: {got.dtype}, required {want.dtype}"
    assert got.shape == want.shape, f"{label}: {got.shape}, required {want.shape}"
    if entry.exact or got.dtype.kind != "f":
        np.testing.assert_array_equal(got, want, err_msg=label)
        return
    tolerance = 1e-3 if entry.low else 1e-9
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * largest, err_msg=label)


def run(graph: Graph, outputs: list[int], **options) -> None:
    entries = graph.entries
    inputs = [entries[k].expression for k in graph.inputs]
    arguments = [entries[k].value for k in graph.inputs]
    f = ct.function(inputs, [entries[k].expression for k in outputs], on_unused_input="ignore", **options)
    largest = max([1.0] + [float(np.abs(entry.value).max(initial=0)) for entry in entries])
    for _ in range(2):
        for number, got in zip(outputs, f(*arguments), strict=True):
            check(graph, number, got, largest)


def some_outputs(graph: Graph, data: st.DataObject) -> list[int]:
    """The last node and up to three others."""
    last = len(graph.entries) - 1
    return [last, *data.draw(st.lists(st.integers(0, last), max_size=3))]


@given(graphs(), st.data())
def test_compiled_is_as_numpy(graph, data):
    run(graph, some_outputs(graph, data))


@settings(max_examples=max(30, settings.default.max_examples // 5))
@given(graphs(largest=12), st.data())
def test_reference_is_as_numpy(graph, data):
    run(graph, some_outputs(graph, data), mode="reference")


@given(graphs(smooth=True, largest=15), st.data())
def test_gradient_is_as_complex_step(graph, data):
    """The derivative along a random direction, from one evaluation of NumPy with an imaginary step."""
    entries = graph.entries
    rng = np.random.default_rng(data.draw(st.integers(0, 100)))
    outputs = some_outputs(graph, data)
    weights = [rng.standard_normal(entries[k].value.shape) for k in outputs]
    inputs = [entries[k].expression for k in graph.inputs]
    arguments = [entries[k].value for k in graph.inputs]
    cost = sum(T.sum(entries[k].expression * w) for k, w in zip(outputs, weights, strict=True))
    gradients = ct.grad(cost, inputs, disconnected_inputs="ignore")
    results = ct.function(inputs, gradients, on_unused_input="ignore")(*arguments)
    directions = [rng.standard_normal(x.shape) for x in arguments]
    step = 1e-30
    with np.errstate(all="ignore"):
        moved = graph.evaluate([x + 1j * step * d for x, d in zip(arguments, directions, strict=True)])
    want = sum((moved[k].imag * w).sum() / step for k, w in zip(outputs, weights, strict=True))
    for x, g in zip(arguments, results, strict=True):
        assert g.shape == x.shape, f"{g.shape}, required {x.shape} in\n{graph}"
    got = sum((g * d).sum() for g, d in zip(results, directions, strict=True))
    scale = 1 + sum(np.abs(g * d).sum() for g, d in zip(results, directions, strict=True))
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-9 * scale, err_msg=str(graph))

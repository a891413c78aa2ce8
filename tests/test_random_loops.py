"""Random loops: compiled, they give what a loop in NumPy gives; gradients, what small steps give."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_loops import RandomLoop, loops, numeric, symbolic

import croton as ct
import croton.tensor as T

FEW = settings(max_examples=max(30, settings.default.max_examples // 6))


def arguments_for(loop: RandomLoop, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) * 0.7 for shape in loop.shapes()]


def inputs_for(loop: RandomLoop, known: bool) -> list:
    shapes = [shape if known else (None,) * len(shape) for shape in loop.shapes()]
    return [T.tensor("float64", shape=shape) for shape in shapes]


@FEW
@given(loops(), st.booleans(), st.integers(0, 100))
def test_values_are_as_numpy(loop, known, seed):
    arguments, inputs = arguments_for(loop, seed), inputs_for(loop, known)
    outputs = symbolic(loop, ct.scan, inputs)
    wanted = numeric(loop, np, arguments)
    for mode in (None, "reference"):
        f = ct.function(inputs, outputs, mode=mode, on_unused_input="ignore")
        for got, want in zip(f(*arguments), wanted, strict=True):
            assert got.shape == want.shape, f"{got.shape}, required {want.shape} in\n{loop}"
            np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, err_msg=str(loop))


@FEW
@given(loops(), st.data())
def test_gradients_are_as_complex_step(loop, data):
    """The derivative along a random direction, from one run of NumPy's loop with an imaginary step."""
    seed = data.draw(st.integers(0, 100))
    rng = np.random.default_rng(seed)
    arguments, inputs = arguments_for(loop, seed), inputs_for(loop, data.draw(st.booleans()))
    plain = numeric(loop, np, arguments)
    read = data.draw(st.lists(st.integers(0, len(plain) - 1), min_size=1, max_size=3, unique=True))
    weights = {k: rng.standard_normal(plain[k].shape) for k in read}
    expressions = symbolic(loop, ct.scan, inputs)
    cost = sum(T.sum(expressions[k] * weights[k]) for k in read)
    slopes = ct.function(
        inputs, ct.grad(cost, inputs, disconnected_inputs="ignore"), on_unused_input="ignore"
    )
    directions = [rng.standard_normal(x.shape) for x in arguments]
    moved = [x + 1e-30j * d for x, d in zip(arguments, directions, strict=True)]
    want = sum((numeric(loop, np, moved)[k].imag * weights[k]).sum() / 1e-30 for k in read)
    got = [g * d for g, d in zip(slopes(*arguments), directions, strict=True)]
    scale = 1 + sum(np.abs(x).sum() for x in got)
    np.testing.assert_allclose(
        sum(x.sum() for x in got), want, rtol=1e-8, atol=1e-9 * scale, err_msg=str(loop)
    )

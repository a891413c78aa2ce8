"""Graphs of thousands of nodes compile and are right; deep ones overflow no stack."""

import gc
import subprocess
import sys
import textwrap

import numpy as np

import croton as ct
import croton.tensor as T

DEPTH = 30_000


def test_unrolled_network():
    """A recurrent network of 150 steps, some 3,000 nodes with its gradient, against NumPy's loop."""
    steps, size = 150, 6
    rng = np.random.default_rng(0)
    x, h0 = T.dtensor3("x"), T.dmatrix("h0")
    values = [0.5 * rng.standard_normal(shape) for shape in ((4, size), (size, size), (size,))]
    wx, wh, b = (ct.shared(value) for value in values)
    h = h0
    for k in range(steps):
        gate = T.nnet.sigmoid(T.dot(x[k], wx) - h)
        h = gate * T.tanh(T.dot(h, wh) + b) + (1 - gate) * h
    cost = T.sum(h**2)
    f = ct.function([x, h0], [cost, *ct.grad(cost, [wx, wh, b, h0])])
    data, start = rng.standard_normal((steps, 3, 4)), rng.standard_normal((3, size))

    def loop(wx, wh, b, h):
        for row in data:
            gate = 1 / (1 + np.exp(h - row @ wx))
            h = gate * np.tanh(h @ wh + b) + (1 - gate) * h
        return (h**2).sum()

    got, *gradients = f(data, start)
    np.testing.assert_allclose(got, loop(*values, start), rtol=1e-11)
    arguments = [*values, start]
    directions = [rng.standard_normal(value.shape) for value in arguments]
    moved = [x + 1e-30j * d for x, d in zip(arguments, directions, strict=True)]
    want = loop(*moved).imag / 1e-30
    along = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True))
    np.testing.assert_allclose(along, want, rtol=1e-9)


def test_wide_graph():
    """1,000 independent outputs, and a sum over 1,000 terms."""
    x = T.dvector("x")
    terms = [T.sin(x + k) for k in range(1000)]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    results = ct.function([x], [*terms, total])(np.arange(3.0))
    want = np.sin(np.arange(3.0) + np.arange(1000)[:, None])
    np.testing.assert_allclose(results[:-1], want, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(results[-1], want.sum(axis=0), rtol=1e-10)


def test_many_inputs_and_updates():
    xs = [T.dscalar(f"x{k}") for k in range(300)]
    states = [ct.shared(np.zeros(4)) for _ in range(300)]
    f = ct.function(
        xs, sum(xs), updates=[(s, s + k * x) for k, (s, x) in enumerate(zip(states, xs, strict=True))]
    )
    assert f(*range(300)) == sum(range(300))
    for k, s in enumerate(states):
        np.testing.assert_array_equal(s.get_value(), np.full(4, float(k * k)))


def test_shared_parts_are_not_computed_twice():
    """Each step uses the one before twice: without sharing, 2**60 terms."""
    x = T.dvector("x")
    y = x
    for _ in range(60):
        y = y * 0.5 + T.sin(y) * 0.5
    f = ct.function([x], [y, ct.grad(T.sum(y), x)])
    want = np.array([0.3, -1.0])
    slope = np.ones(2)
    for _ in range(60):
        slope = slope * (0.5 + 0.5 * np.cos(want))
        want = want * 0.5 + np.sin(want) * 0.5
    value, gradient = f(np.array([0.3, -1.0]))
    np.testing.assert_allclose(value, want, rtol=1e-13)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12)


def in_new_process(code: str, seconds: float = 120) -> None:
    """A stack that overflows takes the process with it, so that each of these has its own."""
    header = "import numpy as np, croton as ct, croton.tensor as T\nx = T.dvector('x')\n"
    done = subprocess.run(
        [sys.executable, "-c", header + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr[-2000:]}"


def test_deep_chain_is_made_printed_and_deleted():
    in_new_process(f"""
        y = x
        for k in range({DEPTH}):
            y = T.sin(y) if k % 2 else y + 0.25
        assert len(str(y)) < 10_000
        assert len(ct.pp(y)) > 1000
        assert ct.debugprint(y, file="str").count("\\n") > {DEPTH} // 2
        z = ct.clone(y, {{x: x * 2}})
        g = ct.grad(T.sum(z), x)
        del y, z, g
        import gc
        gc.collect()
    """)


def test_deep_chain_is_compiled():
    in_new_process(f"""
        y, want = x, np.array([0.5, 2.0])
        for k in range({DEPTH} // 3):
            y = y * 0.999 + 0.25 if k % 2 else T.maximum(y, -1.0) - 0.125
            want = want * 0.999 + 0.25 if k % 2 else np.maximum(want, -1.0) - 0.125
        np.testing.assert_allclose(ct.function([x], y)([0.5, 2.0]), want, rtol=1e-9)
    """)


def test_deep_gradient_is_compiled():
    in_new_process(f"""
        y, slope, value = x, 1.0, np.array([0.5, 2.0])
        for k in range({DEPTH} // 10):
            y = y + 0.001 * y * y
            slope, value = slope * (1 + 0.002 * value), value + 0.001 * value * value
            if k % 50 == 0:
                y, slope, value = y * 0.9, slope * 0.9, value * 0.9
        f = ct.function([x], ct.grad(T.sum(y), x))
        np.testing.assert_allclose(f([0.5, 2.0]), slope, rtol=1e-9)
    """)


def test_deep_chain_of_reductions_is_compiled():
    """Reductions end a fused loop: as many loops as steps."""
    in_new_process("""
        y, want = x, np.array([0.5, 2.0])
        for k in range(1000):
            y, want = y - T.sum(y) * 0.01, want - want.sum() * 0.01
        np.testing.assert_allclose(ct.function([x], y)([0.5, 2.0]), want, rtol=1e-9)
    """)


def test_expressions_are_freed():
    """Graphs that nobody holds any longer leave no nodes behind."""
    resource = __import__("resource")
    x = T.dvector("x")

    def make(count):
        y = x
        for k in range(count):
            y = T.sin(y) + float(k)
        return y

    make(10_000)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(10):
        make(10_000)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 10_000, f"{grown} KB more after making and dropping the same graph 10 times"

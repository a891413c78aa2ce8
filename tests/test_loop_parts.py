"""What leaves a loop: products of rows before it, products of what it stores after it, blocks of steps."""

import re

import numpy as np
import pytest
from checks import numeric_gradients, variables

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(8)
STEPS, BATCH, WIDTH = 5, 2, 3
X = RNG.normal(size=(STEPS, BATCH, 4))
H = RNG.normal(size=(BATCH, WIDTH))
V = RNG.normal(size=(4, WIDTH)) * 0.6
W = RNG.normal(size=(WIDTH, WIDTH)) * 0.6


def only(result):
    outputs, updates = result
    assert not updates
    return outputs


def rnn(x, h, v, w, **options):
    return only(ct.scan(lambda r, s: T.tanh(T.dot(r, v) + T.dot(s, w)), x, h, **options))


def gated(x, h, v, w):
    def step(r, s):
        z = T.nnet.sigmoid(T.dot(r, v) + T.dot(s, w))
        return (1 - z) * s + z * T.tanh(T.dot(r, v) + T.dot(z * s, w.T))

    return only(ct.scan(step, x, h))


def with_output(x, h, v, w):
    def step(r, s):
        s = T.tanh(T.dot(r, v) + T.dot(s, w))
        return s, T.nnet.softmax(T.dot(s, w))

    states, outputs = only(ct.scan(step, x, [h, None]))
    return T.concatenate([states, outputs])


def feed_forward(x, h, v, w):
    return only(ct.map(lambda r: T.tanh(T.dot(T.tanh(T.dot(r, v)), w)) + h, x))


def wide_products(x, h, v, w):
    """Of an array of three axes in each step."""
    return only(
        ct.scan(lambda r, s: T.tanh(s + T.dot(T.stack([r, r * s[:, :1]]), v).sum(axis=0) + T.dot(s, w)), x, h)
    )


def sums(x, h, v, w):
    """Sums over steps that nothing else reads."""

    def step(r, s, products, bias, total):
        s = T.tanh(T.dot(r, v) + T.dot(s, w))
        return s, products + T.dot(s.T, r), bias + s.sum(axis=0), total + r

    zeros = [T.zeros((WIDTH, 4)), T.zeros(WIDTH), T.zeros((BATCH, 4))]
    _, products, bias, total = only(ct.scan(step, x, [h, *zeros]))
    return T.concatenate([products[-1].flatten(), bias[-1], total[-1].flatten()])


def nested(x, h, v, w):
    def outer(r, s):
        inner = only(ct.scan(lambda a, u: T.tanh(T.dot(a, v) + T.dot(u, w)), T.stack([r, 0.5 * r]), s))
        return inner[-1]

    return only(ct.scan(outer, x, h))


# name: (outputs, products around the loop and in it, the same of the gradient's function)
PARTS = {
    "rnn": (rnn, [1, 1], [4, 1, 1]),
    "gated": (gated, [1, 2], None),
    "with_output": (with_output, [2, 1], None),
    "feed_forward": (feed_forward, [2], [6]),
    "wide_products": (wide_products, None, None),
    "sums": (sums, [2, 1], None),
    "nested": (nested, None, None),
}
ARRAYS = X, H, V, W


def weighted(y):
    return (T.cos(T.arange(y.size)).reshape(y.shape) * y).sum()


@pytest.fixture
def products(monkeypatch, capfd):
    """How many products a function has around its loops, and in each of these."""

    def count(inputs, outputs):
        capfd.readouterr()
        with monkeypatch.context() as patch:
            patch.setenv("CROTON_PRINT_PASSES", "1")
            ct.function(inputs, outputs)
        parts = re.split(r"^---- (\w+): .*\n", capfd.readouterr().err, flags=re.M)
        last = [text for name, text in zip(parts[1::2], parts[2::2], strict=True) if name == "simplify"]
        return [len(re.findall(r" = matmul ", text)) for text in last]

    return count


@pytest.mark.parametrize("name", [name for name, case in PARTS.items() if case[1]])
def test_products_leave_the_loop(name, products):
    build, outside, gradient = PARTS[name]
    inputs = variables(*ARRAYS)
    outputs = build(*inputs)
    assert products(inputs, outputs) == outside
    if gradient:
        assert products(inputs, ct.grad(weighted(outputs), inputs)) == gradient


@pytest.mark.parametrize("steps", [STEPS, 1, 0])
@pytest.mark.parametrize("name", PARTS)
def test_values_and_gradients(name, steps):
    build = PARTS[name][0]
    if name == "sums" and not steps:
        pytest.skip("of no steps there are no last ones")
    inputs, arrays = variables(*ARRAYS), (X[:steps], *ARRAYS[1:])
    outputs = build(*inputs)
    slopes = ct.grad(weighted(outputs), inputs)
    got = ct.function(inputs, [outputs, *slopes])(*arrays)
    plain = ct.function(inputs, [outputs, *slopes], mode="reference")(*arrays)
    for a, b in zip(got, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    wanted = numeric_gradients(ct.function(inputs, weighted(outputs)), list(arrays))
    for a, b in zip(got[1:], wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ["rnn", "with_output", "nested"])
def test_second_derivatives(name):
    inputs = variables(*ARRAYS)
    first = weighted(T.concatenate([g.flatten() for g in ct.grad(weighted(PARTS[name][0](*inputs)), inputs)]))
    got = ct.function(inputs, ct.grad(first, inputs))(*ARRAYS)
    wanted = numeric_gradients(ct.function(inputs, first), list(ARRAYS))
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_rows_of_ones_broadcast():
    """Sizes of 1 that only the call knows."""
    x, h, v, w = variables(*ARRAYS)
    outputs = rnn(x, h, v, w)
    f = ct.function([x, h, v, w], [outputs, *ct.grad(weighted(outputs), [x, h, v, w])])
    g = ct.function([x, h, v, w], [outputs, *ct.grad(weighted(outputs), [x, h, v, w])], mode="reference")
    for shapes in ([(3, 1, 1), (1, 1), (1, 1), (1, 1)], [(3, 1, 2), (1, 4), (2, 4), (4, 4)]):
        arrays = [RNG.normal(size=shape) for shape in shapes]
        for a, b in zip(f(*arrays), g(*arrays), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_a_state_that_grows_is_an_error_outside_of_the_loop_too():
    x, total = T.dtensor3("x"), T.dmatrix("total")
    sums = only(ct.foldl(lambda r, s: s + T.dot(r.T, r), x, total))
    f = ct.function([x, total], sums)
    np.testing.assert_allclose(f(X, np.zeros((4, 4))), np.einsum("tbi,tbj->ij", X, X))
    with pytest.raises(ValueError, match="given"):
        f(X, np.zeros((1, 4)))


def test_loops_that_may_end_early_keep_their_products(products):
    x, h, v, w = variables(*ARRAYS)

    def step(r, s):
        s = T.tanh(T.dot(r, v) + T.dot(s, w))
        return s, ct.scan_module.until(s.sum() > 1e9)

    last = only(ct.scan(step, x, h))[-1]
    assert products([x, h, v, w], last) == [0, 2]
    np.testing.assert_allclose(
        ct.function([x, h, v, w], last)(*ARRAYS), ct.function([x, h, v, w], rnn(x, h, v, w)[-1])(*ARRAYS)
    )


# ---- blocks of steps


@pytest.mark.parametrize("read", ["all", "last"])
@pytest.mark.parametrize("block", [1, 2, np.int64(3), 4, 9, True])
def test_checkpoints(block, read):
    inputs = variables(*ARRAYS)
    for steps in (1, 2, 4, 5) if read == "last" else (0, 1, 2, 4, 5):
        found = []
        for checkpoint in (None, block):
            outputs = rnn(*inputs, checkpoint=checkpoint)
            outputs = outputs[-1] if read == "last" else outputs
            found.append([outputs, *ct.grad(weighted(outputs), inputs)])
        arrays = (X[:steps], *ARRAYS[1:])
        plain = ct.function(inputs, found[0])(*arrays)
        for mode in (None, "reference"):
            for a, b in zip(ct.function(inputs, found[1], mode=mode)(*arrays), plain, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("block", [None, 2, 9])
def test_gradients_by_fixed_values_of_which_steps_take_a_part(block):
    """Rules find a slice of c in the step, which depends on nothing else."""
    arrays = [RNG.normal(size=shape) * 0.4 for shape in ((STEPS, 2, 3), (2, 3), (2, 3))]
    r, s, c = (T.tensor("float64", shape=x.shape) for x in arrays)

    def step(r, s, c):
        return T.tanh(T.concatenate([s, c], axis=0)[:, 1:]).sum() * s + r

    cost = weighted(only(ct.scan(step, r, s, c, checkpoint=block)))
    got = ct.function([r, s, c], ct.grad(cost, [r, s, c]))(*arrays)
    for a, b in zip(got, numeric_gradients(ct.function([r, s, c], cost), arrays), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_second_derivatives_of_checkpoints():
    inputs = variables(*ARRAYS)
    outputs = rnn(*inputs, checkpoint=2)
    first = weighted(T.concatenate([g.flatten() for g in ct.grad(weighted(outputs), inputs)]))
    got = ct.function(inputs, ct.grad(first, inputs))(*ARRAYS)
    for a, b in zip(got, numeric_gradients(ct.function(inputs, first), list(ARRAYS)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_products_with_the_hessian_through_checkpoints():
    inputs = variables(*ARRAYS)
    products = []
    for checkpoint in (None, 2):
        cost = weighted(rnn(*inputs, checkpoint=checkpoint))
        slope = ct.grad(cost, inputs[3])
        products.append(ct.function(inputs, ct.Rop(slope, inputs[3], T.cos(inputs[3])))(*ARRAYS))
    np.testing.assert_allclose(products[1], products[0], rtol=1e-10)


def test_checkpoints_of_a_loop_that_ends_early():
    a = T.dscalar("a")

    def slopes(checkpoint):
        outputs = only(
            ct.scan(
                lambda x: (x * a, ct.scan_module.until(x * a > 50)),
                outputs_info=a,
                n_steps=99,
                checkpoint=checkpoint,
            )
        )
        return ct.function([a], [ct.grad(outputs[-1], a), ct.grad(outputs.sum(), a)])(1.7)

    np.testing.assert_allclose(slopes(3), slopes(None))


def test_budgets_of_checkpoints():
    """The smaller the budget, the fewer states are stored; never fewer than with blocks of sqrt(steps)."""
    n, h, w = T.iscalar("n"), T.fmatrix("h"), T.fmatrix("w")
    used, found = [], []
    for checkpoint in ("1 GB", "40.5 kB", "10000B", "1 kB", "1B", True):
        states = only(
            ct.scan(lambda s: T.tanh(T.dot(s, w)), outputs_info=h, n_steps=n, checkpoint=checkpoint)
        )
        f = ct.function([h, w, n], ct.grad(states[-1].sum(), w))
        found.append(
            f(0.1 * np.arange(64, dtype="float32").reshape(4, 16), np.eye(16, dtype="float32"), 1000)
        )
        used.append(f.memory_report().arena_bytes)
    assert used == sorted(used, reverse=True)
    assert used[0] > 3 * used[1]
    assert used[1] > 1.5 * used[2]
    assert used[-1] == used[-2]
    for slope in found:
        np.testing.assert_allclose(slope, found[0], rtol=1e-5)


def test_checkpoints_store_little():
    n, h, w = T.iscalar("n"), T.dmatrix("h"), T.dmatrix("w")
    used = []
    for checkpoint in (None, True):
        last = only(ct.scan(lambda s: T.tanh(T.dot(s, w)), outputs_info=h, n_steps=n, checkpoint=checkpoint))[
            -1
        ]
        f = ct.function([h, w, n], ct.grad(last.sum(), w))
        f(np.ones((4, 16)), np.eye(16), 1000)
        used.append(f.memory_report().arena_bytes)
    assert used[1] < 0.15 * used[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoint": 0}, "checkpoint as an integer of 1 or more, given 0"),
        ({"checkpoint": "0 MB"}, "checkpoint as a budget like '64 MB', given '0 MB'"),
        ({"checkpoint": "64 mb"}, "checkpoint as a budget like '64 MB', given '64 mb'"),
        ({"checkpoint": 2.5}, "checkpoint as an integer of 1 or more, given 2.5"),
        ({"checkpoint": 3, "truncate_gradient": 2}, "checkpoint without truncate_gradient"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        rnn(*variables(*ARRAYS), **options)


def test_parts_of_arrays_are_read_where_they_lie():
    """Neighbouring rows, a row and reshaped blocks of a sequence need no copies."""
    x, n = T.tensor3("x", dtype="float64"), T.lscalar("n")

    def step(row, before, fixed):
        return T.tanh(row + before * fixed)

    states, _ = ct.scan(step, x[n : n + 6, 1], x[n, 0], x[2, 1])
    flat, _ = ct.scan(lambda row, s: s + row.sum(), x[1:].reshape((-1, 2, x.shape[2])), T.constant(0.0))
    f = ct.function([x, n], [states, flat, ct.grad(states.sum() + flat.sum(), x)])
    values = RNG.normal(size=(9, 2, 3))
    for start in (0, 2, 3):
        before, want = values[start, 0], []
        for row in values[start : start + 6, 1]:
            before = np.tanh(row + before * values[2, 1])
            want.append(before)
        got = f(values, start)
        np.testing.assert_allclose(got[0], want, rtol=1e-13)
        np.testing.assert_allclose(got[1], values[1:].sum((1, 2)).cumsum(), rtol=1e-13)
        cost = ct.function([x, n], states.sum() + flat.sum())
        np.testing.assert_allclose(
            got[2], numeric_gradients(lambda v, k=start, c=cost: c(v, k), [values])[0], rtol=1e-6, atol=1e-7
        )
    rows, _ = ct.scan(step, x[n : n + 6].reshape((6, 6)), x[n].flatten(), x[2].flatten())
    g = ct.function([x, n], rows)
    g(values, 1)
    assert not g.memory_report().copies
    assert g(values, 0).shape == g(values, 3).shape == (6, 6)
    np.testing.assert_allclose(
        g(values, 3), ct.function([x, n], rows, mode="reference")(values, 3), rtol=1e-13
    )


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("steps", [9, 700])
def test_rows_apart_are_read_where_they_lie(steps, back):
    """Backwards, around the step's own and every second one; step by step and in native loops."""
    x, h, w = T.dmatrix("x"), T.dvector("h"), T.dmatrix("w")
    values = RNG.normal(size=(steps, 3)), RNG.normal(size=3), RNG.normal(size=(3, 3)) * 0.3
    for sequence in (x, {"input": x, "taps": [-1, 0, 1]}, x[1:-1:2], x[::-3]):
        states, _ = ct.scan(
            lambda *rows: T.tanh(sum(rows[:-1]) + T.dot(rows[-1], w)), sequence, h, go_backwards=back
        )
        f = ct.function([x, h, w], states)
        want = ct.function([x, h, w], states, mode="reference")(*values)
        np.testing.assert_allclose(f(*values), want, rtol=1e-12, atol=1e-14)
        assert not f.memory_report().copies

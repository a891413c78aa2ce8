"""Loops against plain ones in NumPy: every option, gradients, nested and degenerate loops, errors."""

import numpy as np
import pytest
from checks import numeric_gradients, variables

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(5)
X = RNG.normal(size=(5, 3))
Y = RNG.normal(size=(7, 3))
H = RNG.normal(size=3)
W = RNG.normal(size=(3, 3)) * 0.7
TWO = RNG.normal(size=(2, 3))


def only(result):
    """The outputs, of loops without updates."""
    outputs, updates = result
    assert not updates
    return outputs


def loop(step, steps, *states):
    """Rows of what `step(t, *states)` returns, and the states it leaves."""
    rows = []
    for t in range(steps):
        states = step(t, *states)
        rows.append(states[-1])
    return np.array(rows)


def rnn(x, h, w, back=False):
    rows = []
    for row in x[::-1] if back else x:
        h = np.tanh(row + h @ w)
        rows.append(h)
    return np.array(rows).reshape(-1, *h.shape)


def fibonacci(x, two):
    a, b = two
    rows = []
    for row in x:
        a, b = b, 0.5 * a - 0.3 * b * row + row
        rows.append(b)
    return np.array(rows)


def neighbours(x, y):
    n = min(len(x) - 3, len(y))
    return np.array([x[t] * y[t] + x[t + 1] - np.sin(x[t + 3]) for t in range(n)])


def pair(x, h):
    rows, sums, total = [], [], 0 * h
    for row in x:
        h, total = np.sin(h + row), total + h
        rows.append(h)
        sums.append(total)
    return [np.array(rows), np.array(sums)]


def polynomial(coefficients, x):
    return sum(c * x**k for k, c in enumerate(coefficients))


def powers(a):
    rows, p = [], np.ones_like(a)
    for _ in range(4):
        p = p * a
        rows.append(p)
    return np.array(rows)


def triangle(x):
    """A loop in a loop: prefix products of each row, each step's number of terms its own."""
    return np.array([np.cumprod(np.sin(row)) for row in x])


# name: (symbolic function, NumPy's, arguments)
LOOPS = {
    "recurrence": (lambda x, h, w: only(ct.scan(lambda r, s: T.tanh(r + T.dot(s, w)), x, h)), rnn, X, H, W),
    "explicit": (
        lambda x, h, w: only(ct.scan(lambda r, s, v: T.tanh(r + T.dot(s, v)), x, h, w, strict=True)),
        rnn,
        X,
        H,
        W,
    ),
    "backwards": (
        lambda x, h, w: only(ct.scan(lambda r, s: T.tanh(r + T.dot(s, w)), x, h, go_backwards=True)),
        lambda x, h, w: rnn(x, h, w, True),
        X,
        H,
        W,
    ),
    "batch": (
        lambda x, h, w: only(ct.scan(lambda r, s: T.tanh(r + T.dot(s, w)), x, h)),
        rnn,
        RNG.normal(size=(4, 2, 3)),
        RNG.normal(size=(2, 3)),
        W,
    ),
    "steps": (
        lambda x, h, w: only(ct.scan(lambda r, s: T.tanh(r + T.dot(s, w)), x, h, n_steps=2)),
        lambda x, h, w: rnn(x[:2], h, w),
        X,
        H,
        W,
    ),
    "map": (
        lambda x, y: only(ct.map(lambda a, b: a * T.exp(b), [x, y])),
        lambda x, y: x * np.exp(y[:5]),
        X,
        Y,
    ),
    "no_sequences": (
        lambda a: only(ct.scan(lambda p: p * a, outputs_info=T.ones_like(a), n_steps=4)),
        powers,
        H,
    ),
    "invariant_steps": (
        lambda a: only(ct.scan(lambda: T.sin(a), n_steps=3, outputs_info=[None])),
        lambda a: np.array([np.sin(a)] * 3),
        H,
    ),
    "two_taps": (
        lambda x, two: only(
            ct.scan(lambda r, a, b: 0.5 * a - 0.3 * b * r + r, x, {"initial": two, "taps": [-2, -1]})
        ),
        fibonacci,
        X,
        TWO,
    ),
    "far_tap": (
        lambda x, y: only(ct.scan(lambda r, a: r * T.cos(a), x, {"initial": y, "taps": [-3]})),
        lambda x, y: loop(lambda t, *s: (s[1], s[2], x[t] * np.cos(s[0])), 5, *y[:3]),
        X,
        Y,
    ),
    "sequence_taps": (
        lambda x, y: only(
            ct.scan(lambda a, b, c, d: a * d + b - T.sin(c), [{"input": x, "taps": [-1, 0, 2]}, y])
        ),
        neighbours,
        Y,
        X,
    ),
    "two_outputs": (
        lambda x, h: only(
            ct.scan(lambda r, s, t: [T.sin(s + r), t + T.sin(s + r) * 0 + s], x, [h, T.zeros_like(h)])
        ),
        lambda x, h: pair(x, h),
        X,
        H,
    ),
    "mixed_outputs": (
        lambda x, h: only(ct.scan(lambda r, s: [r * s, T.sin(s + r)], x, [None, h])),
        lambda x, h: [
            x * np.concatenate([h[None], pair(x, h)[0][:-1]]),
            pair(x, h)[0],
        ],
        X,
        H,
    ),
    "last": (
        lambda x, h, w: only(ct.foldl(lambda r, s: T.tanh(r + T.dot(s, w)), x, h)),
        lambda x, h, w: rnn(x, h, w)[-1],
        X,
        H,
        W,
    ),
    "from_the_end": (
        lambda x, h, w: only(ct.foldr(lambda r, s: T.tanh(r + T.dot(s, w)), x, h)),
        lambda x, h, w: rnn(x, h, w, True)[-1],
        X,
        H,
        W,
    ),
    "polynomial": (
        lambda c, x: only(ct.scan(lambda a, k: a * x**k, [c, T.arange(1000)])).sum(0),
        polynomial,
        H,
        RNG.uniform(0.5, 2, 4),
    ),
    "nested": (
        lambda x: only(
            ct.scan(lambda row: only(ct.scan(lambda a, p: p * T.sin(a), row, T.constant(1.0))), x)
        ),
        triangle,
        X,
    ),
    "nested_with_outer_values": (
        lambda x, h: only(
            ct.scan(
                lambda row, s: s * 0.5 + only(ct.scan(lambda a: T.sin(a * s).sum() * row, s))[-1],
                x,
                h,
            )
        ),
        lambda x, h: loop(lambda t, s: (s * 0.5 + np.sin(s[-1] * s).sum() * x[t],), 5, h),
        X,
        H,
    ),
    "scalars": (
        lambda a: only(ct.scan(lambda x: a * x * (1 - x), outputs_info=T.constant(0.3), n_steps=50)),
        lambda a: loop(lambda t, x: (a * x * (1 - x),), 50, 0.3),
        np.array(2.9),
    ),
    "indices": (
        lambda x: only(ct.scan(lambda k: x[k] * x[x.shape[0] - 1 - k], T.arange(x.shape[0]))),
        lambda x: x * x[::-1],
        X,
    ),
    "prefixes": (
        lambda x: only(ct.scan(lambda k: x[: k + 1].sum(0), T.arange(x.shape[0]))),
        lambda x: x.cumsum(0),
        X,
    ),
    "until": (
        lambda x: only(
            ct.scan(lambda r, s: (s + r**2, ct.scan_module.until(T.sum(s + r**2) > 6)), x, x[0] * 0)
        ),
        lambda x: (x**2).cumsum(0)[: np.argmax((x**2).cumsum(0).sum(1) > 6) + 1],
        Y,
    ),
    "until_last": (
        lambda a: only(
            ct.scan(lambda x: (x * a, ct.scan_module.until(x * a > 50)), outputs_info=a, n_steps=1000)
        )[-1],
        lambda a: a ** (np.ceil(np.log(50) / np.log(a))),
        np.array(1.7),
    ),
}


@pytest.mark.parametrize("mode", [None, "reference"], ids=["compiled", "reference"])
@pytest.mark.parametrize("name", LOOPS)
def test_values(name, mode):
    symbolic, reference, *arrays = LOOPS[name]
    inputs = variables(*arrays)
    got, wanted = ct.function(inputs, symbolic(*inputs), mode=mode)(*arrays), reference(*arrays)
    for a, b in zip(*((got, wanted) if isinstance(wanted, list) else ([got], [wanted])), strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def weighted(outputs):
    """A scalar that depends on each element of the outputs in its own way."""
    parts = outputs if isinstance(outputs, list) else [outputs]
    return sum((T.cos(T.arange(y.size)).reshape(y.shape) * y).sum() for y in parts)


@pytest.mark.parametrize("name", [name for name in LOOPS if not name.startswith("until")])
def test_gradients(name):
    symbolic, _, *arrays = LOOPS[name]
    inputs = variables(*arrays)
    cost = weighted(symbolic(*inputs))
    compiled, reference = (
        ct.function(inputs, ct.grad(cost, inputs), mode=mode)(*arrays) for mode in (None, "reference")
    )
    wanted = numeric_gradients(ct.function(inputs, cost), arrays)
    for a, b, want in zip(compiled, reference, wanted, strict=True):
        np.testing.assert_allclose(a, want, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_gradient_through_a_loop_that_ends_early():
    a = T.dscalar("a")
    outputs = only(ct.scan(lambda x: (x * a, ct.scan_module.until(x * a > 50)), outputs_info=a, n_steps=99))
    steps = int(np.ceil(np.log(50) / np.log(1.7))) - 1
    got = ct.function([a], [ct.grad(outputs[-1], a), ct.grad(outputs.sum(), a)])(1.7)
    k = np.arange(2, steps + 2)
    np.testing.assert_allclose(got[0], k[-1] * 1.7 ** (k[-1] - 1))
    np.testing.assert_allclose(got[1], (k * 1.7 ** (k - 1.0)).sum())


@pytest.mark.parametrize(
    "name", ["recurrence", "two_taps", "no_sequences", "mixed_outputs", "nested", "last"]
)
def test_second_derivatives(name):
    symbolic, _, *arrays = LOOPS[name]
    inputs = variables(*arrays)
    first = weighted(ct.grad(weighted(symbolic(*inputs)), inputs))
    got = ct.function(inputs, ct.grad(first, inputs))(*arrays)
    wanted = numeric_gradients(ct.function(inputs, first), arrays)
    for a, want in zip(got, wanted, strict=True):
        np.testing.assert_allclose(a, want, rtol=1e-5, atol=1e-7)


def test_gradients_inside_a_step():
    """Newton's method on x**3 = a, the derivative being taken in the step; and that of the result."""
    a = T.dscalar("a")

    def step(x):
        f = x**3 - a
        return x - f / ct.grad(f, x)

    root = only(ct.scan(step, outputs_info=T.constant(1.0), n_steps=30))[-1]
    value, slope = ct.function([a], [root, ct.grad(root, a)])(5.0)
    np.testing.assert_allclose([value, slope], [5 ** (1 / 3), 5 ** (-2 / 3) / 3])


@pytest.mark.parametrize("truncated", [1, 3, 5, 9])
@pytest.mark.parametrize("back", [False, True])
def test_truncated_gradients(truncated, back):
    """As if the state before the last steps were a constant."""
    x, h, w = T.dmatrix("x"), T.dvector("h"), T.dmatrix("w")
    last = only(
        ct.scan(lambda r, s: T.tanh(r + T.dot(s, w)), x, h, truncate_gradient=truncated, go_backwards=back)
    )[-1]
    got = ct.function([x, h, w], ct.grad(last.sum(), [x, w]))(X, H, W)
    count = min(truncated, 5)
    rows = X[::-1] if back else X
    state = rnn(rows[: 5 - count], H, W)[-1] if count < 5 else H
    wanted = numeric_gradients(lambda r, v: rnn(r, state, v)[-1].sum(), [rows[5 - count :], W])
    padded = np.concatenate([np.zeros((5 - count, 3)), wanted[0]])
    np.testing.assert_allclose(got[0], padded[::-1] if back else padded, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(got[1], wanted[1], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("mode", [None, "reference"], ids=["compiled", "reference"])
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_few_steps(steps, mode):
    x, h = T.dmatrix("x"), T.dvector("h")
    hs = only(ct.scan(lambda r, s: T.sin(s) * r, x, h))
    slopes = ct.grad(hs.sum(), [x, h])
    got = ct.function([x, h], [hs, *slopes], mode=mode)(X[:steps], H)
    want = loop(lambda t, s: (np.sin(s) * X[t],), steps, H).reshape(steps, 3)
    np.testing.assert_allclose(got[0], want)
    f = ct.function([x, h], hs.sum())
    if steps:
        for a, b in zip(got[1:], numeric_gradients(f, [X[:steps], H]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)
    else:
        assert got[1].shape == (0, 3)
        np.testing.assert_array_equal(got[2], 0)


def test_no_rows_at_all():
    got = ct.function([v := T.dmatrix("v")], only(ct.map(lambda r: r.sum(), v)))(np.zeros((0, 3)))
    assert got.shape == (0,)
    outputs = only(ct.map(lambda r: r * 2, v))
    assert ct.function([v], outputs)(np.zeros((4, 0))).shape == (4, 0)


def test_one_function_serves_all_lengths():
    x, h, w = T.dmatrix("x"), T.dvector("h"), T.dmatrix("w")
    f = ct.function([x, h, w], LOOPS["recurrence"][0](x, h, w))
    for steps, width in ((3, 2), (50, 3), (1, 5), (7, 1)):
        arrays = RNG.normal(size=(steps, width)), RNG.normal(size=width), RNG.normal(size=(width, width))
        np.testing.assert_allclose(f(*arrays), rnn(*arrays), rtol=1e-10)


@pytest.mark.parametrize("mode", [None, "reference"], ids=["compiled", "reference"])
def test_the_last_state_alone(mode):
    x, n = T.dvector("x"), T.iscalar("n")
    last = only(ct.scan(lambda s: s * 0.5, outputs_info=x, n_steps=n))[-1]
    f = ct.function([x, n], [last, ct.grad(last.sum(), x)], mode=mode)
    np.testing.assert_allclose(f(H, 3), [H / 8, [0.125] * 3])
    with pytest.raises(IndexError, match=r"position -1 "):
        f(H, 0)


def test_states_of_which_only_the_last_is_read_are_not_stored():
    x, n = T.dvector("x"), T.iscalar("n")
    states = only(ct.scan(lambda s: T.sin(s), outputs_info=x, n_steps=n))
    stopped = only(ct.scan(lambda s: (T.sin(s), ct.scan_module.until(s[0] > 2)), outputs_info=x, n_steps=n))
    for last in (states[-1], stopped[-1]):
        f = ct.function([x, n], last)
        f(np.ones(1000), 500)
        assert f.memory_report().arena_bytes < 500 * 1000


def test_updates_of_shared_variables():
    total, x = ct.shared(np.array(10.0)), T.dvector("x")
    outputs, updates = ct.scan(lambda r: (r * total, {total: total + r}), x)
    f = ct.function([x], outputs, updates=updates)
    np.testing.assert_allclose(f([1.0, 2.0, 3.0]), [10, 22, 39])
    assert total.get_value() == 16
    np.testing.assert_allclose(f([1.0]), [16])
    _, updates = ct.scan(lambda: {total: total * 2}, n_steps=3)
    ct.function([], [], updates=updates)()
    assert total.get_value() == 17 * 8


def test_random_numbers_differ_from_step_to_step():
    stream = T.shared_randomstreams.RandomStreams(3)
    outputs, updates = ct.scan(lambda: stream.uniform(size=(1000,)), n_steps=4)
    f = ct.function([], outputs, updates=updates)
    first, second = f(), f()
    rows = np.concatenate([first, second])
    assert len({row.tobytes() for row in rows}) == 8
    np.testing.assert_allclose(rows.mean(1), 0.5, atol=0.06)


@pytest.mark.parametrize("steps", [1, 4, 6])
def test_checkpoints(steps):
    x, h, w = T.dmatrix("x"), T.dvector("h"), T.dmatrix("w")

    def step(row, s):
        return T.tanh(row + T.dot(s, w))

    plain = only(ct.scan(step, x, h))
    few = only(ct.scan_checkpoints(step, [x], [h], save_every_N=steps, padding=False))
    count = 12
    arrays = RNG.normal(size=(count, 3)), H, W
    values = ct.function(
        [x, h, w], [plain, few, *(g for y in (plain, few) for g in ct.grad(y[-1].sum(), [x, w]))]
    )
    all_rows, some, *slopes = values(*arrays)
    np.testing.assert_allclose(some, all_rows[steps - 1 :: steps])
    np.testing.assert_allclose(slopes[2], slopes[0])
    np.testing.assert_allclose(slopes[3], slopes[1])
    padded = only(ct.scan_checkpoints(step, [x], [h], save_every_N=5))
    zeros = np.concatenate([arrays[0], np.zeros((3, 3))])
    np.testing.assert_allclose(ct.function([x, h, w], padded)(*arrays), rnn(zeros, H, W)[4::5])


def test_results_do_not_depend_on_threads():
    x, h, w = T.dmatrix("x"), T.dmatrix("h"), T.dmatrix("w")
    hs = only(ct.scan(lambda r, s: T.tanh(r + T.dot(s, w)), x, h))
    f = ct.function([x, h, w], [hs, *ct.grad((hs**2).sum(), [x, h, w])])
    arrays = RNG.normal(size=(6, 200)), RNG.normal(size=(150, 200)), RNG.normal(size=(200, 200)) * 0.1
    threads = ct.num_threads()
    try:
        ct.set_num_threads(1)
        alone = f(*arrays)
        ct.set_num_threads(2)
        together = f(*arrays)
    finally:
        ct.set_num_threads(threads)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


# name: (what to write or call, the error, parts of its message)
ERRORS = {
    "dtype": (
        lambda x: ct.scan(lambda r, s: (s + r).astype("float32"), x, T.dvector("s")),
        TypeError,
        "scan: required output 0 of the step as its initial state, float64 with 1 axes, given",
    ),
    "rank": (
        lambda x: ct.scan(lambda r, s, u: [s, r.sum()], x, [T.dvector("s"), T.dvector("u")]),
        TypeError,
        "required output 1 of the step",
    ),
    "outputs": (lambda x: ct.scan(lambda r, s: [s, r], x, T.dvector("s")), ValueError, "as many outputs"),
    "nothing": (
        lambda x: ct.scan(lambda: x, outputs_info=[None]),
        ValueError,
        "required n_steps or sequences",
    ),
    "scalar": (lambda x: ct.scan(lambda r: r, x[0, 0]), TypeError, "sequences with one axis or more"),
    "float_steps": (lambda x: ct.scan(lambda r: r, x, n_steps=2.5), TypeError, "n_steps as an integer"),
    "tap": (
        lambda x: ct.scan(lambda r, s: s, x, {"initial": x, "taps": [0]}),
        ValueError,
        "taps as integers below 0",
    ),
    "option": (lambda x: ct.scan(lambda r: r, {"input": x, "tap": 1}), ValueError, "dict.input=, taps="),
    "condition": (lambda x: ct.scan_module.until(x > 0), ValueError, "until: required a scalar condition"),
    "strict": (
        lambda x: ct.scan(lambda r: r * T.dvector("outside"), x, strict=True),
        ValueError,
        "use only what they are given, given .*outside",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_when_written(name):
    build, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        build(T.dmatrix("x"))


def test_strict_steps_may_use_what_they_update():
    total, plain = ct.shared(0.0), ct.shared(1.0, name="plain")
    streams = T.shared_randomstreams.RandomStreams(3)

    def step(r, scale=1.0):
        return r * scale + 0 * streams.uniform(()), {total: total + r}

    x = T.dvector("x")
    rows, updates = ct.scan(step, x, strict=True)
    f = ct.function([x], rows, updates=updates)
    np.testing.assert_array_equal(f([1.0, 2.0]), [1, 2])
    assert (total.get_value(), len(updates)) == (3, 2)
    with pytest.raises(ValueError, match="use only what they are given, given plain"):
        ct.scan(lambda r: step(r, plain), x, strict=True)
    ct.scan(step, x, non_sequences=plain, strict=True)


def test_errors_of_calls():
    x, h, n = T.dmatrix("x"), T.dvector("h"), T.iscalar("n")
    short = ct.function([x, n], only(ct.scan(lambda r: r * 2, x, n_steps=n)))
    with pytest.raises(ValueError, match=r"scan: required 6 rows of .*given 5"):
        short(X, 6)
    with pytest.raises(ValueError, match="scan: required a size of 0 or more along axis 0, given -1"):
        short(X, -1)
    grows = ct.function([h], only(ct.scan(lambda s: T.concatenate([s, s]), outputs_info=h, n_steps=2)))
    with pytest.raises(
        ValueError, match=r"keep the shape of state .*'h'.*\(3,\), given \(6,\).*test_scan.py"
    ):
        grows(H)
    picks = ct.function([x, n], only(ct.scan(lambda k: x[k], T.arange(n))))
    with pytest.raises(IndexError, match=r"5 is out of range"):
        picks(X, 6)

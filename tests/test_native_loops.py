"""Loops on few elements, which run as one piece of code: against plain ones in NumPy; which loops do so."""

import signal

import numpy as np
import pytest
from checks import assert_same, numeric_gradients, variables
from rows import ROWS, sample

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(11)
X = RNG.normal(size=(6, 3))
K = RNG.integers(-9, 9, size=6)
A = RNG.normal(size=(3, 3)) * 0.6
H = RNG.normal(size=3)
SPECIAL = np.array([[1.0, np.nan, -0.0], [np.inf, 2.0, 0.0], [-np.inf, -1.0, 3.0]])


def known(*arrays):
    """Inputs for these arrays, of sizes that are known."""
    return [T.tensor(a.dtype.name, shape=a.shape, name=f"x{k}") for k, a in enumerate(arrays)]


def native(f):
    """How many loops of the function run as one piece of code."""
    return sum(kernel.name == "loop" for kernel in f.compile_report().kernels)


def outputs_of(result):
    outputs, updates = result
    assert not updates
    return outputs


def scan(*args, **options):
    return outputs_of(ct.scan(*args, **options))


def rows(step, sequence, *states, back=False):
    """What `step(row, *states)` returns for each row, each result an array."""
    results = []
    for row in sequence[::-1] if back else sequence:
        states = step(row, *states)
        results.append(states)
    return [np.array(column) for column in zip(*results, strict=True)]


def generator(k):
    """A linear congruential generator in 32 bits that wrap around."""
    x = np.int32(7)
    values = []
    with np.errstate(over="ignore"):
        for c in k:
            x = np.int32(x * np.int32(1103515245) + np.int32(c))
            values.append(x)
    return np.array(values)


def fibonacci(x, two):
    a, b = two
    values = []
    for row in x:
        a, b = b, 0.5 * a - 0.3 * b * row + row
        values.append(b)
    return np.array(values)


def divided(k):
    values, s = [], np.int64(1000)
    for c in k:
        s = (s // c if c else np.int64(0)) + 100
        values.append(s)
    return np.array(values)


def extremes(x):
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    values = []
    for row in x:
        low, high = np.minimum(low, row), np.maximum(high, row)
        values.append(np.array([row.max(), row.min(), low.sum() + high.prod()]))
    return np.array(values)


def moves(x, h):
    values = []
    for row in x:
        h = np.concatenate([h[1:], h[:1]])[::-1] * 0.5 + row[[2, 0, 0]]
        h[1] = row[1] - h.sum()
        values.append(h)
    return np.array(values)


# name: (symbolic function, NumPy's, arrays)
BODIES = {
    "logistic": (
        lambda x, r: scan(lambda s: r * s * (1 - s), outputs_info=x, n_steps=20),
        lambda x, r: rows(lambda _, s: (r * s * (1 - s),), range(20), x)[0],
        np.array(0.3),
        np.array(2.9),
    ),
    "float32": (
        lambda x, r: scan(lambda s: r * s * (1 - s), outputs_info=x, n_steps=20),
        lambda x, r: rows(lambda _, s: (r * s * (1 - s),), range(20), x)[0],
        np.array(0.3, "float32"),
        np.array(2.7, "float32"),
    ),
    "vector": (
        lambda x, h: scan(lambda r, s: T.sin(s) * 0.5 + r, x, h),
        lambda x, h: rows(lambda r, s: (np.sin(s) * 0.5 + r,), x, h)[0],
        X,
        H,
    ),
    "matrix": (
        lambda x, h, a: scan(lambda r, s: T.dot(a, s) * 0.5 + r, x, h),
        lambda x, h, a: rows(lambda r, s: (a @ s * 0.5 + r,), x, h)[0],
        RNG.normal(size=(5, 3, 3)),
        A,
        A[::-1].copy(),
    ),
    "vector_by_matrix": (
        lambda x, h, a: scan(lambda r, s: T.tanh(T.dot(s, a) + r), x, h),
        lambda x, h, a: rows(lambda r, s: (np.tanh(s @ a + r),), x, h)[0],
        X,
        H,
        A,
    ),
    "batch": (
        lambda x, h: scan(lambda r, s: T.batched_dot(s, r), x, h),
        lambda x, h: rows(lambda r, s: (np.einsum("bi,bij->bj", s, r),), x, h)[0],
        RNG.normal(size=(4, 2, 3, 3)),
        RNG.normal(size=(2, 3)),
    ),
    "backwards": (
        lambda x, h: scan(lambda r, s: s * r + 1, x, h, go_backwards=True),
        lambda x, h: rows(lambda r, s: (s * r + 1,), x, h, back=True)[0],
        X,
        H,
    ),
    "two_taps": (
        lambda x, two: scan(lambda r, a, b: 0.5 * a - 0.3 * b * r + r, x, {"initial": two, "taps": [-2, -1]}),
        fibonacci,
        X,
        X[:2].copy(),
    ),
    "sequence_taps": (
        lambda x: scan(lambda a, b: a * b - a, {"input": x, "taps": [-1, 1]}),
        lambda x: x[:-2] * x[2:] - x[:-2],
        X,
    ),
    "several_states": (
        lambda x, h: scan(
            lambda r, s, n, flag: [T.where(flag, s + r, s - r), n + flag, T.any(r > s)],
            x,
            [h, T.constant(np.int64(0)), T.constant(np.bool_(True))],
        ),
        lambda x, h: rows(
            lambda r, s, n, flag: (s + r if flag else s - r, n + flag, np.any(r > s)),
            x,
            h,
            np.int64(0),
            np.bool_(True),
        ),
        X,
        H,
    ),
    "states_that_move_on": (
        lambda x, h: scan(lambda r, a, b: [b, a], x, [h, h * 2]),
        lambda x, h: rows(lambda _, a, b: (b, a), x, h, h * 2),
        X,
        H,
    ),
    "no_states": (
        lambda x: scan(lambda r: [r.sum(), T.exp(r)], x),
        lambda x: [x.sum(1), np.exp(x)],
        X,
    ),
    "wrapping_integers": (
        lambda k: scan(lambda c, s: s * np.int32(1103515245) + c, k, T.constant(np.int32(7))),
        generator,
        K.astype("int32"),
    ),
    "division_by_zero": (
        lambda k: scan(lambda c, s: s // c + 100, k, T.constant(np.int64(1000))),
        divided,
        K,
    ),
    "extremes": (
        lambda x: scan(
            lambda r, low, high: [
                T.stack([r.max(), r.min(), T.minimum(low, r).sum() + T.maximum(high, r).prod()]),
                T.minimum(low, r),
                T.maximum(high, r),
            ],
            x,
            [None, T.constant(np.full(3, np.inf)), T.constant(np.full(3, -np.inf))],
        )[0],
        extremes,
        SPECIAL,
    ),
    "moved_elements": (
        lambda x, h: scan(
            lambda r, s: (lambda m: T.set_subtensor(m[1], r[1] - T.set_subtensor(m[1], m[1]).sum()))(
                T.concatenate([s[1:], s[:1]])[::-1] * 0.5 + r[np.array([2, 0, 0])]
            ),
            x,
            h,
        ),
        moves,
        X,
        H,
    ),
    "positions": (
        lambda x: scan(lambda r: r * T.arange(3), x),
        lambda x: x * np.arange(3),
        X,
    ),
    "no_elements": (
        lambda x, h: scan(lambda r, s: s * 2 + r, x, h),
        lambda x, h: np.zeros((6, 0)),
        np.zeros((6, 0)),
        np.zeros(0),
    ),
    "one_element": (
        lambda x, h: scan(lambda r, s: s * r + h, x, h),
        lambda x, h: rows(lambda r, s: (s * r + h,), x, h)[0],
        X[:, :1].copy(),
        H[:1].copy(),
    ),
    "uncommon_branches": (  # arguments for which sin leaves its fast path
        lambda x, h: scan(lambda r, s: T.sin(s * 1e300) + r, x, h),
        lambda x, h: rows(lambda r, s: (np.sin(s * 1e300) + r,), x, h)[0],
        X,
        H,
    ),
    "last": (
        lambda x, h: scan(lambda r, s, t: [s * r + t, t * 0.5 + r], x, [h, h])[0][-1],
        lambda x, h: rows(lambda r, s, t: (s * r + t, t * 0.5 + r), x, h, h)[0][-1],
        X,
        H,
    ),
    "until": (
        lambda x: scan(lambda r, s: (s + r**2, ct.scan_module.until(T.sum(s + r**2) > 6)), x, x[0] * 0),
        lambda x: (x**2).cumsum(0)[: np.argmax((x**2).cumsum(0).sum(1) > 6) + 1],
        X,
    ),
    "until_last": (
        lambda a: scan(lambda x: (x * a, ct.scan_module.until(x * a > 50)), outputs_info=a, n_steps=1000)[-1],
        lambda a: a ** (np.ceil(np.log(50) / np.log(a))),
        np.array(1.7),
    ),
}


# Steps that depend on no other step are computed for all rows at once, and no loop remains.
STATELESS = {"sequence_taps", "no_states", "positions"}


def compare(got, wanted, rtol=1e-12):
    for a, b in zip(*((got, wanted) if isinstance(wanted, list) else ([got], [wanted])), strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5 if a.dtype == "float32" else rtol, atol=1e-14)


@pytest.mark.parametrize("name", BODIES)
def test_values(name):
    symbolic, reference, *arrays = BODIES[name]
    inputs = known(*arrays)
    f = ct.function(inputs, symbolic(*inputs))
    with np.errstate(all="ignore"):
        compare(f(*arrays), reference(*arrays))
    assert (native(f) > 0) == (name not in STATELESS)


@pytest.mark.parametrize("name", BODIES)
def test_the_same_as_step_by_step(name):
    """Of unknown sizes few steps are not worth the code: there each step is a program of its own."""
    symbolic, _, *arrays = BODIES[name]
    functions = [ct.function(inputs, symbolic(*inputs)) for inputs in (known(*arrays), variables(*arrays))]
    compare(*(f(*arrays) for f in functions), rtol=1e-14)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_op_is_the_same_in_a_loop(row):
    """Bit for bit that of whole arrays. The first argument is carried along: else no loop would remain."""
    op = getattr(T, row.name)

    def step(following, *others):
        *others, current = others
        return [op(current, *others), following]

    for dtype in (row.dtypes[0], row.dtypes[-1]):
        arguments = sample(row, (dtype,) * row.arity, ((12,),) * row.arity)
        inputs = known(*arguments)
        sequences = [T.roll(inputs[0], -1), *inputs[1:]]
        f = ct.function(inputs, [scan(step, sequences, [None, inputs[0][0]])[0], op(*inputs)])
        assert_same(*f(*arguments), f"{row.name} of {dtype}")
        assert native(f) == (dtype != "float16")


def turned(r, s, t, a):
    return [T.dot(a, s) * 0.5 + r, t * 0.5]


# Steps whose rows may be computed as vectors, of a row, states s and t (a scalar), and a matrix.
ROW_STEPS = {
    "matrix": turned,
    "until": lambda r, s, t, a: (turned(r, s, t, a), ct.scan_module.until(t < 0.1)),
    "shared": lambda r, s, t, a: [T.where(t > 0.3, s * t, s / t) + a[0, 1] * r[0, 0], t - 0.1],
    "constants": lambda r, s, t, a: [T.maximum(s * T.arange(s.shape[1]).astype(s.dtype), r) + a[:, :1], t],
    "branches": lambda r, s, t, a: [T.set_subtensor(s[0], T.sin(s[0] * r[0])) * r, T.log(t + 2)],
    "library": lambda r, s, t, a: [T.set_subtensor(s[0], T.gammaln(s[0] * t)) + r, t + 1],
    "moved": lambda r, s, t, a: [s[:, ::-1] + T.concatenate([r[:, 1:], s[:, :1]], 1), t],
    "sums": lambda r, s, t, a: [T.dot(a, s) - s.sum(1, keepdims=True), t + s.sum() * r.max()],
}


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ROW_STEPS)
def test_rows_have_the_bits_of_single_elements(name, dtype, n):
    """States that are carried as one long row have no vectors."""
    x, h, a = (RNG.normal(size=shape).astype(dtype) for shape in ((7, 5, n), (5, n), (5, 5)))
    x[-2:].flat[::3] = np.resize([0.0, -0.0, 1e30, -1e30], x[-2:].flat[::3].shape)
    x[-1].flat[::4] = np.resize([np.nan, np.inf, -np.inf], x[-1].flat[::4].shape)
    inputs = known(x, h, a)
    start = T.constant(np.asarray(0.5, dtype))

    def step_on_long_row(r, s, t, a):
        result = ROW_STEPS[name](r, s.reshape((5, n)), t, a)
        (state, scalar), *stop = result if isinstance(result, tuple) else (result,)
        states = [state.reshape((5 * n,)), scalar]
        return (states, *stop) if stop else states

    rows = scan(ROW_STEPS[name], inputs[0], [inputs[1], start], inputs[2])
    single = scan(step_on_long_row, inputs[0], [inputs[1].reshape((5 * n,)), start], inputs[2])
    f = ct.function(inputs, [*rows, *single], on_unused_input="ignore")
    states, scalars, same_states, same_scalars = f(x, h, a)
    assert_same(states, same_states.reshape(states.shape), name)
    assert_same(scalars, same_scalars, name)
    assert native(f) == 2


SMOOTH = ["logistic", "vector", "matrix", "vector_by_matrix", "batch", "backwards", "two_taps", "last"]
SMOOTH += ["sequence_taps", "states_that_move_on", "no_states", "moved_elements", "one_element"]


def weighted(outputs):
    """A scalar that depends on each element of the outputs in its own way."""
    parts = outputs if isinstance(outputs, list) else [outputs]
    return sum((T.cos(T.arange(y.size)).reshape(y.shape) * y).sum() for y in parts)


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients(name):
    symbolic, _, *arrays = BODIES[name]
    inputs = known(*arrays)
    cost = weighted(symbolic(*inputs))
    slopes = ct.grad(cost, inputs)
    f = ct.function(inputs, slopes, on_unused_input="ignore")
    wanted = ct.function(inputs, slopes, mode="reference", on_unused_input="ignore")(*arrays)
    compare(f(*arrays), wanted, rtol=1e-10)
    assert (native(f) > 0) == (name not in STATELESS)
    for got, want in zip(f(*arrays), numeric_gradients(ct.function(inputs, cost), arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["matrix", "two_taps", "logistic"])
def test_second_derivatives(name):
    symbolic, _, *arrays = BODIES[name]
    inputs = known(*arrays)
    slopes = ct.grad(weighted(ct.grad(weighted(symbolic(*inputs)), inputs)), inputs)
    f = ct.function(inputs, slopes, on_unused_input="ignore")
    compare(f(*arrays), ct.function(inputs, slopes, mode="reference")(*arrays), rtol=1e-10)
    assert native(f) > 0


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
@pytest.mark.parametrize("back", [False, True])
def test_few_steps(steps, back):
    x, h = T.tensor("float64", shape=(None, 3)), T.tensor("float64", shape=(3,))
    states, yields = scan(lambda r, s: [s * 0.5 + r, r * s], x, [h, None], go_backwards=back)
    outputs = [states, yields, *ct.grad((states * yields).sum(), [x, h])]
    f = ct.function([x, h], outputs)
    compare(f(X[:steps], H), ct.function([x, h], outputs, mode="reference")(X[:steps], H))
    assert native(f) == 2


@pytest.mark.parametrize("truncated", [1, 4, 9])
def test_truncated_gradients(truncated):
    x, h = known(X, H)
    last = scan(lambda r, s: T.sin(s) * r, x, h, truncate_gradient=truncated)[-1].sum()
    slopes = ct.grad(last, [x, h])
    f = ct.function([x, h], slopes)
    compare(f(X, H), ct.function([x, h], slopes, mode="reference")(X, H))
    assert native(f) > 0


def test_sizes_that_are_known_only_when_called():
    x, h, a = T.dmatrix("x"), T.dvector("h"), T.dmatrix("a")
    f = ct.function([x, h, a], scan(lambda r, s: T.dot(a, s) * 0.5 + r, x, h))

    def check(steps, n):
        arrays = RNG.normal(size=(steps, n)), RNG.normal(size=n), RNG.normal(size=(n, n)) * 0.4
        compare(f(*arrays), rows(lambda r, s: (arrays[2] @ s * 0.5 + r,), arrays[0], arrays[1])[0], 1e-10)

    check(20, 3)
    assert native(f) == 0  # not for so few steps
    check(600, 3)
    assert native(f) == 1
    check(700, 3)
    assert native(f) == 1
    check(600, 2)
    assert native(f) == 2
    check(600, 40)
    assert native(f) == 2  # vectors are faster


def test_a_loop_is_compiled_for_few_of_its_sizes():
    x, h = T.dmatrix("x"), T.dvector("h")
    f = ct.function([x, h], scan(lambda r, s: s * 0.5 + r, x, h)[-1])
    for n in range(1, 12):
        x_value, state = np.ones((600, n)), np.arange(float(n))
        np.testing.assert_allclose(f(x_value, state), np.full(n, 2.0))
    assert native(f) == 8


def test_equal_bodies_are_compiled_once():
    r = T.dscalar("r")

    def origin(start, steps):
        states = scan(lambda x: r * x * (1 - x) + 0.015625, outputs_info=T.constant(start), n_steps=steps)
        (kernel,) = (k for k in ct.function([r], states).compile_report().kernels if k.name == "loop")
        return kernel.origin

    origin(0.25, 30)
    assert origin(0.5, 40) == "memory"


# What is left to programs of a step: (symbolic function, arrays)
OTHERS = {
    "float16": (
        lambda x: scan(lambda r, s: s * 0.5 + r, x, x[0] * 0),
        X.astype("float16"),
    ),
    "complex": (lambda x: scan(lambda r, s: s * 0.5j + r, x, x[0] * 0), X.astype("complex128")),
    "positions_from_data": (
        lambda x, k: scan(lambda c, s: s + x[c % 6], k, x[0]),
        X,
        K,
    ),
    "sort": (lambda x: scan(lambda r, s: T.sort(s + r), x, x[0]), X),
    "many_elements": (lambda x: scan(lambda r, s: s * 0.5 + r, x, x[0]), RNG.normal(size=(4, 300))),
    "many_elements_inside": (lambda x: scan(lambda r, s: s + (T.arange(9999) * r[0]).max(), x, x[0]), X),
    "inner_loop": (
        lambda x: scan(lambda r, s: s + scan(lambda e, p: p * e, r, T.constant(1.0))[-1], x, x[0]),
        X,
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others_run_step_by_step(name):
    symbolic, *arrays = OTHERS[name]
    inputs = known(*arrays)
    f = ct.function(inputs, symbolic(*inputs))
    wanted = ct.function(inputs, symbolic(*inputs), mode="reference")(*arrays)
    np.testing.assert_allclose(f(*arrays), wanted, rtol=1e-3 if name == "float16" else 1e-12)
    assert native(f) == (1 if name == "inner_loop" else 0)


def test_positions_out_of_range_are_errors():
    x = T.tensor("float64", shape=(6, 3))
    f = ct.function([x], scan(lambda r: r[T.constant(np.array([0, 3]))], x))
    with pytest.raises(IndexError, match="3 is out of range"):
        f(X)


def test_reports():
    x, r = T.dscalar("x"), T.dscalar("r")
    states = scan(lambda s: r * s * (1 - s), outputs_info=x, n_steps=1000)
    f = ct.function([x, r], states.sum(), profile=True)
    f(0.3, 3.7)
    assert f.memory_report().arena_bytes >= 8000
    assert any(op.name == "scan" for launch in f.profile().launches for op in launch.ops)
    (kernel,) = (k for k in f.compile_report().kernels if k.name == "loop")
    assert set(kernel.ops) == {"mul", "sub"}
    assert "scan" in ct.printing.debugprint(f, file="str")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
def test_an_interrupt_ends_a_long_loop():
    def interrupt(*_):
        raise KeyboardInterrupt

    x = T.dscalar("x")
    f = ct.function([x], scan(lambda s: T.sqrt(s) + 1, outputs_info=x, n_steps=10**13)[-1])
    assert native(f) == 1
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            f(2.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

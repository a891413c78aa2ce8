"""How functions run: plans, run-time broadcasting, threads, updates, interrupts."""

import os
import signal
import threading
import time

import numpy as np
import pytest

import croton as ct
import croton.tensor as T
from croton import _core

RNG = np.random.default_rng(0)


@pytest.fixture
def threads():
    """Sets the number of threads, and afterwards the one from before."""
    before = ct.num_threads()
    yield ct.set_num_threads
    ct.set_num_threads(before)


# ---- one function, many shapes
def network(x, w1, b1, w2, b2, y):
    hidden = T.tanh(T.dot(x, w1) + b1)
    return T.nnet.categorical_crossentropy(T.nnet.softmax(T.dot(hidden, w2) + b2), y).mean()


def numpy_network(x, w1, b1, w2, b2, y):
    logits = np.tanh(x @ w1 + b1) @ w2 + b2
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


def parameters():
    return [RNG.standard_normal(shape) for shape in ((12, 9), (9,), (9, 5), (5,))]


def test_many_batch_sizes_build_nothing():
    x, y = T.dmatrix("x"), T.lvector("y")
    shared = [ct.shared(value) for value in parameters()]
    loss = network(x, *shared, y)
    gradients = ct.grad(loss, shared)
    f = ct.function([x, y], [loss, *gradients])
    values = [p.get_value() for p in shared]

    def call(n):
        data, classes = RNG.standard_normal((n, 12)), RNG.integers(0, 5, n)
        return f(data, classes), data, classes

    for n in (7, 1):  # 1 is a pattern of its own
        call(n)
    before = _core.kernels_built()
    for n in range(1, 51):
        results, data, classes = call(n)
        np.testing.assert_allclose(results[0], numpy_network(data, *values, classes), rtol=1e-12)
        assert [g.shape for g in results[1:]] == [v.shape for v in values]
    assert _core.kernels_built() == before


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((1, 4), (3, 4)),
        ((3, 1), (3, 4)),
        ((3, 4), (1, 1)),
        ((1, 4), (3, 1)),
        ((1, 1), (1, 1)),
        ((0, 1), (1, 4)),
    ],
)
def test_sizes_of_one_found_in_the_call(a, b):
    x, y, w = T.dmatrix("x"), T.dmatrix("y"), T.dmatrix("w")
    z = x * T.exp(y) + y
    f = ct.function([x, y, w], [z, *ct.grad(T.sum(z * w), [x, y])])
    u, v = RNG.standard_normal(a), RNG.standard_normal(b)
    weight = RNG.standard_normal(np.broadcast_shapes(a, b))
    for arguments in ([weight] * 3, [u, v, weight], [weight] * 3):
        p, q, s = arguments
        value, gx, gy = f(*arguments)
        np.testing.assert_allclose(value, p * np.exp(q) + q, rtol=1e-14)
        for g, want, like in ((gx, s * np.exp(q), p), (gy, s * (p * np.exp(q) + 1), q)):
            axes = tuple(k for k in (0, 1) if like.shape[k] == 1)
            np.testing.assert_allclose(
                g, np.broadcast_to(want, s.shape).sum(axis=axes, keepdims=True), rtol=1e-12
            )


@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_an_expression_against_itself(dtype):
    """One node read along different axes in one loop."""
    x, y = T.tensor(dtype, shape=(None,)), T.tensor(dtype, shape=(None, None))
    u, v = abs(x), abs(y)
    gap = u.dimshuffle(0, "x") - u.dimshuffle("x", 0)
    pairs = v.dimshuffle(0, "x", 1) - v.dimshuffle("x", 0, 1)
    f = ct.function([x, y], [gap, (gap * gap).sum(axis=1), (pairs * pairs).sum(axis=2), v @ v.T, v + v[::-1]])
    for n, m in ((2, 3), (5, 1), (1, 4), (40, 30)):
        p, q = RNG.integers(-9, 9, n).astype(dtype), RNG.integers(-9, 9, (n, m)).astype(dtype)
        a, b = abs(p), abs(q)
        gaps, distances = a[:, None] - a, ((b[:, None] - b) ** 2).sum(axis=2)
        wants = [gaps, (gaps**2).sum(axis=1), distances, b @ b.T, b + b[::-1]]
        for got, want in zip(f(p, q), wants, strict=True):
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_computed_sizes_of_one(size):
    """Sizes of 1 broadcast also where they are not those of inputs."""
    x, y = T.dvector("x"), T.dvector("y")
    u, v = RNG.standard_normal(size), RNG.standard_normal(3)
    for view in (lambda x: x[::2], lambda x: x[-1:], lambda x: x[1:], lambda x: x[:1]):
        if view(u).size not in (1, 3):
            continue
        z = T.exp(view(x)) * y
        value, gx, gy = ct.function([x, y], [z, *ct.grad(z.sum(), [x, y])])(u, v)
        np.testing.assert_allclose(value, np.exp(view(u)) * v, rtol=1e-14)
        np.testing.assert_allclose(gy, np.broadcast_to(np.exp(view(u)), (3,)), rtol=1e-14)
        want = np.zeros(size)
        view(want)[...] = (np.exp(view(u)) * v).sum() if view(u).size == 1 else np.exp(view(u)) * v
        np.testing.assert_allclose(gx, want, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("sizes", [(2, 5), (5, 2), (1, 4), (2, 0), (0, 0)])
def test_one_size_of_one_meets_two_sizes(sizes):
    """The gradients of both uses are summed, each over its own size."""
    x, y, z = T.dmatrix("x"), T.dmatrix("y"), T.dmatrix("z")
    u, v, w = RNG.standard_normal((3, 1)), *(RNG.standard_normal((3, size)) for size in sizes)
    cost = T.sum(T.exp(x) * y) + T.sum(T.exp(x) * z)
    got = ct.function([x, y, z], ct.grad(cost, x))(u, v, w)
    want = np.exp(u) * (v.sum(axis=1, keepdims=True) + w.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
    cost = T.sum(T.broadcast_to(-x, v.shape) * v) + T.sum(T.broadcast_to(-x, w.shape) * w)
    want = -v.sum(axis=1, keepdims=True) - w.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ct.function([x], ct.grad(cost, x))(u), want, rtol=1e-12, atol=1e-12)


def test_sizes_that_do_not_fit_raise():
    x, y = T.dvector("left"), T.dvector("right")
    f = ct.function([x, y], x + y)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"left|right"):
            f(np.zeros(3), np.zeros(4))
        np.testing.assert_array_equal(f([1.0, 2], [3.0, 4]), [4, 6])
        np.testing.assert_array_equal(f([1.0], [3.0, 4]), [4, 5])


def test_results_are_the_callers_own():
    """Writing into a result changes neither later results, arguments, nor shared variables."""
    x, s = T.dmatrix("x"), ct.shared(np.ones((200, 300)), name="s")
    f = ct.function([x], [x, x.T, s, x + s, x[:2]])
    value = RNG.standard_normal((200, 300))
    copy = value.copy()
    first = f(value)
    for result in first:
        result[...] = 99
    np.testing.assert_array_equal(value, copy)
    for result, want in zip(f(value), [copy, copy.T, np.ones((200, 300)), copy + 1, copy[:2]], strict=True):
        np.testing.assert_array_equal(result, want)


# ---- threads
def thread_cases():
    x = T.dmatrix("x")
    f32 = T.fmatrix("x")
    return {
        "sum": (x, x.sum()),
        "sum of rows": (x, x.sum(axis=1)),
        "sum of columns": (x, x.sum(axis=0)),
        "float32": (f32, [f32.sum(), f32.mean(axis=0), (f32 * f32).sum(axis=1)]),
        "softmax": (x, T.nnet.softmax(x)),
        "normalization": (
            x,
            (x - x.mean(axis=1, keepdims=True)) / T.sqrt(x.var(axis=1, keepdims=True) + 1e-5),
        ),
        "matmul": (x, T.dot(x, x.T[:, :300])),
        "gradient": (x, ct.grad(T.log(T.nnet.softmax(T.dot(x, x.T[:, :50]))).sum(), x)),
        "gather": (x, ct.grad(T.sqr(x[np.arange(5000) * 7 % 600]).sum(), x)),
        "elementwise": (x, T.tanh(x) * T.exp(-x * x)),
    }


@pytest.mark.parametrize("name", thread_cases())
def test_any_number_of_threads_gives_the_same_bits(name, threads):
    x, expressions = thread_cases()[name]
    f = ct.function([x], expressions if isinstance(expressions, list) else [expressions])
    value = np.random.default_rng(1).standard_normal((600, 1111)).astype(x.dtype)
    results = []
    for count in (1, 2, 3, 2, 1):
        threads(count)
        results.append([np.asarray(result).tobytes() for result in f(value)])
    assert all(result == results[0] for result in results)


def test_many_threads_call_one_function():
    x, w = T.dmatrix("x"), ct.shared(RNG.standard_normal((20, 30)))
    y = T.nnet.softmax(T.dot(x, w))
    f = ct.function([x], [y, ct.grad(T.sum(T.log(y)), x)])
    cases = [RNG.standard_normal((n, 20)) for n in (1, 2, 50, 300, 2000, 7, 0, 33)]
    wants = [f(value) for value in cases]
    failures = []

    def work(k):
        try:
            for round_ in range(40):
                j = (k + round_) % len(cases)
                for got, want in zip(f(cases[j]), wants[j], strict=True):
                    np.testing.assert_array_equal(got, want)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures, failures[0]


def test_updates_from_many_threads_are_all_made():
    total = ct.shared(np.zeros(1000), name="total")
    f = ct.function([], updates=[(total, total + 1)])
    workers = [threading.Thread(target=lambda: [f() for _ in range(200)]) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    np.testing.assert_array_equal(total.get_value(), np.full(1000, 1600.0))


def test_many_threads_compile():
    failures = []

    def work(k):
        try:
            for n in range(5):
                x = T.dvector("x")
                f = ct.function([x], T.exp(x) * (k + n) + T.sum(x**2))
                np.testing.assert_allclose(f([0.0, 1.0]), np.exp([0.0, 1.0]) * (k + n) + 1)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures, failures[0]


# ---- updates
@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (700, 800)])
def test_updates_happen_at_once(shape):
    """All right sides see the values from before: a swap needs no third variable."""
    u, v = RNG.standard_normal(shape), RNG.standard_normal(shape)
    a, b, c = ct.shared(u, name="a"), ct.shared(v, name="b"), ct.shared(u * 0, name="c")
    f = ct.function([], [a, b + a], updates=[(a, b), (b, a), (c, a + 2 * b)])
    for k in range(4):
        x, y = (u, v) if k % 2 == 0 else (v, u)
        first, second = f()
        np.testing.assert_array_equal(first, x)
        np.testing.assert_array_equal(second, y + x)
        np.testing.assert_array_equal(a.get_value(), y)
        np.testing.assert_array_equal(b.get_value(), x)
        np.testing.assert_allclose(c.get_value(), x + 2 * y, rtol=1e-15, atol=1e-15)


def test_updates_in_place_are_as_out_of_place():
    """Whatever the order in which a large array is written over, views of it see the old values."""
    value = RNG.standard_normal((600, 500))
    for name, change in {
        "scaled": lambda s: s * 0.5 + 1,
        "reversed": lambda s: s[::-1],
        "shifted": lambda s: (
            T.concatenate([s[1:], s[:1]]) if isinstance(s, ct.Variable) else np.roll(s, -1, 0)
        ),
        "reflected": lambda s: s + s[:, ::-1],
        "centred": lambda s: s - s.mean(axis=0),
        "normalized": lambda s: s / (1 + abs(s).sum(axis=1, keepdims=True)),
        "neighbours": lambda s: s + s[np.arange(600) - 1],
    }.items():
        s = ct.shared(value, name="s")
        f = ct.function([], s.sum(), updates=[(s, change(s))])
        want = value
        for _ in range(3):
            np.testing.assert_allclose(f(), want.sum(), rtol=1e-9, atol=1e-9, err_msg=name)
            want = change(want)
            np.testing.assert_allclose(s.get_value(), want, rtol=1e-10, atol=1e-10, err_msg=name)


def test_updates_may_change_the_shape():
    s = ct.shared(np.arange(3.0))
    grow = ct.function([], s.sum(), updates=[(s, T.concatenate([s, 2 * s]))])
    want = np.arange(3.0)
    for _ in range(5):
        assert grow() == want.sum()
        want = np.concatenate([want, 2 * want])
        np.testing.assert_array_equal(s.get_value(), want)


def test_failed_calls_leave_shared_variables_alone():
    a, b = ct.shared(np.ones((300, 400)), name="a"), ct.shared(np.arange(5.0), name="b")
    k, x = T.lvector("k"), T.dvector("x")
    by_index = ct.function([k], b[k].sum(), updates=[(a, a * 2), (b, b + 1)])
    by_size = ct.function([x], updates=[(a, a * 3), (b, b + x)])
    by_index([0, 4])
    for call, argument, error in ((by_index, [0, 5], IndexError), (by_size, np.zeros(4), ValueError)):
        with pytest.raises(error):
            call(argument)
        np.testing.assert_array_equal(a.get_value(), np.full((300, 400), 2.0))
        np.testing.assert_array_equal(b.get_value(), np.arange(5.0) + 1)


def test_results_of_updated_variables_are_the_old_values():
    s = ct.shared(np.zeros((400, 500)))
    f = ct.function([], [s, s.T, s[1:]], updates=[(s, s + 1)])
    kept = [f() for _ in range(3)]
    for k, results in enumerate(kept):
        for result in results:
            np.testing.assert_array_equal(result, float(k))


# ---- interrupts and memory
def slow_function(kind):
    """A call of some seconds on one core, of steps that each take much less, with an update."""
    n = 3000
    s = ct.shared(np.ones((n, n), "float32"), name="s")
    y = s
    for k in range(40):
        y = T.dot(y, y) * 1e-4 if kind == "matmul" else T.sin(y) + T.sin(y + k).sum(axis=0) * 1e-9
    return ct.function([], y.sum(), updates=[(s, s + y)]), s


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
@pytest.mark.parametrize("kind", ["elementwise", "matmul"])
def test_an_interrupt_ends_a_long_call(kind, threads):
    def interrupt(*_):
        raise KeyboardInterrupt

    f, s = slow_function(kind)
    threads(1)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        start = time.thread_time()
        with pytest.raises(KeyboardInterrupt):
            f()
        elapsed = time.thread_time() - start
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert elapsed < 1, f"computed for {elapsed:.1f} s, although interrupted after 0.2 s"
    assert (s.get_value() == 1).all()


def test_other_threads_run_during_a_long_call():
    f, _ = slow_function("elementwise")
    stop, longest = threading.Event(), [0.0]

    def tick():
        last = time.perf_counter()
        while not stop.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            longest[0] = max(longest[0], now - last)
            last = now

    ticker = threading.Thread(target=tick)
    ticker.start()
    start = time.perf_counter()
    f()
    elapsed = time.perf_counter() - start
    stop.set()
    ticker.join()
    assert longest[0] < elapsed / 2, f"a thread waited {longest[0]:.2f} s of a call of {elapsed:.2f} s"


def test_too_little_memory_is_an_error():
    n = T.lscalar("n")
    s = ct.shared(np.zeros(3))
    f = ct.function(
        [n], T.ones((n, n)).cumsum().sum() if hasattr(T, "cumsum") else T.ones((n, n)), updates=[(s, s + 1)]
    )
    with pytest.raises(MemoryError):
        f(1 << 22)
    np.testing.assert_array_equal(s.get_value(), np.zeros(3))
    assert f(2) is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_functions_survive_fork():
    x = T.dmatrix("x")
    f = ct.function([x], T.exp(x).sum(axis=0))
    value = RNG.standard_normal((800, 900))
    want = f(value)
    child = os.fork()
    if child == 0:
        y = T.dmatrix("y")
        same = np.array_equal(f(value), want)
        new = np.array_equal(ct.function([y], y * 2)(value), value * 2)
        os._exit(0 if same and new else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    np.testing.assert_array_equal(f(value), want)

"""Running values, and results whose size depends on data, against NumPy."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(0)
VECTORS = {
    "some": RNG.integers(-2, 3, 50) * 0.5,
    "none": np.zeros(4),
    "one": np.array([2.5]),
    "empty": np.empty(0),
    "nan": np.array([np.nan, 1, np.nan, -0.0, 0.0, np.inf]),
    "matrix": RNG.integers(-1, 2, (6, 5)) * 1.0,
    "cube": RNG.integers(-1, 2, (2, 0, 3)) * 1.0,
}


def tensor(array, name=None):
    return T.TensorType(array.dtype, (None,) * array.ndim)(name)


def call(build, *arrays, mode=None):
    inputs = [tensor(array) for array in arrays]
    return ct.function(inputs, build(*inputs), mode=mode)(*arrays)


def same(got, want):
    for a, b in zip(got, want, strict=True):
        assert a.shape == np.shape(b)
        assert a.dtype == np.asarray(b).dtype
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("mode", [None, "reference"])
@pytest.mark.parametrize("array", VECTORS.values(), ids=VECTORS)
def test_chosen_elements(array, mode):
    options = {"return_index": True, "return_inverse": True, "return_counts": True}
    got = call(
        lambda x: [
            *T.nonzero(x),
            T.nonzero(x, return_matrix=True),
            T.flatnonzero(x),
            T.argwhere(x),
            T.nonzero_values(x),
            T.extract(x > 0, x),
            x[x > 0],
            *T.unique(x, **options),
        ],
        array,
        mode=mode,
    )
    values, index, inverse, counts = np.unique(array, **options)
    want = [
        *np.nonzero(array),
        np.stack(np.nonzero(array)),
        np.flatnonzero(array),
        np.argwhere(array),
        array[np.nonzero(array)],
        np.extract(array > 0, array),
        array[array > 0],
        values,
        index,
        inverse.reshape(array.shape),
        counts,
    ]
    same(got, want)


def test_chosen_slices():
    a = RNG.standard_normal((4, 3))
    for mask in (np.array([True, False, True, True]), np.zeros(4, bool), np.array([False, True])):
        got = call(lambda c, x: [T.compress(c, x, axis=0)], mask, a)
        same(got, [np.compress(mask, a, axis=0)])
    counts = np.array([2, 0, 3, 1])
    got = call(lambda c, x: [T.repeat(x, c, axis=0), T.repeat(x[:, 0], c)], counts, a)
    same(got, [np.repeat(a, counts, axis=0), np.repeat(a[:, 0], counts)])
    same(call(lambda c, x: [T.repeat(x, c, axis=0)], counts * 0, a), [a[:0]])


def test_sizes_from_data_meet_others():
    x, w, n = T.dvector("x"), T.dvector("w"), T.lscalar("n")
    f = ct.function([x, w], x[x > 0] + w)
    for values in ([1, -1, 2, 3], [-1, 5, -1], [1, 2, 3]):
        kept = np.array(values)[np.array(values) > 0]
        np.testing.assert_array_equal(f(values, np.ones(3)), kept + np.ones(3))
    with pytest.raises(ValueError, match="given 2 and 3"):
        f([1, 1, -1], np.ones(3))
    twice = x[x > 0]
    f = ct.function([x], [twice, twice[twice < 2].sum(), T.arange(twice.sum())])
    kept, total, count = f([0.5, -1, 1.5, 3])
    assert (kept.tolist(), total, count.tolist()) == ([0.5, 1.5, 3], 2, [0, 1, 2, 3, 4])
    g = ct.function([n, w], T.zeros(n) + w)
    assert g(1, [1, 2]).tolist() == g(2, [1, 2]).tolist() == [1, 2]


def test_updates_with_sizes_from_data():
    state = ct.shared(np.array([1.0, -2.0, 3.0]), "state")
    f = ct.function([], state.sum(), updates=[(state, state[state > 0])])
    assert f() == 2
    assert f() == 4
    assert state.get_value().tolist() == [1, 3]


RUNNING = {
    "cumsum": np.cumsum,
    "cumprod": np.cumprod,
    "cummax": np.maximum.accumulate,
    "cummin": np.minimum.accumulate,
}
DTYPES = ["bool", "int8", "uint16", "int32", "int64", "uint64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", RUNNING)
def test_running(name, dtype):
    reference, function = RUNNING[name], getattr(T, name)
    for shape in ((7,), (3, 5), (2, 3, 4), (0,), (3, 0), (1, 1)):
        a = (
            RNG.integers(0, 2, shape).astype(dtype)
            if dtype == "bool"
            else RNG.integers(0, 4, shape).astype(dtype)
        )
        for axis in (*range(-1, a.ndim), *([None] if name.startswith("cums") else [])):
            got = call(lambda x, axis=axis: function(x, axis=axis), a)
            want = reference(a, axis=axis)
            assert got.dtype == want.dtype
            np.testing.assert_array_equal(got, want)


def test_running_of_special_values():
    a = np.array([1, np.inf, 2, np.nan, 3])
    for name, reference in RUNNING.items():
        np.testing.assert_array_equal(call(getattr(T, name), a), reference(a))
    small = RNG.random(100_000).astype("float32")
    got = call(T.cumsum, small)
    np.testing.assert_allclose(got, np.cumsum(small.astype("float64")), rtol=1e-7)
    with pytest.raises(TypeError, match="real numbers"):
        T.cummax(T.zvector())


def test_linear_recurrence():
    a, b = RNG.standard_normal((3, 6)), RNG.standard_normal(6)
    want, before = np.empty((3, 6)), np.zeros(3)
    for i in range(6):
        before = want[:, i] = a[:, i] * before + b[i]
    np.testing.assert_allclose(call(T.linear_recurrence, a, b), want, rtol=1e-14)


POINTS = {
    "plain": np.array([[1.0, 3, -2, 0.5], [2, -1, 4, 3]]),
    "zeros": np.array([[1.0, 0, -2, 0.5], [0, -1, 0, 3]]),
    "short": np.array([[2.0]]),
    "empty": np.empty((2, 0)),
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("name", [*RUNNING, "linear_recurrence"])
def test_gradients(name, point):
    function, point = getattr(T, name), POINTS[point]
    if name in ("cummax", "cummin"):
        point = point + np.arange(point.size).reshape(point.shape) / 8  # no ties, which have no derivative
    weights = RNG.standard_normal(point.shape)

    def build(x):
        y = function(T.sin(x), x, axis=1) if name == "linear_recurrence" else function(x, axis=1)
        return (y * weights).sum()

    x = T.dmatrix("x")
    cost, gradient = ct.function([x], build(x)), ct.function([x], ct.grad(build(x), x))
    numeric = np.zeros(point.shape)
    for i in np.ndindex(point.shape):
        step = np.zeros(point.shape)
        step[i] = 1e-6
        numeric[i] = (cost(point + step) - cost(point - step)) / 2e-6
    np.testing.assert_allclose(gradient(point), numeric, rtol=1e-6, atol=1e-6)


def test_a_mask_is_computed_once():
    """Its elements are counted first; what counts them hands the mask over."""
    x = T.dvector("x")
    f = ct.function([x], [x[T.exp(x) > 1.5], T.tanh(x)])
    names = [op for kernel in f.compile_report().kernels for op in kernel.ops]
    assert "tanh" in names
    assert "exp" not in names
    array = np.linspace(-2, 2, 9)
    np.testing.assert_array_equal(f(array)[0], array[np.exp(array) > 1.5])

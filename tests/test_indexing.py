"""x[index], set_subtensor and inc_subtensor against NumPy, for every kind of index."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

MASK = np.array([True, False, True])
# Shape, index; arrays in the index are also given as symbolic variables.
CASES = [
    ((5,), 2),
    ((5,), -1),
    ((5,), slice(None, None, -2)),
    ((5,), slice(4, 1)),
    ((5,), [0, 3, 3, -1]),
    ((5,), np.array([[1, -2], [0, 0]])),
    ((5,), np.array([], "int64")),
    ((5,), np.array([True, False, True, True, False])),
    ((0,), slice(None)),
    ((3, 4), (1, 2)),
    ((3, 4), (slice(None, None, -1), None, slice(1, None, 2))),
    ((3, 4), (Ellipsis, 0)),
    ((3, 4), (None, 1)),
    ((3, 4), np.array([2, 0, 2])),
    ((3, 4), (slice(None), np.array([1, 1, -4]))),
    ((3, 4), (np.array([0, 2, 0]), np.array([3, -1, 3]))),
    ((3, 4), (np.array([[0], [2]]), np.array([1, 3]))),
    ((3, 4), (MASK, slice(1, 3))),
    ((3, 4), (MASK, np.array([0, 2]))),
    ((3, 4), np.arange(12).reshape(3, 4) % 3 == 0),
    ((3, 4), (slice(0, 0), np.array([1, 1]))),
    ((2, 3, 4), (np.array([1, 0]), slice(None), np.array([0, 3]))),
    ((2, 3, 4), (0, slice(None), np.array([0, 3, 3]))),
    ((2, 3, 4), (slice(None), 1, np.array([0, 3, 3]))),
    ((2, 3, 4), (slice(None, None, -1), np.array([[1, 2]]), slice(1, 4, 2))),
    ((2, 3, 4), (np.array([1, 1]), None, np.array([2, 0]))),
    ((2, 3, 4), (Ellipsis, np.array([0, 2]), np.array([1, 1]))),
    ((2, 3, 4), (1, Ellipsis, -1)),
    ((2, 3, 4), (slice(None), np.array([0, 2]), Ellipsis, np.array([1, 1]))),
    ((2, 3, 4), (slice(None), np.array([0, 2]), Ellipsis, 1)),
    ((2, 3, 4), (slice(None), np.arange(12).reshape(3, 4) % 2 == 1)),
    ((2, 3, 1, 2), (slice(None), np.array([0, 2]), slice(None), np.array([1, 1]))),
]


def label(case):
    return str(case).replace("\n", " ")


def array_of(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def symbolic(index):
    """The index with its arrays, masks and integers as symbolic variables, and these with their values."""
    inputs, values = [], []

    def entry(x):
        if isinstance(x, list | np.ndarray):
            value = np.asarray(x)
        elif isinstance(x, int):
            value = np.int64(x)
        else:
            return x
        inputs.append(T.TensorType(value.dtype, (None,) * value.ndim)())
        values.append(value)
        return inputs[-1]

    parts = index if isinstance(index, tuple) else (index,)
    return tuple(entry(x) for x in parts), inputs, values


def variants(shape, index):
    """Indexed variables over known and unknown sizes, and the arguments to call with."""
    a = array_of(shape)
    known = T.TensorType("float64", shape)("x")
    yield known, index, [known], [a]
    unknown = T.TensorType("float64", (None,) * len(shape))("x")
    positions, inputs, values = symbolic(index)
    yield unknown, positions, [unknown, *inputs], [a, *values]


@pytest.mark.parametrize("case", CASES, ids=label)
def test_read_and_write(case):
    shape, index = case
    part = array_of(shape)[index]
    new = np.asarray(array_of(part.shape, 1))
    for x, place, inputs, args in variants(shape, index):
        put, added = array_of(shape), array_of(shape)
        put[index] = new
        np.add.at(added, index, new)
        outputs = [x[place], T.set_subtensor(x[place], new), T.inc_subtensor(x[place], new)]
        for mode in ("", "reference"):
            f = ct.function(inputs, outputs, mode=mode or None)
            got = f(*args)
            assert got[0].shape == part.shape
            for result, want in zip(got, (part, put, added), strict=True):
                np.testing.assert_allclose(result, want, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("case", CASES, ids=label)
def test_gradients(case):
    shape, index = case
    part = array_of(shape)[index]
    weights, part_weights = array_of(shape, 2), np.asarray(array_of(part.shape, 3))
    for x, place, inputs, args in variants(shape, index):
        y = T.TensorType("float64", (None,) * part.ndim)("y")
        costs = [
            (x[place] * part_weights).sum(),
            (T.set_subtensor(x[place], y) * weights).sum(),
            (T.inc_subtensor(x[place], y) * weights).sum(),
        ]
        grads = [ct.grad(costs[0], x)]
        grads += [g for cost in costs[1:] for g in ct.grad(cost, [x, y], disconnected_inputs="ignore")]
        f = ct.function([*inputs, y], grads, on_unused_input="ignore")
        got = f(*args, np.asarray(array_of(part.shape, 1)))
        read, kept = np.zeros(shape), weights.copy()
        np.add.at(read, index, part_weights)
        kept[index] = 0
        # Of several values for one element only the last one counts.
        owner = np.full(shape, -1)
        order = np.arange(part.size).reshape(part.shape)
        owner[index] = order
        stays = np.where(owner[index] == order, weights[index], 0)
        for result, want in zip(got, (read, kept, stays, weights, weights[index]), strict=True):
            np.testing.assert_allclose(result, want, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64", "uint64", "float16", "float32"])
def test_dtypes(dtype):
    a = (np.arange(12).reshape(3, 4) % 5).astype(dtype)
    big = np.array([0, 1], dtype) if dtype == "bool" else np.array([7, np.array(100).astype(dtype)], dtype)
    x = T.TensorType(dtype, (None, None))("x")
    i = T.lvector("i")
    got = ct.function([x, i], [x[i, 1], T.set_subtensor(x[i, 1], big), T.inc_subtensor(x[i, 1], big)])(
        a, [2, 0]
    )
    want = a.copy()
    want[[2, 0], 1] = big
    added = a.copy()
    added[[2, 0], 1] += big
    np.testing.assert_array_equal(got[0], a[[2, 0], 1])
    np.testing.assert_array_equal(got[1], want)
    np.testing.assert_array_equal(got[2], added)
    assert got[1].dtype == got[2].dtype == a.dtype


# Sizes around those of vectors and of unrolled blocks.
COUNTS = [0, 1, 7, 8, 9, 16, 31, 33, 64, 65, 200]


@pytest.mark.parametrize("of_index", ["int64", "int32", "uint8"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int32", "complex64", "bool"])
def test_elements_of_a_vector(dtype, of_index):
    """Positions beside one another, apart and computed; all from the start, and one from the end."""
    a = (array_of(50) * 10).astype(dtype)
    x, i = T.tensor(dtype, shape=(None,)), T.tensor(of_index, shape=(None,))
    f = ct.function([x, i], [x[i], x[::-3][i // 4], x[i // 2], abs(x)[i]])
    for count in COUNTS:
        for last in (0, 49) if of_index[0] == "u" else (0, 49, -1, -50):
            k = (np.arange(2 * count) * 37 % 50).astype(of_index)
            k[-1:] = last
            for positions in (k[:count], k[::2], k[::-2]):
                want = a[positions], a[::-3][positions // 4], a[positions // 2], abs(a)[positions]
                for got, expected in zip(f(a, positions), want, strict=True):
                    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "complex128"])
@pytest.mark.parametrize("width", COUNTS)
def test_rows_of_a_matrix(width, dtype):
    a = (array_of((9, 2 * width)) * 10).astype(dtype)
    x, i = T.tensor(dtype, shape=(None, None)), T.lvector("i")
    half = x[:, ::2]
    f = ct.function([x, i], [x[i], half[i] + 1, T.take(x.T, i, axis=1), half[i].sum(axis=1), x[::-1][i].T])
    for k in ([], [3], [-1, 0, 8, 3, 3, -9]):
        k = np.array(k, "int64")
        want = a[k], a[k, ::2] + 1, a.T[:, k], a[k, ::2].sum(axis=1), a[::-1][k].T
        for got, expected in zip(f(a, k), want, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("count", [1, 16, 70])
@pytest.mark.parametrize("rows", [0, 5])
def test_wrong_positions_among_right_ones(rows, count):
    x, v, i = T.dmatrix("x"), T.dvector("v"), T.lvector("i")
    of_rows, of_elements = ct.function([x, i], x[i]), ct.function([v, i], v[i] * 2)
    k = np.zeros(count, "int64")
    for place in {0, count // 2, count - 1}:
        for wrong in (rows, -rows - 1, 2**62, -(2**62)):
            k[place] = wrong
            for f, a in ((of_rows, array_of((rows, 3))), (of_elements, array_of(rows))):
                with pytest.raises(IndexError, match="out of range for axis 0"):
                    f(a, k)
        k[place] = 0


def test_positions_that_a_result_may_overwrite():
    x, i = T.lvector("x"), T.lvector("i")
    k = np.arange(100) * 7 % 40
    for length in (1, 40, 100):
        moved = i[:length] + 1
        f = ct.function([x, i], [moved * 3, x[moved], moved - x[moved * 2], x[moved]])
        a, at = np.arange(90) ** 2, k[:length] + 1
        for got, want in zip(f(a, k), (at * 3, a[at], at - a[at * 2], a[at]), strict=True):
            np.testing.assert_array_equal(got, want)


def test_errors_name_position_and_axis():
    x, i, j = T.matrix("x"), T.lvector("i"), T.lscalar("j")
    a = np.zeros((3, 4), ct.config.floatX)
    for expression in (x[i, i], x[:, i], T.set_subtensor(x[i, 1], 1), T.inc_subtensor(x[1, i], 1)):
        f = ct.function([x, i], expression)
        for position in (4, -5):
            with pytest.raises(IndexError, match=rf"position {position} is out of range for axis \d"):
                f(a, [0, position])
    with pytest.raises(IndexError, match="axis 1"):
        ct.function([x, j], x[0, j])(a, 4)
    with pytest.raises(IndexError, match="axis 0"):
        T.TensorType("float64", (3,))("v")[3]
    with pytest.raises(IndexError, match="mask"):
        T.TensorType("float64", (3,))("v")[np.array([True])]
    with pytest.raises(TypeError, match="index"):
        x[1.5]
    with pytest.raises(ValueError, match="required"):
        ct.function([x, i], x[i > 0])(a, [1, 2])


@pytest.mark.parametrize("rows", [3, 40_000])
def test_updates_touch_only_the_rows(rows):
    """A shared variable is written in place where that is safe, and stays whole where the call fails."""
    w = ct.shared(array_of((rows, 8)), "w")
    before = w.get_value()
    i, y = T.lvector("i"), T.dmatrix("y")
    sums, ones = before[[2, 0]] + [[2], [1]], np.ones((2, 8))
    for update, rows_after in ((T.inc_subtensor, sums), (T.set_subtensor, ones)):
        w.set_value(before)
        f = ct.function([i, y], [], updates=[(w, update(w[i], y))])
        f([2, 0, 2], np.ones((3, 8)))
        want = before.copy()
        want[[2, 0]] = rows_after
        np.testing.assert_array_equal(w.get_value(), want)
        with pytest.raises(IndexError):
            f([0, rows], np.ones((2, 8)))
        np.testing.assert_array_equal(w.get_value(), want)
    w.set_value(before)
    shift = ct.function([], [], updates=[(w, T.set_subtensor(w[1:], w[:-1]))])
    shift()
    want = before.copy()
    want[1:] = before[:-1]
    np.testing.assert_array_equal(w.get_value(), want)

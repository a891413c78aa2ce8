"""Arguments that do not lie in C order are read where they lie, with the results of their dense copies."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(0)
DTYPES = ["float64", "float32", "int64", "int16", "bool", "float16"]
x, y = T.dmatrices("x", "y")


def normal(*shape):
    return RNG.normal(size=shape)


# ---- arrays of shape (6, 8), or of one that broadcasts with it
VIEWS = {
    "dense": normal(6, 8),
    "fortran": np.asfortranarray(normal(6, 8)),
    "transposed": normal(8, 6).T,
    "rows": normal(12, 8)[::2],
    "columns": normal(6, 16)[:, ::2],
    "both": normal(18, 16)[::3, ::2],
    "reversed": normal(6, 8)[::-1, ::-1],
    "backwards": normal(6, 24)[:, ::-3],
    "part_of_fortran": np.asfortranarray(normal(16, 16))[2:8, 1:9],
    "repeated_row": np.broadcast_to(normal(8), (6, 8)),
    "repeated_column": np.broadcast_to(normal(6, 1), (6, 8)),
    "repeated_element": np.broadcast_to(normal(), (6, 8)),
    "diagonal_of_3d": np.einsum("iij->ij", normal(6, 6, 8)),
    "one_row": normal(1, 16)[:, ::2],
    "one_column": normal(12, 3)[::2, :1],
}

# ---- functions of two matrices and NumPy's; the last says whether the results have the same bits as dense
FUNCTIONS = {
    "elementwise": (lambda a, b: T.exp(a) * b + 1, lambda a, b: np.exp(a) * b + 1, True),
    "transposed": (lambda a, b: (a + b).T - 1, lambda a, b: (a + b).T - 1, True),
    "rows": (lambda a, b: (a * b).sum(1), lambda a, b: (a * b).sum(1), False),
    "columns": (lambda a, b: (a - b).max(0), lambda a, b: (a - b).max(0), False),
    "all": (lambda a, b: (a * b).mean(), lambda a, b: (a * b).mean(), False),
    "product": (lambda a, b: T.dot(a, b.T), lambda a, b: a @ b.T, False),
    "product_of_transposed": (lambda a, b: T.dot(a.T, b), lambda a, b: a.T @ b, False),
    "matrix_vector": (lambda a, b: T.dot(a, b[0]), lambda a, b: a @ b[0], False),
    "reshape": (lambda a, b: a.reshape((-1,)), lambda a, b: a.reshape(-1), True),
    "slices": (lambda a, b: a[::-2, 1:] + b[-1, 1:], lambda a, b: a[::-2, 1:] + b[-1, 1:], True),
    "itself": (lambda a, b: a, lambda a, b: a, True),
    "taken": (
        lambda a, b: a[T.constant([0, -1])] + b[T.constant([0])],
        lambda a, b: a[[0, -1]] + b[[0]],
        True,
    ),
    "joined": (lambda a, b: T.concatenate([a, b], 1), lambda a, b: np.concatenate([a, b], 1), True),
    "softmax": (
        lambda a, b: T.nnet.softmax(a) + b,
        lambda a, b: np.exp(a) / np.exp(a).sum(1, keepdims=True) + b,
        False,
    ),
}


def called(function, *arguments):
    """The result, or the message of the error without its line."""
    try:
        return function(*arguments)
    except ValueError as error:
        return str(error).split(" (")[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_strided_arguments(name):
    build, reference, exact = FUNCTIONS[name]
    fresh = lambda: ct.function([x, y], build(x, y), on_unused_input="ignore")  # noqa: E731
    dense = fresh()
    for first, a in VIEWS.items():
        strided = fresh()
        for second in ("dense", first, "fortran"):
            b = VIEWS[second]
            got = called(strided, a, b)
            want = called(dense, a.copy(), b.copy())
            if isinstance(want, str):
                assert got == want, f"{first}, {second}"
                continue
            np.testing.assert_allclose(
                got, reference(a, b), rtol=1e-12, atol=1e-14, err_msg=f"{first}, {second}"
            )
            assert not exact or got.tobytes() == want.tobytes(), f"{first}, {second}: other bits"
            assert got.flags.c_contiguous
        assert strided.memory_report().argument_copies == []


@pytest.mark.parametrize("dtype", DTYPES)
def test_vectors_with_a_step(dtype):
    v = T.tensor(dtype, shape=(None,), name="v")
    wide = "float64" if dtype == "float16" else "int64" if dtype == "bool" else dtype
    f = ct.function([v], [T.where(v > 0, v, 0 * v), v.astype(wide).sum()])
    for length in [0, 1, 2, 7, 8, 9, 16, 33, 65, 1000]:
        for step in [2, 3, -1, -5]:
            whole = (10 * normal(max(length * abs(step), 1))).astype(dtype)
            view = whole[::step][:length]
            values, total = f(view)
            np.testing.assert_array_equal(values, np.where(view > 0, view, 0 * view))
            exact = view.astype(wide).sum(dtype=total.dtype)
            np.testing.assert_allclose(total, exact, rtol=1e-5, atol=1e-3)


def test_higher_ranks_in_every_order_of_axes():
    t = T.dtensor3("t")
    f = ct.function([t], [2 * t, t.sum((0, 2)), t.max(1)])
    for axes in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]:
        for a in (normal(2, 3, 4).transpose(axes), normal(4, 3, 4)[::2].transpose(axes)):
            for got, want in zip(f(a), (2 * a, a.sum((0, 2)), a.max(1)), strict=True):
                np.testing.assert_allclose(got, want, rtol=1e-13)


def test_new_sizes_and_strides_of_a_known_kind_build_nothing():
    f = ct.function([x, y], T.exp(x) * y)
    f(normal(4, 6)[:, ::2], np.asfortranarray(normal(4, 3)))
    before = ct._core.kernels_built()
    for rows in (1, 2, 5, 300):
        for step in (2, 3, 7):
            a, b = normal(rows, 4 * step)[:, ::step], np.asfortranarray(normal(rows, 4))
            np.testing.assert_allclose(f(a, b), np.exp(a) * b, rtol=1e-14)
    # A row of a Fortran array is dense as well: only that kind is new.
    assert ct._core.kernels_built() - before <= 1


def test_updates_and_gradients_of_strided_arguments():
    w = ct.shared(normal(8, 3), name="w")
    cost = (T.tanh(T.dot(x, w)) ** 2).sum()
    step = ct.function([x], cost, updates=[(w, w - 0.1 * ct.grad(cost, w))])
    start = w.get_value()
    for view in ("fortran", "columns", "reversed"):
        w.set_value(start)
        got = float(step(VIEWS[view])), w.get_value()
        w.set_value(start)
        want = float(step(VIEWS[view].copy())), w.get_value()
        np.testing.assert_allclose(got[0], want[0], rtol=1e-13)
        np.testing.assert_allclose(got[1], want[1], rtol=1e-12)


def test_the_seventeenth_kind_of_strides_is_copied():
    names = [T.dmatrix(f"m{k}") for k in range(5)]
    f = ct.function(names, sum(names))
    for kind in range(32):
        arrays = [np.asfortranarray(normal(4, 5)) if kind >> k & 1 else normal(4, 5) for k in range(5)]
        np.testing.assert_allclose(f(*arrays), sum(arrays), rtol=1e-13)
    copies = f.memory_report().argument_copies
    assert {copy.value for copy in copies} == {f"m{k}" for k in range(5)}
    assert all("kinds" in copy.reason for copy in copies)
    # 31 calls have Fortran's order somewhere, 80 times in all; the first 16 of these calls copy nothing.
    first = sum(bin(kind).count("1") for kind in range(1, 17))
    assert sum(copy.times for copy in copies) == 80 - first


def test_sizes_that_do_not_fit_are_told_as_for_dense_arguments():
    f = ct.function([x, y], x + y)
    text = "add: required equal sizes along axis 0, given 8 and 6 for 'x' .* and 'y'"
    with pytest.raises(ValueError, match=text):
        f(VIEWS["dense"].T, VIEWS["columns"])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "int8", "complex64", "float16"])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 16, 17, 31, 33, 70, 200])
def test_steps_along_the_last_axis(count, dtype):
    """Reads end with the last element, also where a step would lead beyond the array."""
    x = T.tensor(dtype, shape=(None,))
    expressions = [lambda x, step=step: x[::step] * 3 for step in (2, 3, -2)]
    expressions += [lambda x: x[::2].sum(), lambda x: x[1::2].sum(), lambda x: x[1::2] - x[0:1]]
    f = ct.function([x], [e(x) for e in expressions])
    a = (np.random.default_rng(0).standard_normal(2 * count + 1) * 9).astype(dtype)
    for argument in (a[:count], a[: 2 * count : 2], a[count:0:-1]):
        for got, e in zip(f(argument), expressions, strict=True):
            np.testing.assert_allclose(got, e(argument), rtol=2e-2 if dtype == "float16" else 1e-4, atol=1e-4)

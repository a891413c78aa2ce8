"""Library calls beyond the rows of linalg_rows.py: failures, degenerate matrices, derivatives, threads."""

import numpy as np
import pytest
import scipy.linalg as sl
from checks import compute, numeric_gradients, variable, variables

import croton as ct
import croton.tensor as T
from croton import _core

LinAlgError = np.linalg.LinAlgError
RNG = np.random.default_rng(0)
RANDOM = RNG.standard_normal((5, 5))
ROTATION = np.array([[0.0, 1.0], [-1.0, 0.0]])
BAD = np.full((3, 3), np.nan)
a = T.dmatrix("a")


def derivative(build, x):
    """Of the sum of `build`'s results, and the same by differences."""
    (v,) = variables(x)
    loss = T.sum(build(v))
    f = ct.function([v], loss)
    return ct.function([v], ct.grad(loss, v))(x), numeric_gradients(lambda y: float(f(y)), [x], step=1e-4)[0]


# ---- failures: expression, value of a, words of the message
FAILURES = {
    "cholesky": (T.linalg.cholesky(a), -np.eye(3), ["cholesky", "positive definite", "first 1 rows"]),
    "solve": (T.linalg.solve(a, T.ones(3)), np.ones((3, 3)), ["solve", "invertible", "singular"]),
    "inv": (T.linalg.inv(a), np.zeros((2, 2)), ["invertible"]),
    "triangular": (T.linalg.solve_triangular(a, a), np.triu(np.ones((3, 3)), 1), ["solve_triangular"]),
    "svd": (T.linalg.svdvals(a), BAD, ["svd", "finite"]),
    "eigh": (T.linalg.eigvalsh(a), BAD, ["eigh", "finite"]),
    "eig nan": (T.linalg.eigvals(a), BAD, ["eig", "finite"]),
    "eig inf": (T.linalg.eigvals(a), BAD * np.inf, ["eig", "finite"]),
}


@pytest.mark.parametrize("mode", [None, "reference"])
@pytest.mark.parametrize("name", FAILURES)
def test_failures_name_op_operand_and_line(name, mode):
    expression, value, words = FAILURES[name]
    f = ct.function([a], expression, mode=mode)
    with pytest.raises(LinAlgError) as error:
        f(value)
    for word in [*words, "'a' of type float64[?, ?]", __file__]:
        assert word in str(error.value)


def test_the_operand_of_a_copy_is_named():
    f = ct.function([a], T.linalg.inv(a[:2, :2]))
    with pytest.raises(LinAlgError, match=r"for slice\(slice\(a"):
        f(np.zeros((3, 3)))


def test_calls_go_on_after_a_failure():
    f = ct.function([a], T.linalg.inv(a))
    with pytest.raises(LinAlgError):
        f(np.zeros((2, 2)))
    np.testing.assert_array_equal(f(2 * np.eye(2)), np.eye(2) / 2)


def test_a_failure_leaves_shared_variables():
    s, n = ct.shared(np.eye(3), name="s"), ct.shared(0)
    kept = ct.shared(np.eye(3))
    f = ct.function([a], [], updates=[(s, s + 1), (n, n + 1), (kept, T.linalg.inv(a))])
    with pytest.raises(LinAlgError):
        f(np.ones((3, 3)))
    np.testing.assert_array_equal(s.get_value(), np.eye(3))
    np.testing.assert_array_equal(kept.get_value(), np.eye(3))
    assert n.get_value() == 0
    f(2 * np.eye(3))
    np.testing.assert_array_equal(kept.get_value(), np.eye(3) / 2)
    assert n.get_value() == 1


def test_update_by_a_call_that_reads_it():
    s = ct.shared(np.array([3.0, 1.0, 2.0]))
    f = ct.function([], s * 2, updates=[(s, T.sort(s))])
    np.testing.assert_array_equal(f(), [6, 2, 4])
    np.testing.assert_array_equal(f(), [2, 4, 6])


def test_one_bad_matrix_of_a_batch():
    x = np.tile(np.eye(3), (500, 1, 1))
    f = ct.function([v := variable("float64", 3)], T.linalg.inv(v))
    np.testing.assert_array_equal(f(x), x)
    x[411] = 0
    with pytest.raises(LinAlgError):
        f(x)


SQUARE_ONLY = [getattr(T.linalg, name) for name in ["det", "inv", "cholesky", "eigvalsh", "expm", "eigvals"]]


@pytest.mark.parametrize("function", SQUARE_ONLY)
@pytest.mark.parametrize("mode", [None, "reference"])
def test_not_square(function, mode):
    with pytest.raises(ValueError, match="square"):
        function(T.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"required|equal sizes"):
        ct.function([a], function(a), mode=mode)(np.zeros((3, 4)))


def test_sizes_of_right_side():
    with pytest.raises(ValueError, match="equal sizes"):
        T.linalg.solve(T.zeros((3, 3)), T.zeros((2, 2)))
    b = T.dmatrix("b")
    f = ct.function([a, b], T.linalg.solve(a, b))
    with pytest.raises(ValueError, match="3 and 2"):
        f(np.eye(3), np.zeros((2, 2)))


WRITTEN = {
    "vector": (lambda: T.linalg.det(T.dvector()), ValueError, "matrix"),
    "half": (lambda: T.linalg.svd(T.matrix(dtype="float16")), TypeError, "float32 or float64"),
    "trans": (lambda: T.linalg.solve_triangular(a, a, trans="H"), ValueError, "trans"),
    "lstsq scalar": (lambda: T.linalg.lstsq(a, 1.0), ValueError, "a vector or a matrix"),
    "qr mode": (lambda: T.linalg.qr(a, "raw"), ValueError, "mode"),
    "UPLO": (lambda: T.linalg.eigh(a, "X"), ValueError, "UPLO"),
    "norm order": (lambda: T.linalg.norm(a, "max"), ValueError, "order"),
    "norm axes": (lambda: T.linalg.norm(T.dtensor3(), 2), ValueError, "one axis or two"),
    "power": (lambda: T.linalg.matrix_power(a, 0.5), TypeError, "integer"),
    "sort kind": (lambda: T.sort(a, kind="bubble"), ValueError, "kind"),
    "sort scalar": (lambda: T.sort(T.dscalar()), ValueError, "axis"),
    "sort complex": (lambda: T.sort(T.zvector()), TypeError, "real"),
    "structure": (lambda: T.slinalg.solve(a, a, "banded"), ValueError, "A_structure"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_errors_when_written(name):
    build, kind, words = WRITTEN[name]
    with pytest.raises(kind, match=words):
        build()


# ---- values where NumPy has special ones
def test_determinants_of_singular_and_bad_matrices():
    f = ct.function([a], [T.linalg.det(a), *T.linalg.slogdet(a)])
    for x in (np.zeros((2, 2)), np.ones((3, 3)), BAD, np.zeros((0, 0)), np.diag([-1e200, 1e200, 1e200])):
        with np.errstate(all="ignore"):
            want = [np.linalg.det(x), *np.linalg.slogdet(x)]
        got = f(x)
        if not np.isnan(x).any():  # NumPy gives such a determinant the sign 1
            np.testing.assert_array_equal(got[1], want[1])
        np.testing.assert_allclose([got[0], got[2]], [want[0], want[2]], atol=1e-300)


def test_nan_instead_of_an_error():
    f = ct.function([v := variable("float64", 3)], T.slinalg.cholesky(v, on_error="nan"))
    got = f(np.stack([np.eye(2), -np.eye(2)]))
    np.testing.assert_array_equal(got, [np.eye(2), np.full((2, 2), np.nan)])


def test_nan_where_numpy_has_it():
    """In what NumPy factors or solves without a complaint."""
    x = np.eye(3)
    x[2, 0] = np.nan
    np.testing.assert_array_equal(compute(T.linalg.cholesky, x), np.linalg.cholesky(x))
    np.testing.assert_array_equal(compute(T.linalg.inv, BAD), np.linalg.inv(BAD))


def test_expm_of_bad_and_large_matrices():
    f = ct.function([a], T.linalg.expm(a))
    assert np.isnan(f(BAD)).all()
    assert np.isnan(f(BAD * np.inf)).all()
    np.testing.assert_allclose(f(np.diag([700.0, -700])), np.diag(np.exp([700.0, -700])), rtol=1e-12)
    np.testing.assert_allclose(f(1e3 * ROTATION), sl.expm(1e3 * ROTATION), atol=1e-11)


def test_condition_of_singular_and_single_numbers():
    for x in (np.zeros((2, 2)), np.ones((3, 3)), np.diag([1.0, 0])):
        np.testing.assert_array_less(1e15, compute(T.linalg.cond, x))
        np.testing.assert_allclose(
            compute(lambda v: T.linalg.cond(v, -2), x), np.linalg.cond(x, -2), atol=1e-15
        )


def test_eigenvalues_of_real_matrices_are_complex():
    for x in (np.diag([1.0, 2.0]), ROTATION, ROTATION.astype("float32"), np.zeros((0, 0)), np.array([[3]])):
        values, vectors = ct.function([v := variable(x.dtype.name, 2)], list(T.linalg.eig(v)))(x)
        assert values.dtype == vectors.dtype == ("complex64" if x.dtype == "float32" else "complex128")
        np.testing.assert_allclose(values, np.linalg.eigvals(x))
        np.testing.assert_allclose(x @ vectors, vectors * values)


def test_integers_are_floats():
    x = np.array([[2, 1], [1, 3]])
    for function in (T.linalg.inv, T.linalg.det, T.linalg.cholesky, T.linalg.svdvals, T.linalg.pinv):
        got = compute(function, x)
        assert got.dtype == "float64"
        np.testing.assert_allclose(got, compute(function, x.astype("float64")))


def test_results_nobody_reads():
    """Each result alone is what it is with the others."""
    cases = [("qr", [0]), ("svd", [0]), ("svd", [1]), ("eigh", [1]), ("lu", []), ("sort", [])]
    for name, attributes in cases:
        results = [T.as_tensor_variable(0).__class__(r) for r in _core.apply_all(name, [a._node], attributes)]
        whole = ct.function([a], results)(RANDOM)
        for k, result in enumerate(results):
            alone = ct.function([a], result)(RANDOM)
            np.testing.assert_allclose(alone, whole[k], rtol=1e-12, atol=1e-12, err_msg=f"{name} {k}")


def test_a_call_is_a_step_of_its_own():
    f = ct.function([a], T.exp(T.linalg.inv(a * 2) + 1))
    assert [kernel["name"] for kernel in _core.compile_report(f)["kernels"]].count("call") == 2
    assert "call lu" in _core.loop_nests(f)
    assert "call solve" in _core.loop_nests(f)


def test_reports_know_calls():
    f = ct.function([a], T.linalg.inv(a.T), profile=True)
    f(RANDOM)
    assert {op.name for launch in f.profile().launches for op in launch.ops} >= {"lu", "solve"}
    assert [copy.reason for copy in f.memory_report().copies][:1] == [
        "lu: needs elements that lie in C order"
    ]


def test_one_factorisation_serves_a_matrix():
    """The solution, its gradient and the determinant."""
    b = T.dvector("b")
    x = T.linalg.solve(a, b)
    f = ct.function([a, b], [x, T.linalg.slogdet(a)[1], *ct.grad(T.sum(x**2), [a, b])])
    assert _core.loop_nests(f).count("call lu") == 1


def test_results_do_not_depend_on_threads():
    x = RNG.standard_normal((300, 8, 8))
    v = variable("float64", 3)
    f = ct.function([v], [T.linalg.inv(v), T.linalg.svdvals(v), T.sort(v), T.linalg.expm(v)])
    threads = ct.num_threads()
    try:
        ct.set_num_threads(1)
        alone = f(x)
        ct.set_num_threads(4)
        together = f(x)
    finally:
        ct.set_num_threads(threads)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


# ---- derivatives
DEGENERATE = [np.eye(3), np.zeros((3, 3)), np.diag([2.0, 2, 1]), np.ones((3, 3)), np.diag([1.0, 1, 0])]


def simple_vectors(x):
    """Of the one value that differs from all others, for diag(2, 2, 1)."""
    vector, (u, _, v) = T.linalg.eigh(x + x.T)[1][:, 0], T.linalg.svd(x)
    return T.sin(T.outer(vector, vector)) + T.cos(T.outer(u[:, 2], v[2]))


INVARIANT = {
    "det": T.linalg.det,
    "frobenius": lambda x: T.sum(T.linalg.svdvals(x) ** 2),
    "trace": lambda x: T.sum(T.linalg.eigvalsh(x + x.T) ** 3),
    "expm": T.linalg.expm,
}


@pytest.mark.parametrize("name", INVARIANT)
@pytest.mark.parametrize("x", DEGENERATE, ids=["eye", "zeros", "twice", "ones", "rank2"])
def test_degenerate_spectra(name, x):
    got, want = derivative(INVARIANT[name], x)
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_simple_vectors_among_equal_values():
    got, want = derivative(simple_vectors, DEGENERATE[2])
    np.testing.assert_allclose(got, want, atol=1e-6)


@pytest.mark.parametrize("x", DEGENERATE, ids=["eye", "zeros", "twice", "ones", "rank2"])
def test_vectors_of_equal_values_have_finite_gradients(x):
    u, _, v = T.linalg.svd(a)
    for vectors in (T.linalg.eigh(a)[1], u, v):
        g = ct.function([a], ct.grad(T.sum(vectors * RANDOM[:3, :3]), a))
        assert np.isfinite(g(x)).all()


def test_space_of_equal_values():
    """A function of the space that two vectors span, whichever they are."""

    def projector(x):
        vectors = T.linalg.eigh(x + x.T)[1][:, 1:]
        return T.sin(vectors @ vectors.T)

    got, want = derivative(projector, DEGENERATE[2])
    np.testing.assert_allclose(got, want, atol=1e-6)


SECOND = {
    "det": T.linalg.det,
    "logdet": lambda x: T.linalg.slogdet(x)[1],
    "solve": lambda x: T.linalg.solve(x, T.arange(5.0)),
    "cholesky": lambda x: T.linalg.cholesky(x @ x.T + T.eye(5)),
    "svd": lambda x: T.linalg.svdvals(x) ** 3,
    "eigh": lambda x: T.exp(T.linalg.eigvalsh(x)),
    "eigh vectors": lambda x: T.linalg.eigh(x)[1] ** 2,
    "svd vectors": lambda x: T.linalg.svd(x)[0] ** 2 + T.linalg.svd(x)[2] ** 2,
    "eig vectors": lambda x: abs(T.linalg.eig(x)[1]) ** 2 * T.linalg.eig(x)[0].imag,
    "expm": T.linalg.expm,
    "pinv": lambda x: T.linalg.pinv(x[:3]),
    "qr": lambda x: T.sum(T.linalg.qr(x)[0] ** 4),
    "sort": lambda x: T.sort(x) ** 2 * T.arange(5.0),
}


@pytest.mark.parametrize("name", SECOND)
def test_second_derivatives(name):
    def first(x):
        g = ct.grad(T.sum(SECOND[name](x)), x)
        return g * T.constant(np.cos(np.arange(25.0)).reshape(5, 5))

    got, want = derivative(first, RANDOM)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6 * (1 + abs(want).max()))


# ---- sorting
INTEGERS = ("int8", "uint16", "int32", "uint64", "int64")
EXTREMES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 5e-324, -5e-324, 1.7e308, -1.7e308, -np.nan, 0, np.nan]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("copies", [1, 100])
def test_order_of_extremes(dtype, copies):
    """Few elements are compared, many are distributed by their bytes."""
    with np.errstate(over="ignore"):
        x = RNG.permutation(np.tile(EXTREMES, copies)).astype(dtype)
    values, positions = compute(lambda v: T.stack([T.sort(v), T.sort(v)[::-1]])[0], x), compute(T.argsort, x)
    np.testing.assert_array_equal(values, np.sort(x))
    np.testing.assert_array_equal(positions, np.argsort(x, kind="stable"))


@pytest.mark.parametrize("dtype", [*INTEGERS, "float16", "float32", "float64"])
def test_order_of_many(dtype):
    x = (RNG.standard_normal((3, 5000)) * 40).astype(dtype)
    if dtype in ("uint64", "int64"):
        x[0, :4] = [np.iinfo(dtype).min, np.iinfo(dtype).max, 0, np.iinfo(dtype).max - 1]
    np.testing.assert_array_equal(compute(T.sort, x), np.sort(x))
    np.testing.assert_array_equal(compute(T.argsort, x), np.argsort(x, kind="stable"))


def test_sort_of_bfloat16():
    v = T.dvector("v")
    x = np.array([3.0, -1, np.nan, 0.5, -np.inf])
    f = ct.function([v], T.cast(T.sort(T.cast(v, "bfloat16")), "float64"))
    np.testing.assert_array_equal(f(x), np.sort(x))


# ---- Theano's names
THEANO = {
    "matrix_inverse": (T.nlinalg.matrix_inverse, np.linalg.inv),
    "MatrixInverse": (T.nlinalg.MatrixInverse(), np.linalg.inv),
    "extract_diag": (T.nlinalg.ExtractDiag(), np.diagonal),
    "diag": (T.nlinalg.diag, np.diag),
    "matrix_dot": (lambda x: T.nlinalg.matrix_dot(x, x, x), lambda x: x @ x @ x),
    "trace": (T.nlinalg.trace, np.trace),
    "norm inf": (lambda x: T.nlinalg.norm(x, "inf"), lambda x: np.linalg.norm(x, np.inf)),
    "SVD": (lambda x: T.nlinalg.SVD(compute_uv=False)(x), lambda x: np.linalg.svd(x, compute_uv=False)),
    "QRIncomplete": (lambda x: abs(T.nlinalg.QRIncomplete(mode="r")(x)), lambda x: abs(np.linalg.qr(x, "r"))),
    "Cholesky upper": (lambda x: T.slinalg.Cholesky(lower=False)(x @ x.T),
                       lambda x: np.linalg.cholesky(x @ x.T).T),
    "solve_lower": (lambda x: T.slinalg.solve_lower_triangular(x, x[0]),
                    lambda x: sl.solve_triangular(x, x[0], lower=True)),
    "solve_upper": (lambda x: T.slinalg.solve_upper_triangular(x, x[0]),
                    lambda x: sl.solve_triangular(x, x[0])),
    "solve": (lambda x: T.slinalg.solve(x, x[0]), lambda x: np.linalg.solve(x, x[0])),
    "solve_symmetric": (lambda x: T.slinalg.solve_symmetric(x + x.T, x),
                        lambda x: np.linalg.solve(x + x.T, x)),
    "solve structure": (lambda x: T.slinalg.Solve(A_structure="upper_triangular")(x, x),
                        lambda x: sl.solve_triangular(x, x)),
    "eigvalsh": (lambda x: T.slinalg.eigvalsh(x + x.T, None, False), lambda x: np.linalg.eigvalsh(x + x.T)),
    "eigvalsh pair": (lambda x: T.slinalg.eigvalsh(x + x.T, x @ x.T), lambda x: sl.eigh(x + x.T, x @ x.T)[0]),
    "eigvalsh upper": (lambda x: T.slinalg.eigvalsh(x, x @ x.T, False),
                       lambda x: sl.eigh(x, x @ x.T, lower=False)[0]),
    "expm": (T.slinalg.Expm(), sl.expm),
    "sort method": (lambda x: x.sort(0) + x.argsort(1), lambda x: np.sort(x, 0) + np.argsort(x, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", THEANO)
def test_theano_names(name):
    build, reference = THEANO[name]
    np.testing.assert_allclose(compute(build, RANDOM), reference(RANDOM), rtol=1e-9, atol=1e-9)


def test_lstsq_of_a_deficient_matrix():
    x, y = RNG.standard_normal((6, 4)), RNG.standard_normal(6)
    x[:, 3] = x[:, 0] + x[:, 1]
    v, w = variables(x, y)
    got = ct.function([v, w], list(T.linalg.lstsq(v, w)))(x, y)
    solution, _, rank, values = np.linalg.lstsq(x, y)
    np.testing.assert_allclose(got[0], solution, rtol=1e-10)
    np.testing.assert_allclose(got[1], [np.sum((x @ solution - y) ** 2)])
    assert got[2] == rank == 3
    np.testing.assert_allclose(got[3], values, atol=1e-14)


@pytest.mark.parametrize("order", [None, 1, 2, 3, "fro", np.inf])
def test_norms_of_zeros_have_gradients_of_zero(order):
    axis = (0, 1) if order == "fro" else 0
    for x in (np.zeros((3, 2)), np.array([[0.0, 3], [0, 0], [0, -4]])):
        norms = T.linalg.norm(a, order, axis)
        g = ct.function([a], ct.grad(T.sum(norms), a))(x)
        assert np.isfinite(g).all()
        assert not g[:, ~x.any(axis=0)].any()
    np.testing.assert_allclose(ct.function([a], norms)(x), np.linalg.norm(x, order, axis))

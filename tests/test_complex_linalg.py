"""Complex matrices: factors, solutions and determinants against NumPy and SciPy, and their gradients."""

import numpy as np
import pytest
import scipy.linalg as sl
from test_complex import check_gradient

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(11)
MODES = ["FAST_RUN", "reference"]


def draw(*shape):
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


def hermitian(a):
    """Positive definite matrices; the triangle that nothing reads is left as it is."""
    product = a @ np.swapaxes(a.conj(), -1, -2) + np.eye(a.shape[-1])
    return np.tril(product) + np.triu(a, 1)


def full(a):
    lower = np.tril(a)
    return lower + np.swapaxes(np.tril(a, -1).conj(), -1, -2)


SQUARE = {
    "inv": (T.linalg.inv, np.linalg.inv),
    "det": (T.linalg.det, np.linalg.det),
    "slogdet": (lambda a: T.linalg.slogdet(a)[0] + 1j * T.linalg.slogdet(a)[1],
                lambda a: np.linalg.slogdet(a)[0] + 1j * np.linalg.slogdet(a)[1]),
    "solve": (lambda a: T.linalg.solve(a, a[..., :2] + 1), lambda a: np.linalg.solve(a, a[..., :2] + 1)),
    "solve reals": (lambda a: T.linalg.solve(a, a[..., :1].real),
                    lambda a: np.linalg.solve(a, a[..., :1].real)),
    "matrix_power": (lambda a: T.linalg.matrix_power(a, -2), lambda a: np.linalg.matrix_power(a, -2)),
    "pinv": (lambda a: T.linalg.pinv(a[..., :2]), lambda a: np.linalg.pinv(a[..., :2])),
    "expm": (T.linalg.expm, sl.expm),
    "lstsq": (lambda a: T.linalg.lstsq(a[..., :2], a)[0], lambda a: np.linalg.pinv(a[..., :2]) @ a),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("name", SQUARE)
def test_square_matrices(name, dtype, mode):
    build, reference = SQUARE[name]
    rtol = 1e-10 if dtype == "complex128" else 1e-3
    for shape in ((3, 3), (1, 1), (4, 6, 6), (0, 2, 2)):
        if mode == "reference" and shape == (0, 2, 2):
            continue
        a = draw(*shape).astype(dtype)
        x = T.tensor(dtype, shape=(None,) * a.ndim)
        got, want = np.asarray(ct.function([x], build(x), mode=mode)(a)), reference(a)
        assert got.dtype == dtype
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol * np.abs(want).max(initial=0))


@pytest.mark.parametrize("mode", MODES)
def test_cholesky(mode):
    x = T.tensor("complex128", shape=(None,) * 3)
    f = ct.function([x], [T.linalg.cholesky(x), T.linalg.cholesky(x, upper=True)], mode=mode)
    a = hermitian(draw(3, 5, 5))
    lower = f(a)[0]
    np.testing.assert_allclose(lower, np.linalg.cholesky(full(a)), rtol=1e-12, atol=1e-14)
    b = np.swapaxes(a.conj(), -1, -2)
    np.testing.assert_allclose(f(b)[1], np.linalg.cholesky(full(a), upper=True), rtol=1e-12, atol=1e-14)
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        f(-a)


def test_triangles_and_factors():
    x, y = T.zmatrix("x"), T.zmatrix("y")
    a, b = draw(4, 4), draw(4, 2)
    for lower in (True, False):
        for trans in (0, 1, 2):
            f = ct.function([x, y], T.linalg.solve_triangular(x, y, trans=trans, lower=lower))
            want = sl.solve_triangular(a, b, trans=trans, lower=lower)
            np.testing.assert_allclose(f(a, b), want, rtol=1e-10)
    p, low, up = ct.function([x], list(T.linalg.lu(x)))(b)
    np.testing.assert_allclose(p @ low @ up, b, rtol=1e-13)


def adjoint(x):
    return np.swapaxes(x.conj(), -1, -2)


def symmetric(a):
    return a + adjoint(a)


# name: (function of croton and of NumPy, arguments of it, what its results make again)
FACTORS = {
    "qr": (lambda la, a: la.qr(a), lambda a: a, lambda q, r: q @ r),
    "qr complete": (lambda la, a: la.qr(a, "complete"), lambda a: a, lambda q, r: q @ r),
    "svd": (lambda la, a: la.svd(a, False), lambda a: a, lambda u, s, v: (u * s[..., None, :]) @ v),
    "eigh": (lambda la, a: la.eigh(a), symmetric, lambda w, v: (v * w[..., None, :]) @ adjoint(v)),
    "eigh U": (lambda la, a: la.eigh(a, "U"), symmetric, lambda w, v: (v * w[..., None, :]) @ adjoint(v)),
    "eig": (lambda la, a: la.eig(a), lambda a: a, lambda w, v: (v * w[..., None, :]) @ np.linalg.inv(v)),
}
WIDE = [(4, 2), (2, 4), (0, 3), (3, 0), (2, 3, 0)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("name", FACTORS)
def test_factors(name, dtype, mode):
    """Their types and sizes, real values, and product; columns of unitary factors are orthonormal."""
    build, prepare, product = FACTORS[name]
    rtol = 1e-12 if dtype == "complex128" else 1e-4
    for shape in [(3, 3), (1, 1), (0, 0), (4, 6, 6), *([] if name.startswith("eig") else WIDE)]:
        a = prepare(draw(*shape).astype(dtype))
        x = T.tensor(dtype, shape=(None,) * a.ndim)
        got, want = ct.function([x], list(build(T.linalg, x)), mode=mode)(a), build(np.linalg, a)
        for one, other in zip(got, want, strict=True):
            assert one.dtype == other.dtype
            assert one.shape == other.shape
            if one.dtype.kind == "f":
                np.testing.assert_allclose(one, other, rtol=rtol, atol=10 * rtol)
            elif name != "eig" and one is not got[-1]:
                unit = np.broadcast_to(np.eye(one.shape[-1]), (*one.shape[:-2], one.shape[-1], one.shape[-1]))
                np.testing.assert_allclose(adjoint(one) @ one, unit, atol=10 * rtol)
        np.testing.assert_allclose(product(*got), a, rtol=rtol, atol=20 * rtol)


@pytest.mark.parametrize("name", [*SQUARE, "svdvals", "eigvalsh"])
def test_strided_matrices(name):
    x, a = T.zmatrix("x"), draw(6, 6)
    build, reference = SQUARE.get(name) or (getattr(T.linalg, name), getattr(np.linalg, name))
    f = ct.function([x], build(x))
    for view in (a.T, a[::2, 1::2], a[::-1], np.broadcast_to(a[1:, 1:], (5, 5)), a.conj().T[:4, :4]):
        np.testing.assert_allclose(f(view), reference(view), rtol=1e-9, atol=1e-10)


def test_only_one_triangle_is_read():
    x = T.zmatrix("x")
    lower, upper = ct.function([x], [T.linalg.eigvalsh(x), T.linalg.eigvalsh(x, "U")])(a := draw(4, 4))
    np.testing.assert_allclose(lower, np.linalg.eigvalsh(a), rtol=1e-12)
    np.testing.assert_allclose(upper, np.linalg.eigvalsh(a, "U"), rtol=1e-12)


def test_generalised_eigenvalues():
    x, y = T.zmatrix("x"), T.zmatrix("y")
    a, b = symmetric(draw(4, 4)), full(hermitian(draw(4, 4)))
    for lower in (True, False):
        half = np.tril if lower else np.triu
        got = ct.function([x, y], T.slinalg.eigvalsh(x, y, lower))(half(a), half(b))
        np.testing.assert_allclose(got, sl.eigh(a, b)[0], rtol=1e-10)


@pytest.mark.parametrize("p", [None, 2, -2, 1, -1, np.inf, "fro", "nuc"])
def test_measures(p):
    a = draw(2, 3, 3)
    z = T.tensor("complex128", shape=(None,) * 3)
    outputs = [T.linalg.cond(z, p), T.linalg.norm(z, p, (1, 2)), T.linalg.matrix_rank(z @ z[:, :, :2])]
    cond, norm, rank = ct.function([z], outputs)(a)
    np.testing.assert_allclose(cond, np.linalg.cond(a, p), rtol=1e-11)
    np.testing.assert_allclose(norm, np.linalg.norm(a, p, (1, 2)), rtol=1e-12)
    np.testing.assert_array_equal(rank, [2, 2])


FAILURES = {"svd": T.linalg.svdvals, "eigh": T.linalg.eigvalsh, "eig": T.linalg.eigvals}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FAILURES)
def test_elements_that_are_not_finite(name, mode):
    x = T.zmatrix("x")
    f = ct.function([x], FAILURES[name](x), mode=mode)
    for bad in (np.nan, complex(0, np.nan), np.inf):
        with pytest.raises(np.linalg.LinAlgError, match=f"{name}.*finite"):
            f(np.full((3, 3), bad, complex))


def test_singular_matrices():
    x = T.zmatrix("x")
    with pytest.raises(np.linalg.LinAlgError, match="invertible"):
        ct.function([x], T.linalg.inv(x))(np.array([[1j, 2], [2j, 4]]))
    np.testing.assert_allclose(ct.function([x], T.linalg.det(x))(np.array([[1j, 2], [2j, 4]])), 0, atol=1e-14)


@pytest.mark.parametrize("name", SQUARE)
def test_gradient(name):
    check_gradient(SQUARE[name][0], draw(3, 3) + 2 * np.eye(3), rtol=1e-4)


def test_gradient_of_factors():
    check_gradient(T.linalg.cholesky, hermitian(draw(3, 3)), rtol=1e-4)
    check_gradient(lambda x: T.linalg.lu_factor(x)[0], draw(3, 3), second=False, rtol=1e-4)
    check_gradient(
        lambda x: T.linalg.solve_triangular(x, x * x, lower=True), draw(3, 3) + 2 * np.eye(3), rtol=1e-4
    )


def invariant(u):
    """Of the phases of the columns of `u`."""
    return T.sin(abs(u)) * T.arange(1.0, 4.0)[:, None] + (u @ u.conj().T).imag


VECTORS = {
    "qr": lambda x: T.linalg.qr(x)[0] * x + T.linalg.qr(x)[1],
    "qr wide": lambda x: T.linalg.qr(x[:2])[0] @ T.linalg.qr(x[:2])[1] ** 2,
    "svd left": lambda x: invariant(T.linalg.svd(x)[0]),
    "svd right": lambda x: invariant(T.linalg.svd(x)[2].conj().T),
    "svd both": lambda x: T.linalg.svd(x)[0] @ T.linalg.svd(x)[2],
    "svd values": lambda x: T.linalg.svdvals(x) ** 3,
    "eigh": lambda x: invariant(T.linalg.eigh(x)[1]) * T.linalg.eigh(x)[0],
    "eigh upper": lambda x: invariant(T.linalg.eigh(x, "U")[1]),
    "eig": lambda x: T.sin(abs(T.linalg.eig(x)[1])) * T.linalg.eig(x)[0] ** 2,
    "nuclear norm": lambda x: T.linalg.norm(x, "nuc"),
    "cond": T.linalg.cond,
    "pinv": lambda x: T.linalg.pinv(x[:2]),
    "lstsq": lambda x: T.linalg.lstsq(x[:, :2], x[:, 2])[0],
}


@pytest.mark.parametrize("name", VECTORS)
def test_gradient_of_vectors(name):
    """Of functions that do not depend on phases."""
    check_gradient(VECTORS[name], draw(3, 3) + np.diag([1, 3, 5]), rtol=1e-4)


RANK_1 = np.outer([1, 1j, 2], [1, -1j, 2])
DEGENERATE = [np.eye(3), np.zeros((3, 3)), np.diag([2.0, 2, 1]), RANK_1, np.diag([1j, 1j, 0])]
INVARIANT = {
    "det": T.linalg.det,
    "frobenius": lambda x: T.sum(T.linalg.svdvals(x) ** 2),
    "trace": lambda x: T.sum(T.linalg.eigvalsh(x + x.conj().T) ** 3),
    "trace of eig": lambda x: T.sum(T.linalg.eigvals(x) ** 3),
    "expm": T.linalg.expm,
}


@pytest.mark.parametrize("name", INVARIANT)
@pytest.mark.parametrize("x", DEGENERATE, ids=["eye", "zeros", "twice", "rank1", "imaginary"])
def test_degenerate_spectra(name, x):
    check_gradient(INVARIANT[name], x.astype(complex), second=False)


@pytest.mark.parametrize("x", DEGENERATE, ids=["eye", "zeros", "twice", "rank1", "imaginary"])
def test_vectors_of_equal_values_have_finite_gradients(x):
    a = T.zmatrix("a")
    u, _, v = T.linalg.svd(a)
    for vectors in (T.linalg.eigh(a)[1], u, v, T.linalg.eig(a)[1]):
        g = ct.function([a], ct.grad(T.sum(vectors * draw(3, 3)).real, a))
        assert np.isfinite(g(x.astype(complex))).all()


def test_space_of_equal_values():
    """A function of the space that two vectors span, and of the one vector outside."""

    def projectors(x):
        w = T.linalg.eigh(x + x.conj().T)[1]
        u, _, v = T.linalg.svd(x)
        return T.sin(w[:, 1:] @ w[:, 1:].conj().T) + T.cos(T.outer(u[:, 2], v[2]))

    check_gradient(projectors, np.diag([2.0 + 0j, 2, 1]), second=False)


def test_norms_are_of_sizes():
    value = RNG.normal(size=(3, 4)) + 1j * RNG.normal(size=(3, 4))
    z = T.zmatrix("z")
    for options in (
        {},
        {"axis": 1},
        {"ord": "fro"},
        {"ord": 1},
        {"ord": 3, "axis": 0},
        {"ord": 0, "axis": 1},
    ):
        got = ct.function([z], T.linalg.norm(z, **options))(value)
        assert got.dtype == "float64"
        np.testing.assert_allclose(got, np.linalg.norm(value, **options), rtol=1e-12)

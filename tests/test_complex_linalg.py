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
        for trans in (0, 1):
            f = ct.function([x, y], T.linalg.solve_triangular(x, y, trans=trans, lower=lower))
            want = sl.solve_triangular(a, b, trans=trans, lower=lower)
            np.testing.assert_allclose(f(a, b), want, rtol=1e-10)
    p, low, up = ct.function([x], list(T.linalg.lu(x)))(b)
    np.testing.assert_allclose(p @ low @ up, b, rtol=1e-13)


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


def test_norms_are_of_sizes():
    value = RNG.normal(size=(3, 4)) + 1j * RNG.normal(size=(3, 4))
    z = T.zmatrix("z")
    for options in ({}, {"axis": 1}, {"ord": "fro"}, {"ord": 1}, {"ord": 3, "axis": 0}):
        got = ct.function([z], T.linalg.norm(z, **options))(value)
        assert got.dtype == "float64"
        np.testing.assert_allclose(got, np.linalg.norm(value, **options), rtol=1e-12)

"""NumPy's functions on symbolic variables."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

A = np.random.default_rng(0).random((3, 3)) + 0.5
CALLS = {
    "ufunc": lambda x: np.exp(np.negative(x)),
    "two": lambda x: np.hypot(x, 2.0),
    "array first": lambda x: A * x - A / x,
    "scalar first": lambda x: np.float64(2) ** x,
    "matmul": lambda x: A @ x,
    "comparison": lambda x: x > A,
    "sum": lambda x: np.sum(x, axis=0, keepdims=True),
    "mean": lambda x: np.mean(x, 1),
    "concatenate": lambda x: np.concatenate([x, A], axis=1),
    "where": lambda x: np.where(x > 1, x, 0),
    "dot": lambda x: np.dot(x, x),
    "linalg": lambda x: np.linalg.inv(x),
    "einsum": lambda x: np.einsum("ij,jk->ik", x, x),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "reshape": lambda x: np.reshape(x, (9,)),
}


@pytest.mark.parametrize("name", CALLS)
def test_numpy_calls(name):
    x = T.dmatrix("x")
    expression = CALLS[name](x)
    assert isinstance(expression, T.Variable)
    got, want = ct.function([x], expression)(A + 0.1), CALLS[name](A + 0.1)
    assert (got.dtype, got.shape) == (want.dtype, want.shape)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_what_is_not_there_is_named():
    x = T.dmatrix("x")
    for call, name in (
        (lambda: np.add.reduce(x), "np.add.reduce"),
        (lambda: np.exp(x, out=np.empty((3, 3))), "np.exp with out"),
        (lambda: np.spacing(x), "np.spacing"),
        (lambda: np.polyfit(x, x, 1), "numpy.polyfit"),
    ):
        with pytest.raises(TypeError, match=name):
            call()

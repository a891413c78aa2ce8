"""Jacobians and Hessians against finite differences."""

import numpy as np
import pytest
from checks import compute, numeric_gradients

import croton as ct
import croton.tensor as T
from croton import _core

RNG = np.random.default_rng(8)
V, W, M = RNG.normal(size=4), RNG.normal(size=3), RNG.normal(size=(3, 4))


def numeric_jacobian(f, x):
    rows = [numeric_gradients(lambda a, k=k: np.atleast_1d(f(a))[k], [x])[0] for k in range(np.size(f(x)))]
    return np.array(rows)


# name: (function of variables, function of arrays, argument)
VECTORS = {
    "network": (lambda x: T.tanh(T.dot(M, x)), lambda x: np.tanh(M @ x), V),
    "of_matrix": (lambda x: T.sin(x).sum(axis=0), lambda x: np.sin(x).sum(axis=0), M),
    "elements": (lambda x: x**3, lambda x: x**3, V),
    "longer": (lambda x: T.outer(x, x).flatten(), lambda x: np.outer(x, x).ravel(), W),
    "single": (lambda x: T.sin(x)[:1], lambda x: np.sin(x)[:1], V),
}


@pytest.mark.parametrize("name", VECTORS)
def test_jacobian(name):
    symbolic, function, value = VECTORS[name]
    got = compute(lambda x: T.jacobian(symbolic(x), x), value)
    np.testing.assert_allclose(got, numeric_jacobian(function, value), rtol=1e-6, atol=1e-8)


def test_jacobian_of_several_and_of_scalars():
    x, w = T.dvector("x"), T.dvector("w")
    y = T.outer(x, w).flatten()
    by_x, by_w = ct.function([x, w], ct.gradient.jacobian(y, [x, w]))(V, W)
    np.testing.assert_allclose(by_x, np.kron(np.eye(4), W[:, None]))
    np.testing.assert_allclose(by_w, np.kron(V[:, None], np.eye(3)))
    np.testing.assert_allclose(compute(lambda x: T.jacobian((x**2).sum(), x), V), 2 * V)
    assert compute(lambda x: T.jacobian(x[:0] * 2, x), V).shape == (0, 4)


def test_jacobian_row_by_row(monkeypatch):
    """Where rows cannot be computed together, they are computed one after the other."""

    def refuse(*_):
        raise NotImplementedError

    monkeypatch.setattr(_core, "vectorize", refuse)
    for symbolic, function, value in VECTORS.values():
        got = compute(lambda x, f=symbolic: T.jacobian(f(x), x), value)
        np.testing.assert_allclose(got, numeric_jacobian(function, value), rtol=1e-6, atol=1e-8)


def test_jacobian_through_a_loop():
    def states(x):
        return ct.scan(lambda h, m: T.tanh(T.dot(m, h)), None, x, T.constant(M[:, :3]), n_steps=3)[0]

    def last(x):
        for _ in range(3):
            x = np.tanh(M[:, :3] @ x)
        return x

    got = compute(lambda x: T.jacobian(states(x)[-1], x), W)
    np.testing.assert_allclose(got, numeric_jacobian(last, W), rtol=1e-6, atol=1e-8)
    slope = compute(lambda x: ct.grad((T.jacobian(x**3, x) ** 2).sum(), x), W)
    np.testing.assert_allclose(slope, 36 * W**3)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def test_hessian():
    got = compute(lambda x: T.hessian(rosenbrock(x), x), V)
    x = T.dvector("x")
    slope = ct.function([x], ct.grad(rosenbrock(x), x))
    np.testing.assert_allclose(got, numeric_jacobian(slope, V), rtol=1e-5)
    w = T.dvector("w")
    cost = (x**3).sum() * (w**2).sum()
    by_x, by_w = ct.function([x, w], T.hessian(cost, [x, w]))(V, W)
    np.testing.assert_allclose(by_x, np.diag(6 * V) * (W**2).sum())
    np.testing.assert_allclose(by_w, 2 * np.eye(3) * (V**3).sum())
    np.testing.assert_array_equal(compute(lambda x: T.hessian(x.sum(), x), V), np.zeros((4, 4)))


def test_errors():
    x, m = T.dvector("x"), T.dmatrix("m")
    with pytest.raises(ValueError, match="jacobian: required one axis or none"):
        T.jacobian(m, m)
    with pytest.raises(ValueError, match="hessian: required vectors"):
        T.hessian(m.sum(), m)
    with pytest.raises(TypeError, match="jacobian: required an expression of real floats"):
        T.jacobian(T.lvector("k"), x)
    with pytest.raises(TypeError, match="jacobian: required symbolic variables"):
        T.jacobian(x, [1.0])
    with pytest.raises(ct.DisconnectedInputError):
        T.jacobian(x, T.dvector("y"))

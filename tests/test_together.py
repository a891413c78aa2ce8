"""Loops, branches, ops and gradients of the user's own: nested, in batches, differentiated both ways."""

import numpy as np
import pytest
from own_ops import Scale

import croton as ct
import croton.tensor as T
from croton import optimize

ROWS = np.array([[0.5, -1.2, 0.9], [-0.3, -0.8, 0.2], [1.5, 0.1, 0.7]])
V, U = np.array([[1.0, -2.0, 0.5], [0.3, 0.7, -1.1]])

slope_given = ct.custom_vjp(lambda x: x**3, lambda inputs, outputs, g: [3 * inputs[0] ** 2 * g[0]])
swish = ct.elementwise_op(lambda x: x * T.sigmoid(x))
POINT = T.dscalar("point")
cube = ct.OpFromGraph([POINT], [POINT**3], lop_overrides=lambda i, o, g: [3 * i[0] ** 2 * g[0]])


def each(f, x):
    return ct.scan(f, x, return_updates=False)


def running(f, x, **options):
    return ct.scan(f, x, x[0] * 0, return_updates=False, **options)


def several_steps(body, x):
    return ct.while_loop(lambda k, s: k < 3, lambda k, s: [k + 1, body(s)], [0, x])[1]


# Functions of a vector of three elements, to another one.
FUNCTIONS = {
    "few_states_stored": lambda x: running(lambda r, s: T.tanh(r + r * s), x, checkpoint=2),
    "about_sqrt_states_stored": lambda x: running(lambda r, s: T.sin(r - s * r), x, checkpoint=True),
    "loop_in_a_loop": lambda x: running(
        lambda r, s: s * r + running(lambda q, t: T.sin(q * r + t), x, checkpoint=3)[-1], x
    ),
    "branch": lambda x: ct.ifelse(x.sum() > 0, T.exp(x), x**3 - x),
    "branch_in_a_loop": lambda x: running(lambda r, s: ct.ifelse(r > 0, T.log1p(abs(r)) + s, s * r), x),
    "loop_in_a_branch": lambda x: ct.ifelse(x[0] > 0, running(lambda r, s: T.cos(r + s), x), x * x[1]),
    "while_loop": lambda x: several_steps(lambda s: T.sin(s) + s * x[::-1], x),
    "while_loop_in_a_branch": lambda x: ct.ifelse(x[0] > 0, several_steps(lambda s: T.sin(s) * x, x), x**2),
    "own_op": lambda x: Scale(3)(T.exp(x)) * x,
    "own_op_in_a_loop": lambda x: running(lambda r, s: Scale(-2)(T.sin(r * s) + r), x),
    "own_op_in_a_branch": lambda x: ct.ifelse(x.sum() > 0, Scale(2)(x) * x, T.exp(Scale(3)(x))),
    "own_gradient": lambda x: slope_given(T.sin(x)) * x,
    "own_gradient_in_a_loop": lambda x: running(lambda r, s: slope_given(T.sin(r + s)), x),
    "op_from_graph_in_a_loop": lambda x: running(lambda r, s: cube(T.cos(r)) + s * r, x),
    "elementwise_op": lambda x: swish(x * x[0]),
    "root": lambda x: optimize.root(lambda y: y + y**3 - x, T.zeros_like(x), tol=1e-13),
    "root_in_a_loop": lambda x: each(
        lambda r: optimize.root_scalar(lambda y: T.exp(y) - 2 - r**2, 0.5, tol=1e-14), x
    ),
}


def numeric_jacobian(f, x, step=1e-5):
    return np.stack([(f(x + d) - f(x - d)) / (2 * step) for d in step * np.eye(x.size)], axis=-1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_agree(name):
    x, u, v = T.dvectors("x", "u", "v")
    y = FUNCTIONS[name](x)
    f, slope = ct.function([x], y), ct.grad((y**2).sum(), x)
    outputs = [
        ct.gradient.jacobian(y, x),
        ct.Lop(y, x, u),
        ct.Rop(y, x, v),
        ct.gradient.hessian_vector_product((y**2).sum(), x, v),
    ]
    g, to_slope = ct.function([x, u, v], outputs), ct.function([x], slope)
    for row in ROWS:
        jacobian, back, forward, product = g(row, U, V)
        np.testing.assert_allclose(jacobian, numeric_jacobian(f, row), rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(back, U @ jacobian, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(forward, jacobian @ V, rtol=1e-10, atol=1e-12)
        want = numeric_jacobian(to_slope, row) @ V
        np.testing.assert_allclose(product, want, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_batches_agree_with_single_items(name):
    x, batch = T.dvector("x"), T.dmatrix("batch")

    def both(item):
        y = FUNCTIONS[name](item)
        return [y, ct.grad((y**2).sum(), item)]

    one = ct.function([x], both(x))
    many = ct.function([batch], ct.vectorize(both)(batch))
    for rows in (ROWS, ROWS[:1], ROWS[::-1], ROWS[:0]):
        wanted = [np.stack(values) for values in zip(*map(one, rows), strict=True)] or [np.zeros((0, 3))] * 2
        for got, want in zip(many(rows), wanted, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)

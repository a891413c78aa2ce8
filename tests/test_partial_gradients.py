"""croton.gradient: forward derivatives, parts of gradients, changed gradients, finite differences."""

import numpy as np
import pytest
from checks import check, variables

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(31)
V, U = RNG.normal(size=(2, 5))
M, N = RNG.normal(size=(2, 3, 4))
P = RNG.uniform(0.5, 2, (4, 5))

# name: (function of variables, arguments); forward derivatives against central differences
FORWARD = {
    "elementwise": (lambda x: T.tanh(x) * x**2, V),
    "product": (lambda x, y: T.dot(x, y), M, P),
    "broadcast": (lambda x, y: x * y + y, M, V[:4]),
    "softmax": (T.nnet.softmax, M),
    "sum": (lambda x: x.sum(), M),
    "max": (lambda x: x.max(axis=1), M),
    "where": (lambda x: T.where(x > 0, T.log(T.maximum(x, 1e-3)), x**3), V),
    "index": (lambda x: x[[2, 0, 2]] * x[1:4], V),
    "set_subtensor": (lambda x: T.set_subtensor((x**2)[1:3], 7.0), V),
    "cumsum": (lambda x: T.cumsum(x) ** 2, V),
    "sort": (lambda x: T.sort(x) * T.arange(5), V),
    "prod": (lambda x: x.prod(axis=0), M),
    "concatenate": (lambda x, y: T.concatenate([x, y**2], axis=1), M, N),
    "layer_norm": (T.nnet.layer_norm, M),
    "solve": (lambda x: T.slinalg.solve(x[:, :3] + 4 * T.eye(3), x[:, 3]), M),
    "gradient": (lambda x: ct.grad((T.exp(x) * x**2).sum(), x), V),
    "unchanged": (lambda x: x, V),
    "empty": (lambda x: T.exp(x), V[:0]),
}


@pytest.mark.parametrize("name", FORWARD)
def test_forward_derivative(name):
    build, *arrays = FORWARD[name]
    directions = [RNG.normal(size=a.shape) for a in arrays]
    inputs = variables(*arrays)
    y = build(*inputs)
    got = ct.function(inputs, ct.Rop(y, inputs, directions), on_unused_input="ignore")(*arrays)
    f = ct.function(inputs, y)
    sides = [f(*(a + sign * 1e-6 * d for a, d in zip(arrays, directions, strict=True))) for sign in (1, -1)]
    want = (sides[0] - sides[1]) / 2e-6
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)


def test_forward_derivative_of_lists():
    x, y = T.dvectors("x", "y")
    first, second = ct.gradient.Rop([x * y, x**2], [x, y], [U, V])
    values = {x: V, y: U}
    np.testing.assert_allclose(first.eval(values), U * U + V * V)
    np.testing.assert_allclose(second.eval({x: V}), 2 * V * U)
    assert isinstance(T.Rop((x,), x, U), tuple)
    np.testing.assert_array_equal(T.Rop(y, x, U, disconnected_outputs="ignore").eval({y: V}), 0 * V)
    with pytest.warns(UserWarning, match="Rop: required outputs that depend on x") as caught:
        changes = T.Rop([y, x], x, U, "warn", "None")
    assert caught[0].filename == __file__
    assert [change is None for change in changes] == [True, False]
    (missing,) = T.Rop([y], [x], [U], "ignore", return_disconnected="Disconnected")
    assert isinstance(missing, ct.gradient.DisconnectedType)


def test_subgraph():
    """The parts of a gradient, one after the other, give the whole."""
    x, w, v = T.dvector("x"), T.dmatrix("w"), T.dmatrix("v")
    h = T.tanh(T.dot(x, w))
    out = T.dot(h, v)
    cost = (out**2).sum() + (w**2).sum()
    by_v, by_h = ct.subgraph_grad([v], [h], start={out: 2 * out})
    by_w, by_x = ct.subgraph_grad([w], [x], start=dict(zip([h], by_h, strict=True)), cost=(w**2).sum())
    whole = ct.grad(cost, [v, w, x])
    f = ct.function([x, w, v], [*by_v, *by_w, *by_x, *whole])
    values = f(M[0, :3], M, P)
    for got, want in zip(values[:3], values[3:], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12)


def test_details_of_a_subgraph():
    x, y = T.dscalars("x", "y")
    h = x * y
    wrt, end, start, cost = ct.subgraph_grad([y], [h], {h: T.constant(3.0)}, h**2 + y, details=True)
    parts = ct.function([x, y], [*wrt, *end, *start, *cost], on_unused_input="ignore")(2.0, 5.0)
    assert parts == [1, 3 + 20, 0, 3, 1, 20]
    assert ct.subgraph_grad([y], [h], cost=h + y, details=True)[2] is None


EDGES = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -5e-324, 1.5])


@pytest.mark.parametrize("multiplier", [-1.0, 0.0, 1e3, 0.1])
def test_scaled_gradient(multiplier):
    x = T.dvector("x")
    y = ct.gradient.grad_scale(x, multiplier)
    value, slope = ct.function([x], [y, ct.grad((y * y).sum(), x)])(EDGES)
    np.testing.assert_array_equal(value, EDGES)
    finite = np.isfinite(EDGES)
    np.testing.assert_allclose(slope[finite], multiplier * (2 * EDGES[finite]))


def test_scaled_gradient_by_a_variable():
    x, k = T.fvector("x"), T.fscalar("k")
    g = ct.grad(ct.gradient.grad_scale(x, k).sum(), x)
    assert g.eval({x: [1.0, 2.0], k: 3.0}).tolist() == [3.0, 3.0]


def test_finite_differences():
    pair = ct.gradient.numeric_grad(lambda a, b: (a * b).sum(), [M, N])
    for got, want in zip(pair.gf, (N, M), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9)
    k, place, absolute, relative = pair.max_err([N, M + (M[1, 2] == M)], 1e-5, 1e-5)
    assert (k, place) == (1, 6)
    assert absolute == pytest.approx(1)
    assert relative == pytest.approx(1 / (abs(M[1, 2]) + abs(M[1, 2] + 1)))
    assert T.numeric_grad(np.sum, np.ones((0, 2), "float32")).gf.shape == (0, 2)


@pytest.mark.parametrize("dtype", T.complex_dtypes)
def test_finite_differences_of_both_parts(dtype):
    z = (V + 1j * V[::-1]).astype(dtype)
    got = ct.gradient.numeric_grad(lambda w: float((np.abs(w) ** 2).sum() + w[0].imag), z).gf
    assert got.dtype == dtype
    np.testing.assert_allclose(
        got, 2 * z + 1j * np.eye(len(V))[0], rtol=1e-8 if dtype == "complex128" else 1e-2
    )


# name: (function of variables, arguments)
RIGHT = {
    "product": (T.dot, [M, P]),
    "float32": (lambda x: T.exp(x), [V.astype("float32")]),
    "scalar": (lambda x: x**3, [np.float64(2)]),
    "empty": (lambda x: x**3, [V[:0]]),
    "complex": (lambda z, x: T.exp(z) * z.conj() * x, [V + 1j * V[::-1], V]),
    "complex64": (lambda z: T.sin(z), [(V + 0.5j).astype("complex64")]),
    "size_of_complex": (lambda z: abs(z) ** 3, [V - 2j]),
    "complex_of_reals": (lambda x, y: T.exp(1j * x) / (y + 2j), [V, V]),
    "without_some": (lambda x, y: x * 2, [V, M]),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_gradient(name):
    ct.gradient.verify_grad(*RIGHT[name], rng=np.random.RandomState(3))


WRONG = {
    "scaled": lambda x: ct.gradient.grad_scale(x, 1.01) ** 2,
    "lost": lambda x: ct.gradient.disconnected_grad(x) * x,
    "one_element": lambda x: T.where(T.arange(5) < 4, x, ct.gradient.zero_grad(x)),
    "nan": lambda x: (
        T.where(T.sqrt(ct.gradient.grad_scale(x, np.nan)) < 9, x, x) + ct.gradient.grad_scale(x, np.nan)
    ),
}


def test_wrong_gradient_of_an_imaginary_part():
    def lost(z):
        return T.complex(z.real, ct.gradient.disconnected_grad(z.imag)) ** 2

    with pytest.raises(ct.gradient.GradientError, match=r"by finite differences at \(\d,\) of argument 0"):
        T.verify_grad(lost, [V + 1j])


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradient(name):
    with pytest.raises(ct.gradient.GradientError, match=r"verify_grad: required .* by finite differences"):
        T.verify_grad(WRONG[name], [np.abs(V) + 0.5])


x, y = T.dvectors("x", "y")
# name: (what to call, error, a part of the message)
ERRORS = {
    "points": (lambda: ct.Rop(x, [x, y], [U]), ValueError, "Rop: required 2 eval_points, given 1"),
    "wrt": (lambda: ct.Rop(x, "x", U), TypeError, "Rop: required symbolic variables, given 'x'"),
    "rank": (lambda: ct.Rop(x, x, M), ValueError, "Rop: required an eval_point like x"),
    "disconnected": (lambda: ct.Rop(x, y, U), ct.DisconnectedInputError, "y"),
    "option": (lambda: ct.Rop(x, x, U, "no"), ValueError, "disconnected_outputs of raise, warn, ignore"),
    "nothing": (lambda: ct.subgraph_grad([x], [y]), ValueError, "a start or a cost"),
    "form": (lambda: ct.gradient.format_as(False, False, [x, y]), ValueError, "one output"),
    "integers": (lambda: T.numeric_grad(np.sum, [1, 2]), TypeError, "arrays of float64"),
    "shapes": (lambda: T.numeric_grad(np.sum, U).abs_rel_errors(M), ValueError, "gradients of shapes"),
    "outputs": (lambda: T.verify_grad(lambda x: [x, x], [U]), TypeError, "one output"),
    "points_of_ints": (lambda: T.verify_grad(T.exp, [[1, 2]]), TypeError, "arrays of float64"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    call, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        call()


# ---- expressions as functions
def test_expressions_as_functions():
    w = ct.shared(2.0, name="w")
    op = ct.OpFromGraph([x, y], [x * w + y, (x - y).sum()])
    check(
        lambda a, b: op(a + 1, op(b, a)[0]), lambda a, b: [2 * (a + 1) + 2 * b + a, np.sum(1 - 2 * b)], V, U
    )
    assert op(U, V)[1].ndim == 0
    slope = ct.grad(op(x**2, y)[0].sum(), x)
    np.testing.assert_allclose(slope.eval({x: V, y: U}), 4 * V)
    with pytest.raises(TypeError, match="OpFromGraph: required 2 arguments, given 1"):
        op(x)
    with pytest.raises(TypeError, match="a replacement for y with 1 axes"):
        op(x, T.dmatrix())


# ---- known numbers
# an expression: its number
KNOWN = [
    (3, 3),
    (np.float32(0.5), 0.5),
    (T.constant([2.0, 2.0]), 2),
    (T.zeros((2, 0)) + 1, T.EmptyConstantError),
    (T.ones((2, 3)).dimshuffle(1, "x", 0) * 4, 4),
    (T.alloc(7, x.shape[0], 2), 7),
    (T.tensor("float64", shape=(None, 3)).shape[1] * 2, 6),
    (T.constant([np.nan, np.nan]), np.nan),
    (T.constant([1, 2]), T.NotScalarConstantError),
    (x.shape[0], T.NotScalarConstantError),
    (ct.shared(1.0), T.NotScalarConstantError),
    (T.fill(x, y[0]), T.NotScalarConstantError),
]


@pytest.mark.parametrize("k", range(len(KNOWN)))
def test_known_number(k):
    expression, want = KNOWN[k]
    if isinstance(want, type):
        with pytest.raises(want, match="get_scalar_constant_value: required"):
            T.get_scalar_constant_value(expression)
        assert T.extract_constant(expression).type == T.as_tensor_variable(expression).type
        return
    for got in (ct.get_scalar_constant_value(expression), T.extract_constant(expression)):
        assert isinstance(got, np.ndarray)
        np.testing.assert_array_equal(got, np.float64(want))

"""Expressions with gradients of the user's: OpFromGraph, custom_vjp; and elementwise functions."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T
from croton.gradient import DisconnectedType

MODES = pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])


def straight(inputs, outputs, gradients):
    return gradients


@MODES
def test_straight_through(mode):
    x = T.dmatrix("x")
    y = ct.custom_vjp(T.sgn, straight)(x.T)
    f = ct.function([x], [y, ct.grad((y * T.arange(2.0)).sum(), x)], mode=mode)
    value = np.array([[-2.0, 3.0, 0.0], [1.0, -1.0, 5.0]])
    np.testing.assert_array_equal(f(value)[0], np.sign(value.T))
    np.testing.assert_array_equal(f(value)[1], [[0, 0, 0], [1, 1, 1]])


def log1pexp_gradient(inputs, outputs, gradients):
    return [gradients[0] * (1 - 1 / (1 + T.exp(inputs[0])))]


def test_gradients_of_gradients():
    """`backward` is made of ordinary expressions, so it has a gradient itself."""
    x = T.dvector("x")
    y = ct.custom_vjp(lambda x: T.log(1 + T.exp(x)), log1pexp_gradient)(x)
    (first,) = ct.grad(y.sum(), [x])
    second = ct.grad(first.sum(), x)
    value = np.array([-1.0, 0.5, 800.0])
    got = ct.function([x], [first, second])(value)
    s = 1 / (1 + np.exp(-value))
    np.testing.assert_allclose(got[0], s)
    np.testing.assert_allclose(got[1], s * (1 - s), atol=1e-300)
    np.testing.assert_allclose(ct.gradient.Rop(y, x, np.ones(3)).eval({x: value}), s)


@MODES
def test_several_inputs_and_outputs_share_one_call(mode):
    calls = []

    def backward(inputs, outputs, gradients):
        calls.append(len(gradients))
        (_, _, w), (ga, gb) = inputs, gradients
        assert len(outputs) == 2
        return [T.clip(ga * w + gb, -1, 1), None, DisconnectedType()()]

    @ct.custom_vjp(backward=backward)
    def parts(x, n, w):
        return x * w, T.exp(x) + n

    x, w, n = T.dvector("x"), T.dscalar("w"), T.lscalar("n")
    first, second = parts(x, n, w)
    assert parts.__name__ == "parts"
    gradient = ct.grad(first.sum() + (2 * second).sum(), x)
    assert calls == [2]
    f = ct.function([x, n, w], [first, second, gradient], mode=mode)
    got = f([1.0, 2.0], 3, 0.5)
    np.testing.assert_allclose(got[0], [0.5, 1.0])
    np.testing.assert_allclose(got[1], np.exp([1.0, 2.0]) + 3)
    np.testing.assert_array_equal(got[2], [1, 1])  # 0.5 + 2, clipped as one
    alone = ct.grad(-0.25 * second.sum(), x)
    np.testing.assert_array_equal(alone.eval({x: [1.0], n: 3, w: 1.0}), [-0.25])
    with pytest.raises(ct.DisconnectedInputError):
        ct.grad(first.sum(), w)


def test_what_is_no_argument_has_no_gradient():
    w, x = ct.shared(np.ones(2), name="w"), T.dvector("x")
    y = ct.custom_vjp(lambda x: x * T.exp(w), straight)(x)
    np.testing.assert_array_equal(ct.grad(y.sum(), x).eval({x: [1.0, 2.0]}), [1, 1])
    with pytest.raises(
        ct.gradient.NullTypeGradError, match=r"by its arguments alone, given one by exp.w. of.*\.py"
    ):
        ct.grad((y * w).sum(), w)
    fixed = ct.custom_vjp(lambda x: x * ct.gradient.disconnected_grad(w), straight)(x)
    np.testing.assert_array_equal(ct.grad((fixed * w).sum(), w).eval({x: [1.0, 2.0]}), [1, 2])
    h = T.exp(w)
    inside = ct.custom_vjp(lambda x: x * h, straight)(x)
    with pytest.raises(ct.gradient.NullTypeGradError, match=r"given one by exp\(w\)"):
        ct.grad((inside * h).sum(), h)


def test_clones_keep_the_gradient():
    x, z = T.dvectors("x", "z")
    cost = (ct.custom_vjp(T.floor, straight)(x) ** 2).sum()
    moved = ct.clone(cost, {x: 3 * z})
    np.testing.assert_array_equal(ct.grad(moved, z).eval({z: [0.5, 1.1]}), [6, 18])
    f = ct.function([z], ct.grad(cost, x), givens={x: z + 1})
    np.testing.assert_array_equal(f([0.5]), [2])


@MODES
def test_in_loops(mode):
    x = T.dscalar("x")
    step = ct.custom_vjp(T.floor, lambda inputs, outputs, g: [2 * g[0]])
    states = ct.scan(lambda h: 3 * step(h), outputs_info=[x], n_steps=3, return_updates=False)
    f = ct.function([x], [states[-1], ct.grad(states[-1], x)], mode=mode)
    np.testing.assert_array_equal(f(1.5), [27, 216])


def test_complex_outputs():
    z = T.zvector("z")
    y = ct.custom_vjp(lambda z: z**2, lambda inputs, outputs, g: [g[0] * T.conj(inputs[0])])(z)
    value = np.array([1 + 2j, 3j])
    f = ct.function([z], [y, ct.grad((y.real**2).sum(), z)])
    np.testing.assert_allclose(f(value)[0], value**2)
    np.testing.assert_allclose(f(value)[1], 2 * (value**2).real * value.conj())


def test_errors_of_custom_vjp():
    x = T.dvector("x")
    with pytest.raises(TypeError, match="custom_vjp: required a function backward, given None"):
        ct.custom_vjp(T.exp)
    y = ct.custom_vjp(T.exp, lambda inputs, outputs, g: [g[0], g[0]])(x)
    with pytest.raises(ValueError, match="backward: required a derivative for each of 1 variables, given 2"):
        ct.grad(y.sum(), x)
    y = ct.custom_vjp(T.exp, lambda inputs, outputs, g: g[0].sum())(x)
    with pytest.raises(ValueError, match="backward: required a derivative like x of type"):
        ct.grad(y.sum(), x)


def test_a_given_gradient_costs_nothing():
    """The expression is written out: one loop computes all."""
    x = T.dvector("x")
    y = 2 * ct.custom_vjp(lambda x: T.exp(x) + 1, straight)(x - 1)
    f = ct.function([x], y)
    assert [kernel.name for kernel in f.compile_report().kernels] == [
        kernel.name for kernel in ct.function([x], 2 * (T.exp(x - 1) + 1)).compile_report().kernels
    ]


# ---- OpFromGraph


def values_of(op):
    x, y, z = T.dscalars("x", "y", "z")
    gradients = ct.grad(op(x, y, z).sum(), [x, y, z])
    return [float(g) for g in ct.function([x, y, z], gradients, on_unused_input="ignore")(2.0, 3.0, 4.0)]


def test_examples_of_theano():
    """From the documentation of Theano's OpFromGraph."""
    x, y, z = T.scalars("x", "y", "z")
    e = x + y * z
    op = ct.OpFromGraph([x, y, z], [e])
    e2 = op(x, y, z) + op(z, y, x)
    assert ct.function([x, y, z], [e2])(2.0, 3.0, 4.0) == [14 + 10]
    s = ct.shared(np.ones((2, 2)))
    shared = ct.compile.OpFromGraph([x, y, z], [e + s])
    np.testing.assert_array_equal(shared(x, y, z).eval({x: 1.0, y: 2.0, z: 3.0}), np.full((2, 2), 8.0))

    def rescale_dy(inps, grads):
        return inps[2] * 2

    op = ct.OpFromGraph([x, y, z], [e], grad_overrides=["default", rescale_dy, "default"])
    assert values_of(op) == [1, 8, 3]


X, Y, Z = T.dscalars("x", "y", "z")
PRODUCT = X + Y * Z
RULES = {
    "none": ({}, [1, 4, 3]),
    "lop": ({"lop_overrides": lambda i, o, g: [o[0] * g[0], i[2], -i[0]]}, [14, 4, -2]),
    "grad": ({"grad_overrides": lambda i, g: [g[0] * 5, i[2], -i[0]]}, [5, 4, -2]),
    "list": ({"lop_overrides": ["default", lambda i, o, g: o[0], lambda i, o, g: 7 * g[0]]}, [1, 14, 7]),
    "graph": (
        {"grad_overrides": ct.OpFromGraph([X, Y, Z, G := T.dscalar()], [G, Y * Z * G, 2 * G])},
        [1, 12, 2],
    ),
    "rop": ({"rop_overrides": lambda i, v: v, "inline": True}, [1, 4, 3]),
}


@pytest.mark.parametrize("name", RULES)
def test_overrides(name):
    options, want = RULES[name]
    assert values_of(ct.OpFromGraph([X, Y, Z], [PRODUCT], **options)) == want
    # The same variable in several places: each has its own share.
    op = ct.OpFromGraph([X, Y, Z], [PRODUCT], **options)
    v = T.dscalar("v")
    total = float(ct.grad(op(v, v, v), v).eval({v: 3.0}))
    parts = ct.grad(op(X, Y, Z), [X, Y, Z])
    f = ct.function([X, Y, Z], parts, on_unused_input="ignore")
    assert total == sum(float(part) for part in f(3.0, 3.0, 3.0))


def test_no_gradient_and_patterns():
    for options in (
        {"lop_overrides": ["default", None, "default"]},
        {"grad_overrides": ["default", DisconnectedType(), "default"]},
        {"connection_pattern": [[True], [False], [True]]},
    ):
        op = ct.OpFromGraph([X, Y, Z], [PRODUCT], **options)
        with pytest.raises(ct.DisconnectedInputError):
            ct.grad(op(X, Y, Z), Y)
        assert ct.grad(op(X, Y, Z), Z).eval({Y: 3.0}) == 3


def test_overrides_leave_shared_variables_their_gradient():
    s = ct.shared(np.array([1.0, 2.0]), name="s")
    for options in ({"lop_overrides": lambda i, o, g: [g[0].sum()]}, {"lop_overrides": ["default"]}):
        op = ct.OpFromGraph([X], [X * s**2], **options)
        gradient = ct.grad(op(X).sum(), s)
        np.testing.assert_array_equal(gradient.eval({X: 3.0}), [6, 12])
        other = ct.shared(np.array([3.0, 4.0]))
        moved = ct.grad(ct.clone(op(X).sum(), {s: other}), other)
        np.testing.assert_array_equal(moved.eval({X: 1.0}), [6, 8])


def test_shared_variables_of_overrides_in_loops():
    """Of X (s0**2 + s1**2)**2, where the step has its own variables in the place of s."""
    s = ct.shared(np.array([1.0, 2.0]), name="s")
    op = ct.OpFromGraph([X], [X * s**2], lop_overrides=["default"])
    steps = ct.scan(lambda h: op(h).sum(), outputs_info=[X], n_steps=2, return_updates=False)
    np.testing.assert_allclose(ct.grad(steps[-1], s).eval({X: 3.0}), [3 * 2 * 5 * 2, 3 * 2 * 5 * 4])


def test_several_outputs_and_errors():
    op = ct.OpFromGraph([X, Y], [X * Y, X + Y], lop_overrides=lambda i, o, g: [g[0] + g[1], o[0] * g[1]])
    a, b = op(X, Y)
    values = ct.function([X, Y], [a, b, *ct.grad(a + 3 * b, [X, Y])])(2.0, 5.0)
    assert [float(v) for v in values] == [10, 7, 4, 30]
    with pytest.raises(ValueError, match="required lop_overrides or grad_overrides, given both"):
        ct.OpFromGraph([X], [X], lop_overrides=abs, grad_overrides=abs)
    with pytest.raises(ValueError, match="P: required 2 overrides, given 1"):
        ct.OpFromGraph([X, Y], [X], lop_overrides=["default"], name="P")
    with pytest.raises(TypeError, match="required 2 arguments, given 1"):
        op(X)
    for inputs, outputs, message in ((X, [X], "as inputs"), ([X], X, "as outputs"), ([1], [X], "as inputs")):
        with pytest.raises(TypeError, match=f"OpFromGraph: required a list of variables {message}"):
            ct.OpFromGraph(inputs, outputs)
    assert ct.OpFromGraph([X], [X + 1], mode="FAST_RUN")(1.0).eval() == 2
    with pytest.raises(TypeError, match="OpFromGraph: required no givens, given some"):
        ct.OpFromGraph([X], [X], givens={X: Y})


# ---- forward mode


def test_forward_mode_goes_the_given_way():
    x = T.dvector("x")
    y = ct.custom_vjp(T.floor, lambda inputs, outputs, g: [3 * g[0]])(2 * x)
    np.testing.assert_array_equal(ct.gradient.Rop(y, x, [1.0, 10.0]).eval({x: [0.3, 0.4]}), [6, 60])
    square = ct.as_op([T.dvector], [T.dvector], lambda node, shapes: shapes)(np.square)
    z = ct.custom_vjp(lambda x: square(x), lambda inputs, outputs, g: [2 * inputs[0] * g[0]])(x)
    f = ct.function([x], [z, ct.grad(z.sum(), x), ct.gradient.Rop(z, x, [1.0, 10.0])])
    np.testing.assert_array_equal(f([3.0, 4.0]), [[9, 16], [6, 8], [6, 80]])
    w = ct.shared(np.ones(2), name="w")
    closed = ct.custom_vjp(lambda x: x * w, straight)(x)
    with pytest.raises(ct.gradient.NullTypeGradError, match="by its arguments alone"):
        ct.gradient.Rop(closed, w, [1.0, 1.0])


FORWARD = {
    "none": ({}, 1 + 10 * 4 + 100 * 3),
    "function": ({"rop_overrides": lambda i, v: [v[0] + i[0] * v[2]]}, 1 + 2 * 100),
    "list": ({"rop_overrides": [lambda i, v: 5 * v[1]]}, 50),
    "default": ({"rop_overrides": ["default"]}, 341),
    "nothing": ({"rop_overrides": [None]}, 0),
    "graph": (
        {"rop_overrides": ct.OpFromGraph([X, Y, Z, *(V := T.dscalars("u", "v", "w"))], [X * V[2]])},
        200,
    ),
    "gradients": ({"lop_overrides": lambda i, o, g: [g[0], 2 * g[0], 3 * g[0]]}, 1 + 20 + 300),
}


@pytest.mark.parametrize("name", FORWARD)
def test_forward_overrides(name):
    options, want = FORWARD[name]
    s = ct.shared(np.array([7.0, 8.0]), name="s")
    op = ct.OpFromGraph([X, Y, Z], [PRODUCT], **options)
    values = {X: 2.0, Y: 3.0, Z: 4.0}
    product = ct.gradient.Rop(op(X, Y, Z) * X, [X, Y, Z], [1.0, 10.0, 100.0])
    f = ct.function([X, Y, Z], product, on_unused_input="ignore")
    assert f(*values.values()) == 2 * want + 14
    if name != "gradients":  # those are not for what is no input
        with_shared = ct.OpFromGraph([X, Y, Z], [PRODUCT * 0 + (s**2).sum()], **options)
        change = ct.gradient.Rop(with_shared(X, Y, Z), s, [1.0, 1.0])
        assert ct.function([X, Y, Z], change, on_unused_input="ignore")(*values.values()) == 30


# ---- elementwise functions


@MODES
@pytest.mark.parametrize("shapes", [((3,), ()), ((2, 3), (3,)), ((0, 3), (1, 3)), ((2, 1), (1, 4))])
def test_elementwise_ops(mode, shapes):
    def huber(x, d):
        return T.switch(abs(x) <= d, 0.5 * x**2, d * (abs(x) - 0.5 * d))

    op = ct.elementwise_op(huber)
    assert op.__name__ == "huber"
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=shapes[0]) * 3, abs(rng.normal(size=shapes[1])) + 0.1
    x, d = T.tensor("float64", shape=(None,) * a.ndim), T.tensor("float64", shape=(None,) * b.ndim)
    f = ct.function([x, d], [op(x, d), ct.grad(op(x, d).sum(), x)], mode=mode)
    wide, limit = np.broadcast_arrays(a, b)
    want = np.where(abs(wide) <= limit, 0.5 * wide**2, limit * (abs(wide) - 0.5 * limit))
    np.testing.assert_allclose(f(a, b)[0], want)
    slope = np.clip(wide, -limit, limit)
    extra = tuple(
        k for k in range(slope.ndim) if k < slope.ndim - a.ndim or a.shape[k - slope.ndim + a.ndim] == 1
    )
    slope = slope if slope.shape == a.shape else slope.sum(axis=extra).reshape(a.shape)
    np.testing.assert_allclose(f(a, b)[1], slope)


def test_elementwise_ops_take_numbers_and_give_several_results():
    both = ct.elementwise_op(lambda x, n: (T.sin(x) * n, T.cast(x, "float64") - 1), name="both")
    first, second = both(np.array([0.0, 1.0], "float32"), 2)
    assert (first.dtype, second.dtype) == ("float32", "float64")
    np.testing.assert_allclose(first.eval(), 2 * np.sin([0, 1.0]), rtol=1e-6)
    one = ct.function([X], ct.elementwise_op(lambda x: T.exp(x) + 1)(X)).compile_report()
    assert len(one.kernels) == 1
    filled = ct.elementwise_op(lambda x, y: T.zeros_like(x) + T.fill(y, 3) * T.clip(y, -1, 1))
    np.testing.assert_array_equal(filled([[0.5], [2.0]], [1.0, -7.0, 0.0]).eval(), [[3, -3, 0]] * 2)


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: T.zeros((3,)),
        lambda x: T.sort(T.stack([x, x]))[0],
        lambda x: T.sum(x[None]),
        lambda x: x / x.sum(),
        lambda x: T.dot(x, x),
        lambda x: x * x.size,
        lambda x: [x, x.max()],
    ],
)
def test_functions_that_are_not_elementwise(fn):
    with pytest.raises(TypeError, match="op: required elementwise functions of scalars, given"):
        ct.elementwise_op(fn, name="op")(T.dvector("x"))

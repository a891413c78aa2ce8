"""Forward derivatives of every op: transposes of the gradients, which other tests check by differences."""

import numpy as np
import pytest
from checks import variables
from complex_rows import BINARY, SMOOTH, UNARY, WHOLE
from own_ops import Scale, SumAndDifference
from rows import ROWS, sample
from structure_rows import arguments
from test_ifelse import GRADIENTS as BRANCHES
from test_scan import LOOPS
from test_structure import ALL_ROWS
from test_while_loop import GRADIENTS as WHILE_LOOPS

import croton as ct
import croton.tensor as T
from croton import _core

RNG = np.random.default_rng(11)
WEIGHTS = RNG.normal(size=(4, 5))
STRUCTURE = (T.constant([0, 2, 1, 3]), T.constant([0, 2, 3, 4]), T.constant([3, 4]))


def real_product(u, v):
    """The real part of sum(conj(u) v)."""
    return float(np.sum(np.conj(u) * v).real)


def directions(arrays):
    return [
        (RNG.normal(size=a.shape) + (1j * RNG.normal(size=a.shape) if a.dtype.kind == "c" else 0)).astype(
            a.dtype
        )
        for a in arrays
    ]


def listed(outputs):
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def check_transposed(build, *arrays, rtol=1e-9):
    """<u, J v> = <u J, v> for random u and v."""
    inputs = variables(*arrays)
    which = [k for k, a in enumerate(arrays) if a.dtype.kind in "fc"]
    wrt = [inputs[k] for k in which]
    outputs = [y for y in listed(build(*inputs)) if y.dtype in ("float64", "complex128")]
    points, seeds = [x.type() for x in wrt], [y.type() for y in outputs]
    forward = ct.Rop(outputs, wrt, points, disconnected_outputs="ignore")
    backward = ct.Lop(outputs, wrt, seeds, disconnected_inputs="ignore")
    ahead = ct.function([*inputs, *points], [*outputs, *forward], on_unused_input="ignore")
    back = ct.function([*inputs, *seeds], backward, on_unused_input="ignore")
    v = directions([arrays[k] for k in which])
    found = ahead(*arrays, *v)
    values, tangents = found[: len(outputs)], found[len(outputs) :]
    for y, t in zip(values, tangents, strict=True):
        assert (t.dtype, t.shape) == (y.dtype, y.shape)
    u = directions(values)
    gradients = back(*arrays, *u)
    left = [real_product(a, b) for a, b in zip(u, tangents, strict=True)]
    right = [real_product(a, b) for a, b in zip(gradients, v, strict=True)]
    sizes = [np.abs(a * b).sum() for a, b in zip([*u, *gradients], [*tangents, *v], strict=True)]
    np.testing.assert_allclose(sum(left), sum(right), rtol=rtol, atol=rtol * sum(sizes) + 1e-25)


def elementwise_arguments(row, shapes):
    smooth = type(row)(**{**row.__dict__, "domains": row.smooth or row.domains})
    values = sample(smooth, ("float64",) * row.arity, (shapes * 2)[: row.arity], seed=3)
    if row.name == "where":
        values[0] = values[0] > 0
    return [value.astype("int64") if k in row.fixed else value for k, value in enumerate(values)]


DIFFERENTIABLE = [row for row in ROWS if row.gradient]
STRUCTURED = [row for row in ALL_ROWS if row.gradient and "float64" in row.dtypes]
COMPLEX = {
    **{row.name: (row.symbolic, SMOOTH) for row in UNARY if row.gradient},
    **{
        f"{name} of two": (BINARY[name][0], SMOOTH, SMOOTH[::-1] + 0.5)
        for name in ("add", "sub", "mul", "true_div", "pow", "where")
    },
    "with reals": (lambda z, x: z * x + T.exp(z / x), SMOOTH, SMOOTH.real + 2.5),
    **{
        name: (build, np.ascontiguousarray(SMOOTH[:3, None] * SMOOTH[None, 1:]))
        for name, (build, _) in WHOLE.items()
        if name not in ("any", "all")
    },
    **{name: (getattr(ct.fft, name), SMOOTH) for name in ("fft", "ifft", "irfft")},
    "rfft": (lambda x: ct.fft.rfft(x, 5), SMOOTH.real),
}
OTHER = {
    "cummax": (lambda x: T.cummax(x, 1), WEIGHTS),
    "cummin": (lambda x: T.cummin(x, 0), WEIGHTS),
    "cumprod": (lambda x: T.cumprod(x, 1), WEIGHTS),
    "cumsum": (lambda x: T.cumsum(x, 0), WEIGHTS),
    "recurrence": (T.linear_recurrence, WEIGHTS, WEIGHTS[::-1].copy()),
    "an op in Python": (lambda x, y: Scale(3.0)(x) * SumAndDifference()(x, y)[1], WEIGHTS, WEIGHTS**2),
    "a given gradient": (
        ct.custom_vjp(T.exp, lambda inputs, outputs, g: [g[0] * outputs[0]]),
        WEIGHTS,
    ),
    "boolean mask": (lambda x: x[x > 0] ** 2, WEIGHTS),
    "ctc": (
        lambda x: T.nnet.ctc_loss(x, T.constant([[1, 2]]), T.constant([4])),
        RNG.normal(size=(4, 1, 3)),
    ),
    "sparse times dense": (
        lambda d, x: ct.sparse.dot(ct.sparse.CSR(d, *STRUCTURE), x),
        WEIGHTS[0, :4],
        WEIGHTS,
    ),
    "dense times sparse": (
        lambda d, x: ct.sparse.dot(x, ct.sparse.CSR(d, *STRUCTURE)),
        WEIGHTS[0, :4],
        WEIGHTS[:, :3],
    ),
    "sampled product": (
        lambda d, a, b: ct.sparse.sampling_dot(a, b, ct.sparse.CSR(d, *STRUCTURE)).data,
        WEIGHTS[0, :4],
        WEIGHTS[:3, :2],
        WEIGHTS[:, :2],
    ),
    "several results": (lambda x: [T.sort(x, 1), x.max(0), T.exp(x)], WEIGHTS),
    "one of two": (lambda x, y: [x * 2, T.outer(y, y)], WEIGHTS, WEIGHTS[0]),
    "float32": (lambda x: T.exp(x.astype("float32")).astype("float64"), WEIGHTS),
    "assertion": (lambda x: ct.raise_op.Assert()(x, (x < 9).all()) ** 2, WEIGHTS),
    "transposed convolution": (
        lambda x, w: T.nnet.abstract_conv.conv2d_transpose(x, w, (None, 2, 9, 9), input_dilation=(2, 2)),
        RNG.normal(size=(2, 3, 4, 4)),
        RNG.normal(size=(3, 2, 3, 3)),
    ),
}


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_elementwise(row):
    for shapes in [((9, 8),) * 3, ((9, 1), (1, 8), (8,)), ((), (2,), ())]:
        check_transposed(lambda *x: getattr(T, row.name)(*x), *elementwise_arguments(row, shapes))


@pytest.mark.parametrize("row", STRUCTURED, ids=lambda row: row.name)
def test_structured(row):
    for shapes in row.shapes:
        arrays = arguments(row, shapes, "float64", seed=2)
        if sum(x.size for x in arrays) <= 200:
            check_transposed(row.build, *arrays)


@pytest.mark.parametrize("name", COMPLEX)
def test_complex(name):
    build, *arrays = COMPLEX[name]
    check_transposed(build, *arrays)


@pytest.mark.parametrize("name", OTHER)
def test_other(name):
    build, *arrays = OTHER[name]
    check_transposed(build, *arrays, rtol=1e-6 if name == "float32" else 1e-9)


@pytest.mark.parametrize("name", LOOPS)
def test_loops(name):
    build, _, *arrays = LOOPS[name]
    check_transposed(build, *arrays)


def test_every_op_is_among_them():
    """Each op that has a gradient, but for those that only gradients and the schedule make."""
    built = [
        getattr(T, row.name)(*variables(*elementwise_arguments(row, ((2,),) * 3))) for row in DIFFERENTIABLE
    ]
    built += [row.build(*variables(*arguments(row, row.shapes[0], "float64"))) for row in STRUCTURED]
    built += [build(*variables(*arrays)) for build, *arrays in [*COMPLEX.values(), *OTHER.values()]]
    seen, stack = set(), [y._node for outputs in built for y in listed(outputs)]
    names = set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        names.add(node._op)
        stack += node._inputs
    differentiable = {row["name"] for row in _core.op_rows() if row["differentiable"]}
    changed_on_the_way_back = {"grad_clip", "undefined_grad"}
    assert differentiable - names <= changed_on_the_way_back | {"copy", "sum_to", "set_slice"}


@pytest.mark.parametrize("name", WHILE_LOOPS)
def test_while_loops(name):
    build, arrays = WHILE_LOOPS[name]
    check_transposed(build, *arrays)


@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("limit", [-np.inf, np.inf])
def test_branches(name, limit):
    build, arrays = BRANCHES[name]
    check_transposed(lambda *x: build(x[0].sum() < limit, *x), *arrays)


def test_what_only_gradients_change():
    x, v = T.dvectors("x", "v")
    clipped = ct.Rop(ct.gradient.grad_clip(x, -1, 1) ** 2, x, v)
    np.testing.assert_allclose(ct.function([x, v], clipped)([3.0], [5.0]), [30.0])
    with pytest.raises(ct.gradient.NullTypeGradError, match="undefined_grad"):
        ct.Rop(ct.gradient.undefined_grad(x), x, v)
    with pytest.raises(ct.DisconnectedInputError, match="Rop: required outputs that depend on x"):
        ct.Rop(ct.gradient.disconnected_grad(x), x, v)
    with pytest.raises(NotImplementedError, match="its order"):
        ct.Rop(T.jn(x, 1.0), x, v)


def test_it_keeps_no_states():
    """The tangent of the last state of a loop is carried along with the state."""
    a, v, n = T.dscalar("a"), T.dscalar("v"), T.lscalar("n")
    powers, _ = ct.scan(lambda p: p * a, outputs_info=T.constant(1.0), n_steps=n)
    f = ct.function([a, v, n], ct.Rop(powers[-1], a, v))
    np.testing.assert_allclose(f(1.0, 2.0, 10_000_000), 2e7)
    assert f.memory_report().arena_bytes < 10_000


def test_hessian_vector_products():
    x, w = T.dvector("x"), T.dmatrix("w")
    cost = (T.tanh(T.dot(x, w)) ** 2).sum() + (x**4).sum()
    p, q = T.dvector("p"), T.dmatrix("q")
    products = ct.gradient.hessian_vector_product(cost, [x, w], [p, q])
    values = WEIGHTS[0, :4], WEIGHTS
    by_hand = [ct.grad((ct.grad(cost, x) * p).sum() + (ct.grad(cost, w) * q).sum(), part) for part in (x, w)]
    f = ct.function([x, w, p, q], products + by_hand)
    got = f(*values, *directions(values))
    for a, b in zip(got[:2], got[2:], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)
    with pytest.raises(ValueError, match="eval_point"):
        ct.gradient.hessian_vector_product(cost, x, w)


def test_deep_expressions_take_linear_time():
    """The derivative has a bounded number of nodes for each node."""
    x, v = T.dvector("x"), T.dvector("v")
    sizes = []
    for depth in (50, 100):
        y = x
        for _ in range(depth):
            y = T.nnet.softmax(T.sin(y) * x + y)
        sizes.append(len(_core.listing([ct.Rop(y, x, v)._node]).splitlines()))
    assert sizes[1] < 2.2 * sizes[0]

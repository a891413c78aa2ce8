"""Batches of every op against its reference item by item, alone and with operands that all items share."""

import numpy as np
import pytest
from checks import compute, variable
from rows import ROWS, sample
from structure_rows import arguments
from test_structure import ALL_ROWS, expected

import croton as ct
import croton.tensor as T
from croton import _core
from croton.tensor.expression import wrap

IDS = {"ids": lambda row: row.name}
MOST = 400  # elements of an argument: enough, for a batch is more of them


def test_every_op_has_a_rule_or_refuses():
    assert not [row["name"] for row in _core.op_rows() if not row["vectorizes"]]


def patterns(count):
    """Which operands are batched: all, and each alone."""
    return [None] if count == 1 else [None, *range(count)]


def batch_axes(count, alone):
    return tuple(0 if alone in (None, k) else None for k in range(count))


def batches(make, axes, size):
    """Arguments, those with an axis stacked from `size` items of make(seed)."""
    shared, several = make(0), [make(seed) for seed in range(1, size + 1)]
    return [
        x
        if axis is None
        else np.stack([one[k] for one in several])
        if several
        else np.empty((0, *x.shape), x.dtype)
        for k, (x, axis) in enumerate(zip(shared, axes, strict=True))
    ]


def items_of(values, axes, i):
    return [x if axis is None else x[i] for x, axis in zip(values, axes, strict=True)]


def vectorized(build, values, axes):
    inputs = [variable(x.dtype.name, x.ndim, f"x{k}") for k, x in enumerate(values)]
    return ct.function(inputs, ct.vectorize(build, axes)(*inputs), on_unused_input="ignore")


def assert_close(got, want, label, exact):
    rounded = got.dtype.kind in "fc" and not exact
    limit = float(np.finfo(got.dtype).eps) * 1e4 if rounded else 0
    np.testing.assert_allclose(got, want, rtol=limit, atol=limit, err_msg=label)


@pytest.mark.parametrize("row", ALL_ROWS, **IDS)
def test_structures(row):
    dtype = row.dtypes[-1]
    small = [s for s in row.shapes if all(np.prod(shape) <= MOST for shape in s)]
    for shapes in small[:1] + small[1:][-1:]:
        for alone in patterns(len(shapes)):
            axes = batch_axes(len(shapes), alone)

            def make(seed, shapes=shapes):
                return arguments(row, shapes, dtype, seed)

            f = vectorized(row.build, batches(make, axes, 3), axes)
            for size in (3, 1, 0):
                values = batches(make, axes, size)
                got = f(*values)
                wanted = [expected(row, items_of(values, axes, i)) for i in range(size)]
                label = f"{row.name} {shapes} {axes} {size}"
                assert got.shape == (size, *expected(row, make(0)).shape), label
                for one, want in zip(got, wanted, strict=True):
                    assert one.dtype == want.dtype, label
                    assert_close(one, want, label, row.exact)


@pytest.mark.parametrize("row", ROWS, **IDS)
def test_elementwise(row):
    """Operands of other ranks meet those of the batch as those of an item do."""
    dtype = row.dtypes[-1]
    shapes = [(3,), (2, 3), (), (1, 1)][: row.arity] if row.arity > 1 else [(2, 3)]
    build = getattr(T, row.name)
    for alone in patterns(row.arity):
        axes = batch_axes(row.arity, alone)
        values = batches(lambda seed: sample(row, (dtype,) * row.arity, tuple(shapes), seed), axes, 4)
        one_by_one = [compute(build, *items_of(values, axes, i)) for i in range(4)]
        got = vectorized(build, values, axes)(*values)
        assert_close(got, np.stack(one_by_one), f"{row.name} {axes}", row.ulp == 0)


def loop(build, values, axes, size):
    """The results of `build` for each item by itself, one beside the other."""
    inputs = [variable(x.dtype.name, x.ndim) for x in items_of(values, axes, 0)]
    outputs = build(*inputs)
    f = ct.function(inputs, outputs if isinstance(outputs, list) else [outputs], on_unused_input="ignore")
    results = zip(*[f(*items_of(values, axes, i)) for i in range(size)], strict=True)
    return [np.stack(parts) for parts in results]


def check(build, values, axes):
    """Batches of `build`, of three items, one and none, are what it gives item by item."""
    inputs = [variable(x.dtype.name, x.ndim) for x in values]
    outputs = ct.vectorize(build, axes)(*inputs)
    f = ct.function(inputs, outputs if isinstance(outputs, list) else [outputs], on_unused_input="ignore")
    wanted = loop(build, values, axes, 3)
    for size in (3, 1, 0):
        first = [x if axis is None else x[:size] for x, axis in zip(values, axes, strict=True)]
        for got, want in zip(f(*first), wanted, strict=True):
            assert got.dtype == want.dtype
            assert got.shape == (size, *want.shape[1:])
            np.testing.assert_allclose(got, want[:size], rtol=1e-9, atol=1e-11)


def check_patterns(build, values):
    """Each set of arguments batched, of which `values` holds batches of three."""
    for which in range(1, 2 ** len(values)):
        axes = tuple(0 if which >> k & 1 else None for k in range(len(values)))
        check(build, [x if a == 0 else x[0] for x, a in zip(values, axes, strict=True)], axes)


GRADIENTS = [row for row in ALL_ROWS if row.gradient and "float64" in row.dtypes]


@pytest.mark.parametrize("row", GRADIENTS, **IDS)
def test_gradients(row):
    """The gradient of a batch, and the batch of gradients, are the gradients of the items."""
    shapes = row.shapes[0]
    axes = (0,) * len(shapes)
    values = batches(lambda seed: arguments(row, shapes, "float64", seed), axes, 2)

    def slopes(y, inputs):
        weights = T.cos(T.arange(y[0].size, dtype="float64")).reshape(y[0].shape)
        cost = sum((weights * one).sum() for one in y)
        return ct.grad(cost, inputs, disconnected_inputs="ignore")

    def of_item(*inputs):
        return slopes([row.build(*inputs)], list(inputs))

    inputs = [variable("float64", x.ndim) for x in values]
    y = ct.vectorize(row.build)(*inputs)
    f = ct.function(inputs, [*slopes([y[0], y[1]], inputs), *ct.vectorize(of_item)(*inputs)])
    got, want = f(*values), loop(of_item, values, axes, 2)
    for one, other in zip(got, want + want, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9, err_msg=row.name)


RNG = np.random.default_rng(3)


def normal(*shape):
    return RNG.normal(size=(3, *shape))


def integers(high, *shape):
    return RNG.integers(0, high, (3, *shape))


def as_size(n):
    return _core.constant(n, "int64")


ELEMENTS = {
    "take": (lambda x, i: x[:, i], [normal(4, 5, 2), integers(5, 3)]),
    "take of lines": (lambda x, i: x[i], [normal(4, 5), integers(4, 3, 2)]),
    "take from the end": (lambda x, i: x[:, -1 - i], [normal(4, 5), integers(5)]),
    "pairs": (lambda x, i, j: x[i, :, j], [normal(4, 2, 5), integers(4, 3), integers(5, 3)]),
    "put": (lambda x, i, v: T.set_subtensor(x[:, i], v), [normal(4, 5), integers(1), normal(4)]),
    "add": (lambda x, i, v: T.inc_subtensor(x[i], v), [normal(4, 2), integers(4, 6), normal(6, 2)]),
    "add at": (
        lambda x, i, v: T.inc_subtensor(x[:, i], v),
        [normal(4, 5, 2), integers(5, 3), normal(4, 3, 2)],
    ),
    "largest": (lambda x, i, v: T.maximum(x[i], v).sum(), [normal(4), integers(4), normal()]),
    "slice": (
        lambda x, i: wrap(_core.slice(x._node, 1, i._node, as_size(3), 2)),
        [normal(2, 9, 2), integers(4)],
    ),
    "put a slice": (
        lambda x, y, i: wrap(_core.set_slice(x._node, y._node, 0, i._node, 2)),
        [normal(9, 2), normal(3, 2), integers(4)],
    ),
    "choose": (lambda i, x, y: T.choose(i, [x, y]), [integers(2, 3), normal(3), normal(3)]),
    "along": (lambda x, i: T.take_along_axis(x, i, 1), [normal(4, 5), integers(5, 4, 2)]),
    "one hot": (lambda i: T.eye(5)[i], [integers(5, 3)]),
    "gradient": (lambda x, i: ct.grad((x[i] ** 3).sum(), x), [normal(4, 2), integers(4, 6)]),
    "searchsorted": (lambda x, v: T.searchsorted(T.sort(x), v), [normal(6), normal(4)]),
    "running": (lambda x: T.cumsum(x, 1) * T.cumprod(x, 0) + x.max(axis=0), [normal(4, 5)]),
    "sorted": (lambda x: [T.argsort(x, 0), T.sort(x, None)], [normal(4, 5)]),
    "fourier": (lambda x: T.fft.rfft(x), [normal(2, 6)]),
    "fourier back": (lambda x: T.fft.irfft(T.fft.rfft(x) * 2), [normal(2, 6)]),
    "complex": (lambda x, y: T.real((x + 1j * y) ** 2) + abs(x + 2j * y), [normal(4), normal(4)]),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_elements(name):
    build, values = ELEMENTS[name]
    check_patterns(build, values)


def test_positions_outside_are_errors():
    x, i = T.dmatrix("x"), T.lmatrix("i")
    f = ct.function([x, i], ct.vectorize(lambda x, i: x[i])(x, i))
    with pytest.raises(IndexError):
        f(np.ones((2, 3)), [[0], [3]])


CSR = [integers(1, 4) + np.arange(4) * 2, integers(3, 4) + np.arange(4) * 2, normal(8), integers(5, 8)]
SPARSE = {
    "csr_product": (lambda *x: _core.apply_all("csr_product", list(x), [])[0], [*CSR, normal(5, 2)]),
    "csr_transposed_product": (
        lambda *x: _core.apply_all("csr_transposed_product", [*x, as_size(5)], [])[0],
        [*CSR, normal(4, 2)],
    ),
    "sampled_product": (
        lambda *x: _core.apply_all("sampled_product", list(x), [])[0],
        [integers(4, 6), integers(5, 6), normal(4, 2), normal(5, 2)],
    ),
    "csr_row_numbers": (
        lambda *x: _core.apply_all("csr_row_numbers", [*x, as_size(8)], [])[0],
        CSR[:2],
    ),
}


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_products(name):
    call, values = SPARSE[name]
    check_patterns(lambda *x: wrap(call(*(y._node for y in x))), values)


# ---- loops


def recurrent(x, h, w):
    states, _ = ct.scan(lambda row, h, w: T.tanh(row + T.dot(h, w)), x, h, w)
    return states


LOOPS = {
    "states": (recurrent, [normal(5, 2), normal(2), normal(2, 2)]),
    "last": (lambda x, h, w: recurrent(x, h, w)[-1], [normal(5, 2), normal(2), normal(2, 2)]),
    "gradient": (
        lambda x, h, w: ct.grad((recurrent(x, h, w) ** 2).sum(), [x, h, w]),
        [normal(5, 2), normal(2), normal(2, 2)],
    ),
    "backwards": (
        lambda x, h: ct.scan(lambda row, h: row * h, x, h, go_backwards=True)[0],
        [normal(5, 2), normal(2)],
    ),
    "several": (
        lambda x, a, b: ct.scan(lambda row, a, b: [a * b, b + 1, row.sum()], x, [a, b, None])[0],
        [normal(5, 2), normal(), normal()],
    ),
    "until": (
        lambda x, n: ct.scan(lambda k, x: (x * 2, ct.scan_module.until(k >= n)), T.arange(9), [None], x)[0],
        [normal(2), np.full(3, 4)],
    ),
    "in a loop": (
        lambda x, h: ct.scan(lambda row, h: ct.scan(lambda e, h: T.tanh(e + h), row, h)[0][-1], x, h)[0],
        [normal(5, 4), normal()],
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops(name):
    build, values = LOOPS[name]
    for which in range(1, 2 ** len(values)):
        if name == "until" and which & 2:
            continue  # refused: see test_refusals
        axes = tuple(0 if which >> k & 1 else None for k in range(len(values)))
        check(build, [x if a == 0 else x[0] for x, a in zip(values, axes, strict=True)], axes)


# ---- functions of functions


def test_nested():
    x, y = T.dmatrix("x"), T.dmatrix("y")
    table = ct.vectorize(lambda a: ct.vectorize(lambda b: T.dot(a, b))(y))(x)
    a, b = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 3))
    np.testing.assert_allclose(table.eval({x: a, y: b}), a @ b.T)
    cubes = normal(4, 5)
    inner = ct.vectorize(lambda line: line - T.logsumexp(line) * line.max())
    check_patterns(lambda x: inner(x) + inner(x.T).T, [cubes])


def test_axes():
    x, y = T.dtensor3("x"), T.dmatrix("y")
    a, b = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 4))

    def both(m, v):
        return [T.dot(m, v), m.sum(axis=0)]

    products, sums = ct.vectorize(both, in_axes=(1, None), out_axes=(-1, 0))(x, y[0])
    got = ct.function([x, y], [products, sums])(a, b)
    np.testing.assert_allclose(got[0], np.einsum("ijk,k->ij", a, b[0]))
    np.testing.assert_allclose(got[1], a.sum(axis=0))
    pair = ct.vectorize(lambda m, shift=0.0: (m + shift, m), in_axes=-1)(y, shift=3.0)
    assert isinstance(pair, tuple)
    np.testing.assert_array_equal(pair[0].eval({y: b}), b.T + 3)


def test_what_no_batch_reaches_is_computed_once():
    x, w = T.dmatrix("x"), T.dvector("w")
    y = ct.vectorize(lambda row, w: (T.exp(w).sum() * row, T.exp(w)), (0, None))(x, w)
    scaled, same = ct.function([x, w], list(y))(np.ones((2, 3)), [0.0, 0.0])
    np.testing.assert_array_equal(scaled, np.full((2, 3), 2.0))
    np.testing.assert_array_equal(same, np.ones((2, 2)))
    assert "exp(w)" in str(y[0])


def test_sizes_are_those_of_one_item():
    check_patterns(lambda x: x.mean() + x.shape[0] + x.size, [normal(4, 5)])
    check_patterns(lambda x, y: T.concatenate([x, y]).reshape((-1, 2)), [normal(4), normal(2)])
    check_patterns(lambda x: T.zeros_like(x).sum() + T.arange(x.shape[0]), [normal(4)])


def test_draws_are_those_of_one_item():
    """The same for all items where the generator's state is; each its own where that is batched."""
    stream = ct.random.RandomStream(5)
    x = T.dmatrix("x")
    y = ct.vectorize(lambda row: row * 0 + stream.normal(size=row.shape))(x)
    f = ct.function([x], y)
    first, second = f(np.ones((3, 4))), f(np.ones((3, 4)))
    np.testing.assert_array_equal(first[0], first[2])
    assert np.unique([first[0], second[0]]).size == 8
    state, states = T.tensor("uint64", shape=(3,)), T.tensor("uint64", shape=(2, 3))
    draw = ct.clone(stream.normal(size=(4,)), {stream.updates()[-1][0]: state})
    both = ct.vectorize_graph(draw, {state: states})
    a, b = ct.function([states], both)(np.array([[1, 2, 3], [1, 2, 9]], "uint64"))
    assert np.unique([a, b]).size == 8


def test_assertions_hold_for_all_items():
    x = T.dvector("x")
    f = ct.function([x], ct.vectorize(lambda v: ct.raise_op.Assert("positive")(v, v > 0))(x))
    np.testing.assert_array_equal(f([1.0, 2.0]), [1, 2])
    with pytest.raises(AssertionError, match="positive"):
        f([1.0, -2.0])


def test_graphs():
    x, w, batch = T.dvector("x"), T.dvector("w"), T.dmatrix("batch")
    hidden = T.tanh(x)
    y = hidden * w + 1
    a, b = RNG.normal(size=(3, 2)), RNG.normal(size=2)
    whole, inside = (
        ct.vectorize_graph((y, hidden.sum()), {x: batch}),
        ct.vectorize_graph(y, [(hidden, batch)]),
    )
    f = ct.function([batch, w], [*whole, inside])
    for got, want in zip(f(a, b), [np.tanh(a) * b + 1, np.tanh(a).sum(axis=1), a * b + 1], strict=True):
        np.testing.assert_allclose(got, want)


def test_blocks_of_a_loop_whose_steps_the_item_counts():
    def last(x):
        return ct.scan(lambda s: T.tanh(s + x.sum()), None, T.zeros(()), n_steps=x.shape[0], checkpoint=True)[
            0
        ][-1]

    x, batch = T.dvector("x"), T.dmatrix("batch")
    f = ct.function([batch], ct.vectorize(lambda x: [last(x), ct.grad(last(x), x)])(batch))
    g = ct.function([x], [last(x), ct.grad(last(x), x)])
    values = RNG.normal(size=(3, 5))
    for k, item in enumerate(values):
        for got, want in zip(f(values), g(item), strict=True):
            np.testing.assert_allclose(got[k], want)


REFUSED = {
    "ifelse required one condition": lambda x: ct.ifelse(x[0] > 0, T.ones((1,)), T.ones((3,))),
    "iota": lambda x: T.arange(x[0].astype("int64")),
    "nonzero": lambda x: x[x > 0],
    "scan required the same": lambda x: ct.scan(lambda h: h * 2, None, x, n_steps=x[0].astype("int64"))[0],
    "scan required a condition": lambda x: ct.scan(
        lambda h: (h * 2, ct.scan_module.until(h.sum() > 1)), outputs_info=x, n_steps=9
    )[0],
    "slice": lambda x: x[: x[0].astype("int64")],
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    with pytest.raises(NotImplementedError, match=f"vectorize: {name}.*test_vectorize.py"):
        ct.vectorize(REFUSED[name])(T.dmatrix("x"))


def test_errors():
    x, y, n = T.dmatrix("x"), T.dmatrix("y"), T.lscalar("n")
    six, five = T.tensor("float64", shape=(6, 2)), T.tensor("float64", shape=(5, 2))
    for required, call in {
        "one batch or more": lambda: ct.vectorize(T.exp, None)(x),
        "a tuple of 1 as in_axes": lambda: ct.vectorize(T.exp, (0, 0))(x),
        "a tuple of 1 as out_axes": lambda: ct.vectorize(T.exp, out_axes=(0, 1))(x),
        "in in_axes": lambda: ct.vectorize(T.exp, 2)(x),
        "in out_axes": lambda: ct.vectorize(T.exp, out_axes=2)(x),
        "None for an argument that all items share": lambda: ct.vectorize(T.exp)(n),
        "batches of one size": lambda: ct.vectorize(T.add)(six, five),
        "the same dtype and one more axis": lambda: ct.vectorize_graph(T.exp(n), {n: x}),
        "the sizes of the item": lambda: ct.vectorize_graph(
            T.exp(six), {six: T.tensor("float64", shape=(3, 5, 2))}
        ),
        "one variable or more": lambda: ct.vectorize_graph(x, {}),
    }.items():
        with pytest.raises(ValueError, match=required):
            call()
    with pytest.raises(TypeError, match="variables to replace"):
        ct.vectorize_graph(x, {1.0: y})
    f = ct.function([x, y], ct.vectorize(T.dot)(x, y))
    for rows in (1, 2):
        with pytest.raises(ValueError, match="required equal sizes"):
            f(np.ones((3, 2)), np.ones((rows, 2)))

"""Every elementwise op through the same tests: value, dtype, shapes, special values, fusion, gradient."""

import zlib

import numpy as np
import pytest
from checks import assert_row, assert_same, compute, finite_difference, sum_to, variable, variables
from rows import BOOL, BY_NAME, DRAWS, FLOATS, INTS, ROWS, UINTS, result_dtype, sample

import croton as ct
import croton.tensor as T
from croton import _core

SHAPES = [(), (1,), (0,), (7,), (17, 33)]
IDS = {"ids": lambda row: row.name}
GRADIENTS = [row for row in ROWS if row.gradient]

SPECIAL_VALUES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0]


def op(row):
    return getattr(T, row.name)


def compiled(row, arguments):
    inputs = variables(*arguments)
    return ct.function(inputs, op(row)(*inputs))


def test_every_op_has_a_row():
    table = {row["name"]: row for row in _core.op_rows() if row["elementwise"]}
    assert set(table) == set(BY_NAME) | DRAWS
    for name, entry in table.items():
        if name in DRAWS:
            assert not entry["differentiable"]
            continue
        assert entry["arity"] == BY_NAME[name].arity, name
        assert entry["differentiable"] == BY_NAME[name].gradient or name == "sign", name


@pytest.mark.parametrize("row", ROWS, **IDS)
def test_value_in_all_dtypes(row):
    """Contiguous, strided and empty vectors from one compiled function for each dtype."""
    for dtype in row.dtypes:
        dtypes = (dtype,) * row.arity
        arguments = sample(row, dtypes, ((1000,),) * row.arity)
        f = compiled(row, arguments)
        for part in (slice(None), slice(None, None, 3), slice(None, None, -1), slice(0, 0), slice(5, 6)):
            part_arguments = [x[part] for x in arguments]
            assert_row(row, part_arguments, f(*part_arguments))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("row", ROWS, **IDS)
def test_shapes(row, shape):
    dtype = row.dtypes[-1]
    arguments = sample(row, (dtype,) * row.arity, (shape,) * row.arity)
    assert_row(row, arguments, np.asarray(compiled(row, arguments)(*arguments)))


@pytest.mark.parametrize("row", [row for row in ROWS if row.arity > 1], **IDS)
def test_broadcasting(row):
    dtype = row.dtypes[-1]
    for three in [((3, 1), (1, 4), (4,)), ((), (5,), (2, 1)), ((0, 1), (1, 3), ()), ((1, 1), (1, 1), (1,))]:
        shapes = (*three, three[0])
        arguments = sample(row, (dtype,) * row.arity, shapes[: row.arity])
        assert_row(row, arguments, compiled(row, arguments)(*arguments))


@pytest.mark.parametrize("row", ROWS, **IDS)
def test_not_contiguous(row):
    dtype = row.dtypes[-1]
    arguments = sample(row, (dtype,) * row.arity, ((12, 10),) * row.arity)
    f = compiled(row, arguments)
    for view in (np.transpose, lambda x: x[::-2, 1::3], lambda x: np.broadcast_to(x[:1], (4, 10))):
        parts = [view(x) for x in arguments]
        assert_row(row, parts, f(*parts))
    # The same views within the graph, where they are folded into the loads.
    inputs = variables(*arguments)
    f = ct.function(inputs, [op(row)(*(x.T for x in inputs)), op(row)(*(x[::-2, 1::3] for x in inputs))])
    transposed, sliced = f(*arguments)
    assert_row(row, [x.T for x in arguments], transposed)
    assert_row(row, [x[::-2, 1::3] for x in arguments], sliced)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", [row for row in ROWS if row.special and "float64" in row.dtypes], **IDS)
def test_special_values(row, dtype):
    info = np.finfo(dtype)
    values = np.array([*SPECIAL_VALUES, info.max, info.tiny, info.smallest_subnormal], dtype)
    # Huge arguments: the reference's own rounding is what would be tested.
    if row.name in (
        "sin",
        "cos",
        "tan",
        "pow",
        "gamma",
        "gammaln",
        "mod",
        "floor_div",
        "true_div",
        "sinh",
        "cosh",
    ):
        values = np.array(SPECIAL_VALUES, dtype)
    values = values[~np.isin(values, row.without)]
    grids = np.meshgrid(*[values] * row.arity)
    arguments = [grid.ravel() for grid in grids]
    assert_row(row, arguments, compiled(row, arguments)(*arguments), zero_sign=True)


@pytest.mark.parametrize("row", [row for row in ROWS if "int32" in row.dtypes and row.ulp == 0], **IDS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_integer_limits(row):
    if row.result == "inexact":
        pytest.skip("computes in floats")
    for dtype in INTS + UINTS:
        info = np.iinfo(dtype)
        values = np.array([info.min, info.min + 1, 0, 1, 2, 3, info.max - 1, info.max], dtype)
        if dtype in INTS:
            values = np.append(values, np.array([-1, -2], dtype))
        arguments = [grid.ravel() for grid in np.meshgrid(*[values] * row.arity)]
        if row.name in ("floor_div", "mod"):
            # What the least number divided by -1 is, no two systems agree on.
            keep = ~((arguments[0] == info.min) & (arguments[1].astype("float64") == -1))
            arguments = [x[keep] for x in arguments]
        assert_row(row, arguments, compiled(row, arguments)(*arguments))


@pytest.mark.parametrize("row", ROWS, **IDS)
def test_fused_is_as_alone(row):
    """Between other ops, and behind a reduction, the op gives the same bits."""
    dtype = row.dtypes[-1]
    arguments = sample(row, (dtype,) * row.arity, ((6, 50),) * row.arity)
    alone = compiled(row, arguments)(*arguments)
    inputs = variables(*arguments)
    zero = variable("bool" if dtype == "bool" else dtype, 2, "zero")
    mask = variable("bool", 2, "mask")
    shifted = [x ^ zero if dtype in INTS + UINTS else x + zero for x in inputs]
    y = op(row)(*shifted)
    fused = T.where(mask, y, T.zeros_like(y))
    total = T.sum(T.cast(y, "float64"), axis=1)
    zeros = np.zeros((6, 50), dtype)
    keep = np.random.default_rng(1).random((6, 50)) < 0.5
    results = ct.function([*inputs, zero, mask], [fused, total, y])(*arguments, zeros, keep)
    assert_same(results[0], np.where(keep, alone, np.zeros((), alone.dtype)), row.name, zero_sign=False)
    assert_same(results[2], alone, row.name, zero_sign=False)
    np.testing.assert_allclose(results[1], alone.astype("float64").sum(axis=1), rtol=1e-13, atol=1e-10)


@pytest.mark.parametrize("row", ROWS, **IDS)
def test_reference_mode(row):
    dtype = row.dtypes[-1]
    arguments = sample(row, (dtype,) * row.arity, ((40,),) * row.arity)
    inputs = variables(*arguments)
    f = ct.function(inputs, op(row)(*inputs), mode="reference")
    assert_row(row, arguments, f(*arguments))


@pytest.mark.parametrize("row", [row for row in ROWS if row.arity > 1], **IDS)
def test_promotion(row):
    """Every pair of dtypes gives NumPy's dtype and value."""
    dtypes = [name for name in (*BOOL, "int8", "uint8", "int32", "uint64", *FLOATS) if name in row.dtypes]
    pairs = [(a, b) for a in dtypes for b in dtypes if a != b]
    if not set(FLOATS) & set(dtypes):
        pairs = [pair for pair in pairs if np.result_type(*pair).kind != "f"]
    # A third of the pairs for each op, all of them over the table.
    for a, b in pairs[zlib.crc32(row.name.encode()) % 3 :: 3]:
        types = (a, b, b, b)[: row.arity] if row.name != "where" else ("bool", a, b)
        if row.name == "pow" and result_dtype(row, *types) not in FLOATS and "float" not in a + b:
            continue
        expression = op(row)(*(variable(dtype, 1) for dtype in types))
        assert expression.dtype == result_dtype(row, *types), (row.name, types)
    a, b = pairs[zlib.crc32(row.name.encode()) % len(pairs)]
    types = (a, b, b, b)[: row.arity] if row.name != "where" else ("bool", a, b)
    common = np.result_type(*types[row.name == "where" :])
    arguments = sample(row, types, ((30,),) * row.arity)
    got = compiled(row, arguments)(*arguments)
    assert_row(
        row, [x if x.dtype == bool and row.name == "where" else x.astype(common) for x in arguments], got
    )


@pytest.mark.parametrize("row", GRADIENTS, **IDS)
def test_gradient(row):
    """Against finite differences of the reference, with sizes of 1 known and found in the call."""
    domains = row.smooth or row.domains
    smooth = type(row)(**{**row.__dict__, "domains": domains})
    shapes = [[(9, 8)] * 4, [(9, 1), (1, 8), (8,), (9, 8)]]
    for shape in shapes[: 2 if row.arity > 1 else 1]:
        arguments = sample(smooth, ("float64",) * row.arity, tuple(shape[: row.arity]), seed=3)
        if row.name == "where":
            arguments[0] = arguments[0] > 0
        for known in (False, True):
            check_gradient(row, arguments, known)


def check_gradient(row, arguments, known_ones):
    sizes = [tuple(1 if known_ones and n == 1 else None for n in x.shape) for x in arguments]
    inputs = [T.tensor(x.dtype.name, shape=size) for x, size in zip(arguments, sizes, strict=True)]
    which = [k for k, x in enumerate(arguments) if x.dtype == np.float64 and k not in row.fixed]
    y = op(row)(*inputs)
    weight = T.dmatrix("weight")
    w = np.random.default_rng(4).standard_normal(np.broadcast_shapes(*(x.shape for x in arguments)))
    gradients = ct.grad(T.sum(weight * y), [inputs[k] for k in which])
    got = ct.function([*inputs, weight], gradients, on_unused_input="ignore")(*arguments, w)
    for k, g in zip(which, got, strict=True):
        want = sum_to(w * finite_difference(row.reference, arguments, k), arguments[k].shape)
        assert g.shape == want.shape, row.name
        scale = np.abs(want).max() + 1
        np.testing.assert_allclose(g, want, rtol=2e-8, atol=2e-9 * scale, err_msg=f"{row.name}, argument {k}")


@pytest.mark.parametrize("row", [row for row in GRADIENTS if "float32" in row.dtypes], **IDS)
def test_gradient_in_float32(row):
    """The gradient has its variable's dtype and, roughly, the value of the one in float64."""
    domains = row.smooth or row.domains
    smooth = type(row)(**{**row.__dict__, "domains": domains})
    arguments = sample(smooth, ("float32",) * row.arity, ((50,),) * row.arity, seed=5)
    if row.name == "where":
        arguments[0] = arguments[0] > 0

    def gradients(*inputs):
        wrt = [x for k, x in enumerate(inputs) if x.dtype != "bool" and k not in row.fixed]
        return ct.grad(T.sum(op(row)(*inputs)), wrt)

    got = compute(gradients, *arguments)
    want = compute(gradients, *(x if x.dtype == bool else x.astype("float64") for x in arguments))
    for g, exact in zip(got, want, strict=True):
        assert g.dtype == np.float32
        np.testing.assert_allclose(g, exact, rtol=1e-4, atol=1e-4 * (np.abs(exact).max() + 1))


@pytest.mark.parametrize(
    ("row", "k"), [(row, k) for row in ROWS for k in row.fixed], ids=lambda part: getattr(part, "name", part)
)
def test_no_derivative(row, k):
    """A derivative that does not exist is an error where it is asked for, not zero."""
    inputs = [T.dvector(name) for name in "abcd"[: row.arity]]
    with pytest.raises(NotImplementedError, match=f"{row.name}: required a gradient by something else"):
        ct.grad(op(row)(*inputs).sum(), inputs[k])
    others = [T.disconnected_grad(x) if i in row.fixed else x for i, x in enumerate(inputs)]
    cost = op(row)(*others).sum() + sum(x.sum() for x in inputs)
    ct.grad(cost, inputs)

"""Every op that is not elementwise through the same tests: value, dtype, sizes 0 and 1, fusion, gradient."""

import numpy as np
import pytest
from checks import compute, numeric_gradients, variables
from convolution_rows import CONVOLUTION_ROWS
from linalg_rows import LINALG
from rows import FLOATS
from shape_rows import ROWS
from structure_rows import REDUCTIONS, STRUCTURES, arguments

import croton as ct
import croton.tensor as T
from croton import _core

ALL_ROWS = STRUCTURES + ROWS + LINALG + CONVOLUTION_ROWS
IDS = {"ids": lambda row: row.name}
# Made by gradients and by the schedule, or what every test uses.
OWN = {
    "input",
    "constant",
    "shared",
    "dim",
    "broadcast_size",
    "output",
    "copy",
    "sum_to",
    "set_slice",
    "scatter",
    "iota",
}
# Tested by their own files or under other names: test_tensor_api.py, test_grad_api.py,
# test_chosen_elements.py, convolution_rows.py, test_observing.py, test_op_classes.py, test_own_ops.py.
RUNNING = {"cumsum", "cumprod", "cummax", "cummin", "recurrence", "nonzero"}
CONVOLUTION = {"correlate", "correlate_transposed", "max_pool"}
SPARSE = {"csr_product", "csr_row_numbers", "csr_transposed_product", "sampled_product", "required_sizes"}
COMPLEX = {"real", "imag", "complex", "fft", "rfft", "irfft"}
ELSEWHERE = RUNNING | CONVOLUTION | SPARSE | COMPLEX
ELSEWHERE |= {"after", "cast", "ctc", "grad_clip", "observe", "scan", "searchsorted", "stop_gradient"}
ELSEWHERE |= {"ifelse", "lazy_ifelse", "undefined_grad", "gradient_of", "null_gradient", "user_op"}


def tolerance(row, arrays, want):
    """For sums of as many terms as the arguments have elements at most."""
    dtype = np.dtype("float16") if "float16" in {x.dtype.name for x in arrays} else want.dtype
    if row.exact or dtype.kind != "f":
        return {"rtol": 0, "atol": 0}
    eps = float(np.finfo(dtype).eps)
    scale = max((float(np.abs(x.astype("float64")).max(initial=0)) for x in arrays), default=0)
    return {"rtol": 64 * eps, "atol": 16 * eps * (1 + scale) ** min(len(arrays), 2)}


def expected(row, arrays):
    """In float64 where the result is rounded, since NumPy's own sums are no better than ours."""
    if row.exact:
        return row.expected(*arrays)
    wide = [x.astype("float64") if x.dtype.name in FLOATS else x for x in arrays]
    with np.errstate(all="ignore"):
        want, dtype = row.expected(*wide), arrays[0].dtype
    return want.astype(dtype) if dtype.name in FLOATS else want


def check(row, arrays, got):
    want = expected(row, arrays)
    label = f"{row.name}: {[f'{x.dtype}{x.shape}' for x in arrays]}"
    assert got.dtype == want.dtype, f"{label}: {got.dtype}, required {want.dtype}"
    assert got.shape == want.shape, f"{label}: {got.shape}, required {want.shape}"
    if got.dtype.kind == "f":
        limits = tolerance(row, arrays, want)
        np.testing.assert_allclose(got.astype("float64"), want.astype("float64"), err_msg=label, **limits)
    else:
        np.testing.assert_array_equal(got, want, err_msg=label)


def test_every_op_has_a_row():
    table = {row["name"] for row in _core.op_rows() if not row["elementwise"]}
    tested = {row.name.split()[0] for row in ALL_ROWS}
    assert not table - tested - OWN - ELSEWHERE


@pytest.mark.parametrize("row", ALL_ROWS, **IDS)
def test_value(row):
    """One function for each dtype takes all shapes."""
    for dtype in row.dtypes:
        f = None
        for shapes in row.shapes:
            arrays = arguments(row, shapes, dtype)
            if f is None:
                inputs = variables(*arrays)
                f = ct.function(inputs, row.build(*inputs))
            check(row, arrays, np.asarray(f(*arrays)))


@pytest.mark.parametrize("row", ALL_ROWS, **IDS)
def test_known_sizes(row):
    """Sizes known when the function is made, constants among them, give the same values."""
    for shapes in row.shapes[:4]:
        arrays = arguments(row, shapes, row.dtypes[-1])
        inputs = [T.tensor(x.dtype.name, shape=x.shape) for x in arrays]
        expression = row.build(*inputs)
        assert expression.type.shape == tuple(expected(row, arrays).shape) or None in expression.type.shape
        check(row, arrays, np.asarray(ct.function(inputs, expression)(*arrays)))


@pytest.mark.parametrize("row", ALL_ROWS, **IDS)
def test_not_contiguous(row):
    arrays = arguments(row, row.shapes[0], row.dtypes[-1])
    f = None
    for view in (
        lambda x: x.T.copy().T,
        lambda x: np.repeat(x, 2, axis=0)[::2],
        lambda x: x[::-1].copy()[::-1],
    ):
        views = [view(x) if x.ndim else x for x in arrays]
        inputs = variables(*views)
        f = f or ct.function(inputs, row.build(*inputs))
        check(row, arrays, np.asarray(f(*views)))


@pytest.mark.parametrize("row", [row for row in ALL_ROWS if "float64" in row.dtypes], **IDS)
def test_fused(row):
    """With elementwise ops before and after it, and used twice."""
    for shapes in row.shapes:
        arrays = arguments(row, shapes, "float64")
        if row.name.split()[0] in ("any", "all"):
            return

        def expression(*inputs):
            y = row.build(*(x * 2 - 1 for x in inputs))
            return [y * 3 + T.exp(-abs(T.cast(y, "float64"))), T.sum(y)]

        moved = [x * 2 - 1 for x in arrays]
        want = expected(row, moved).astype("float64")
        got, total = compute(expression, *arrays)
        limits = tolerance(row, [4 * x for x in moved], want)
        limits = {"rtol": limits["rtol"] + 1e-14, "atol": limits["atol"] + 1e-14}
        np.testing.assert_allclose(got, want * 3 + np.exp(-abs(want)), err_msg=row.name, **limits)
        np.testing.assert_allclose(total, want.sum(), rtol=1e-10, atol=1e-10 * (1 + abs(want).sum()))


@pytest.mark.parametrize("row", [row for row in ALL_ROWS if row.gradient and "float64" in row.dtypes], **IDS)
def test_gradient(row):
    """Against central differences of NumPy's function, for shapes small enough."""
    for shapes in row.shapes:
        arrays = arguments(row, shapes, "float64", seed=2)
        if sum(x.size for x in arrays) > 200:
            continue
        weight = np.random.default_rng(3).standard_normal(row.expected(*arrays).shape)
        inputs = variables(*arrays)
        gradients = ct.grad(T.sum(row.build(*inputs) * weight), inputs, disconnected_inputs="ignore")
        got = ct.function(inputs, gradients, on_unused_input="ignore")(*arrays)
        want = numeric_gradients(lambda *x, w=weight: np.sum(row.expected(*x) * w), arrays)
        for g, exact in zip(got, want, strict=True):
            assert g.shape == exact.shape, row.name
            scale = 1 + np.abs(exact).max(initial=0)
            np.testing.assert_allclose(g, exact, rtol=1e-6, atol=1e-7 * scale, err_msg=row.name)


@pytest.mark.parametrize("row", ALL_ROWS, **IDS)
def test_reference_mode(row):
    for shapes in row.shapes[:3]:
        arrays = arguments(row, shapes, row.dtypes[-1])
        inputs = variables(*arrays)
        f = ct.function(inputs, row.build(*inputs), mode="reference")
        check(row, arrays, np.asarray(f(*arrays)))


@pytest.mark.parametrize("row", [row for row in REDUCTIONS if row.name.split()[0] in ("max", "min")], **IDS)
def test_extremes_of_nan(row):
    x = np.random.default_rng(5).standard_normal((9, 17, 33))
    x[2, 3, 5] = x[8, 16, 32] = np.nan
    np.testing.assert_array_equal(compute(row.build, x), row.expected(x))


@pytest.mark.parametrize("function", [T.argmax, T.argmin])
def test_positions_of_ties_and_nan(function):
    x = np.array([[1.0, 3, 3, 1], [2, np.nan, 9, np.nan], [0, 0, 0, 0], [-np.inf, np.inf, np.inf, -np.inf]])
    want = getattr(np, function.__name__)(x, axis=1)
    np.testing.assert_array_equal(compute(lambda x: function(x, axis=1), x), want)


@pytest.mark.parametrize("extreme", [T.max, T.min])
def test_extremes_of_nothing(extreme):
    """An empty row has no extreme: the call says so, or gives the identity; it does not crash."""
    f = compute(lambda x: extreme(x, axis=1), np.zeros((0, 3)))
    assert f.shape == (0,)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_extremes(name):
    x = np.array([[1e4, 0, -1e4], [-1e308, 0, 1], [-np.inf, 0, 1], [700, 710, 720]])
    import scipy.special

    with np.errstate(all="ignore"):
        want = getattr(scipy.special, name)(x, axis=1)
    np.testing.assert_allclose(compute(lambda x: getattr(T.nnet, name)(x, 1), x), want, rtol=1e-13)


def test_casts():
    """Every pair of dtypes, of values that both hold; floats truncate towards zero."""
    dtypes = [dtype for dtype in T.all_dtypes if "complex" not in dtype]
    for source in dtypes:
        x = np.array([0, 1, 2, 3, 100, 5.7]).astype(source)
        if source.startswith(("int", "float")):
            x = np.append(x, np.array([-1, -100, -5.7]).astype(source))
        signed = [dtype for dtype in dtypes if not dtype.startswith("uint") or x.min() >= 0]
        v = variables(x)[0]
        for dtype, got in zip(
            signed, ct.function([v], [T.cast(v, dtype) for dtype in signed])(x), strict=True
        ):
            assert got.dtype.name == dtype
            np.testing.assert_array_equal(got, x.astype(dtype), err_msg=f"{source} to {dtype}")


def test_index_outside_raises():
    x, k = T.dmatrix("x"), T.lvector("k")
    f = ct.function([x, k], x[k])
    for position in (3, -4, 2**40):
        with pytest.raises(IndexError):
            f(np.zeros((3, 2)), [0, position])
    np.testing.assert_array_equal(f(np.ones((3, 2)), [0, -3]), np.ones((2, 2)))


def test_repeated_positions_add_up():
    x, k = T.dmatrix("x"), T.lvector("k")
    g = ct.function([x, k], ct.grad(T.sum(x[k] ** 2), x))
    index = np.random.default_rng(6).integers(0, 50, 5000)
    value = np.random.default_rng(7).standard_normal((50, 8))
    np.testing.assert_allclose(
        g(value, index), 2 * value * np.bincount(index, minlength=50)[:, None], rtol=1e-13
    )

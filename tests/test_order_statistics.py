"""Quantiles, the largest elements, histograms and picking along an axis, against NumPy."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(0)
A = RNG.standard_normal((4, 7, 3))
HOLES = np.where(RNG.random((6, 8)) < 0.3, np.nan, RNG.standard_normal((6, 8)))
HOLES[2] = np.nan
METHODS = ["linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased"]


def call(build, *arrays):
    inputs = [T.TensorType(array.dtype, (None,) * array.ndim)() for array in arrays]
    return ct.function(inputs, build(*inputs))(*arrays)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("method", [*METHODS, "normal_unbiased"])
def test_quantile(method, axis, keepdims):
    options = {"axis": axis, "method": method, "keepdims": keepdims}
    for q in (0.3, 0, 1, [0.1, 0.5, 0.9], [[0.25], [0.75]]):
        got = call(lambda x, q=q: T.quantile(x, q, **options), A)
        np.testing.assert_allclose(got, np.quantile(A, q, **options), rtol=1e-13, atol=1e-15)


def test_medians():
    for array in (A, A[:3], RNG.integers(0, 9, (5, 4)), A.astype("float32"), np.array([np.inf, np.inf, 1.0])):
        for axis in (None, 0):
            got, want = call(lambda x, axis=axis: T.median(x, axis=axis), array), np.median(array, axis=axis)
            assert got.dtype == want.dtype
            np.testing.assert_allclose(got, want, rtol=1e-6 if array.dtype == "float32" else 1e-14)
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="NaN"):
        np.testing.assert_allclose(call(lambda x: T.nanmedian(x, axis=1), HOLES), np.nanmedian(HOLES, axis=1))
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="NaN"):
        want = np.nanpercentile(HOLES, [20, 70], axis=1)
    np.testing.assert_allclose(call(lambda x: T.nanpercentile(x, [20, 70], axis=1), HOLES), want)
    assert np.isnan(call(T.median, HOLES))


def test_gradient_of_median():
    x = T.dmatrix("x")
    g = ct.function([x], ct.grad(T.median(x, axis=1).sum(), x))(np.array([[3.0, 1, 2], [5, 9, 4]]))
    np.testing.assert_array_equal(g, [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("k", [1, 3, -2])
def test_topk(k, axis):
    array, along = (A.ravel(), 0) if axis is None else (A, axis)
    order = np.argsort(array, axis=along, kind="stable")
    places = np.take(np.flip(order, axis=along) if k > 0 else order, range(abs(k)), axis=along)
    want = np.take_along_axis(array, places, axis=along)
    values, positions = call(lambda x: T.topk_and_argtopk(x, k, axis=axis), A)
    np.testing.assert_array_equal(values, want)
    np.testing.assert_array_equal(positions, places)
    n, x = T.lscalar("n"), T.dtensor3("x")
    np.testing.assert_array_equal(ct.function([x, n], T.topk(x, n, axis=axis))(A, k), want)
    np.testing.assert_array_equal(call(lambda x: T.argtopk(x, k, axis=axis), A), places)


def test_take_along_axis():
    indices = {1: RNG.integers(-7, 7, (4, 2, 3)), 0: RNG.integers(0, 4, (5, 1, 1)), -1: np.array([[[2, 0]]])}
    for axis, index in indices.items():
        shape = [*A.shape]
        shape[axis] = index.shape[axis]
        full = np.broadcast_to(index, shape)
        got = call(lambda x, i, axis=axis: T.take_along_axis(x, i, axis), A, index)
        np.testing.assert_array_equal(got, np.take_along_axis(A, full, axis))
    flat = np.array([5, 0, -1])
    got = call(lambda x, i: T.take_along_axis(x, i, None), A, flat)
    np.testing.assert_array_equal(got, np.take_along_axis(A, flat, None))
    with pytest.raises(ValueError, match="take_along_axis: required indices with 3 axes"):
        T.take_along_axis(A, flat, 0)


def test_histogram():
    edge = np.linspace(0, 1, 11)
    weights = RNG.random(500)
    for a, options in (
        (RNG.standard_normal(500), {}),
        (RNG.random(500), {"bins": 7, "range": (0.25, 0.75)}),
        (edge, {"bins": 10}),
        (RNG.integers(0, 5, (20, 3)), {"bins": 5}),
        (np.full(4, 2.0), {}),
        (RNG.random(500), {"density": True}),
        (RNG.random(500), {"weights": weights}),
    ):
        counts, edges = call(lambda x, options=options: T.histogram(x, **options), a)
        want, want_edges = np.histogram(a, **options)
        assert counts.dtype == want.dtype
        np.testing.assert_allclose(edges, want_edges, rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose(counts, want, rtol=1e-12)


def test_errors():
    x = T.dvector("x")
    for build, message in (
        (lambda: T.quantile(x, 1.5), "quantile: required fractions from 0 to 1"),
        (lambda: T.quantile(x, 0.5, method="best"), "quantile: required one of the methods"),
        (lambda: T.topk(x, 0), "topk: required a number of elements other than 0"),
    ):
        with pytest.raises(ValueError, match=message):
            build()

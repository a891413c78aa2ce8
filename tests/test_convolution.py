"""Windows, pooling and convolution beyond their rows in convolution_rows.py: gradients as functions, other
libraries as oracles, images and neighbourhoods, awkward input and messages."""

import itertools
import re

import numpy as np
import pytest
import scipy.signal
from checks import compute, numeric_gradients, variables
from convolution_rows import convolved, pooled

import croton as ct
import croton.tensor as T
from croton import _core
from croton.tensor.nnet.convolution import Options, convolve

nnet, pool = T.nnet, T.signal.pool
RNG = np.random.default_rng(11)


def normal(*shape):
    return RNG.standard_normal(shape)


# ---- gradients as functions
GRADIENTS = [
    ((2, 2, 5, 4), (3, 2, 2, 3), {}),
    ((2, 2, 5, 4), (3, 2, 2, 3), {"border_mode": "full", "filter_flip": False}),
    ((1, 2, 5, 4), (3, 2, 3, 3), {"border_mode": "half", "subsample": (2, 1)}),
    ((1, 4, 5, 4), (2, 2, 2, 2), {"num_groups": 2, "filter_dilation": (2, 1)}),
    ((1, 2, 3, 3), (2, 2, 2, 2, 2, 2), {"unshared": True}),
    ((1, 2, 6, 5), (1, 2, 2, 2), {"border_mode": ((1, 0), (0, 2)), "subsample": (3, 2)}),
]


@pytest.mark.parametrize("case", GRADIENTS, ids=lambda case: str(case[2]))
def test_gradient_functions(case):
    x_shape, w_shape, options = case
    x, w = normal(*x_shape), normal(*w_shape)
    g = normal(*convolved(x, w, **options).shape)
    want = numeric_gradients(lambda x, w: np.sum(convolved(x, w, **options) * g), [x, w])
    of_x = compute(lambda g, w: nnet.conv2d_grad_wrt_inputs(g, w, x_shape, **options), g, w)
    of_w = compute(lambda x, g: nnet.conv2d_grad_wrt_weights(x, g, w_shape, **options), x, g)
    np.testing.assert_allclose(of_x, want[0], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(of_w, want[1], rtol=1e-6, atol=1e-7)
    steps = {("input_dilation" if key == "subsample" else key): value for key, value in options.items()}
    back = compute(lambda g, w: nnet.conv2d_transpose(g, w, (None, *x_shape[1:]), **steps), g, w)
    np.testing.assert_allclose(back, want[0], rtol=1e-6, atol=1e-7)


def test_gradient_functions_in_three_dimensions():
    x, w = normal(1, 2, 3, 4, 3), normal(2, 2, 2, 2, 1)
    g = normal(*convolved(x, w).shape)
    want = numeric_gradients(lambda x, w: np.sum(convolved(x, w) * g), [x, w])
    ac = nnet.abstract_conv
    of_x = compute(lambda g, w: ac.conv3d_grad_wrt_inputs(g, w, x.shape), g, w)
    of_w = compute(lambda x, g: ac.conv3d_grad_wrt_weights(x, g, w.shape), x, g)
    np.testing.assert_allclose(of_x, want[0], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(of_w, want[1], rtol=1e-6, atol=1e-7)


def test_gradient_by_shapes_of_the_call():
    x, w = T.dtensor4("x"), T.dtensor4("w")
    y = nnet.conv2d(x, w)
    f = ct.function([x, w], [nnet.conv2d_grad_wrt_inputs(y, w, x.shape), ct.grad((y**2).sum() / 2, x)])
    for shapes in [((2, 3, 6, 5), (4, 3, 3, 2)), ((1, 1, 3, 3), (1, 1, 3, 3))]:
        direct, derived = f(*(normal(*shape) for shape in shapes))
        np.testing.assert_allclose(direct, derived, rtol=1e-12, atol=1e-12)


def test_second_derivative():
    x, w = normal(1, 1, 3, 3), normal(1, 1, 2, 2)
    gx, gw = variables(x, w)
    norm = T.sum(ct.grad(T.sum(nnet.conv2d(gx, gw) ** 2), gx) ** 2)
    got = ct.function([gx, gw], ct.grad(norm, [gx, gw]))(x, w)

    def value(x, w):
        y = 2 * convolved(x, w)
        grad = scipy.signal.convolve2d(y[0, 0], w[0, 0, ::-1, ::-1])
        return np.sum(grad**2)

    for g, want in zip(got, numeric_gradients(value, [x, w]), strict=True):
        np.testing.assert_allclose(g, want, rtol=1e-6, atol=1e-6)


# ---- sizes that fill tiles, blocks of terms and chunks
def adjoints(x, w, g, border, step, dilation, groups):
    """The gradients of a correlation by x and w, element by element of the filters."""
    ndim = x.ndim - 2
    padded = np.pad(x, [(0, 0), (0, 0), *[(border, border)] * ndim])
    of_x, of_w = np.zeros_like(padded), np.zeros_like(w)
    channels, outputs = w.shape[1], w.shape[0] // groups
    for tap, group in itertools.product(np.ndindex(*w.shape[2:]), range(groups)):
        met = [
            slice(t * dilation, t * dilation + (n - 1) * step + 1, step)
            for t, n in zip(tap, g.shape[2:], strict=True)
        ]
        into = (slice(None), slice(group * channels, (group + 1) * channels), *met)
        own = slice(group * outputs, (group + 1) * outputs)
        every = (0, *range(2, 2 + ndim))
        of_w[(own, slice(None), *tap)] = np.tensordot(g[:, own], padded[into], (every, every))
        of_x[into] += np.moveaxis(np.tensordot(w[(own, slice(None), *tap)], g[:, own], (0, 1)), 0, 1)
    inner = tuple(slice(border, border + n) for n in x.shape[2:])
    return of_x[(slice(None), slice(None), *inner)], of_w


# Shapes of x and w, border, step, dilation, groups.
LARGER = [
    ((2, 3, 32, 32), (32, 3, 3, 3), 1, 1, 1, 1),
    ((3, 130, 9, 7), (20, 130, 3, 3), 1, 1, 1, 1),
    ((9, 40, 5, 5), (70, 40, 3, 3), 1, 1, 1, 1),
    ((2, 16, 33, 37), (24, 16, 3, 3), 1, 2, 1, 1),
    ((2, 9, 40, 21), (5, 9, 4, 4), 0, 3, 2, 1),
    ((2, 8, 41, 30), (6, 8, 3, 3), 2, 2, 2, 1),
    ((2, 4, 30, 31), (3, 4, 3, 3), 3, 4, 6, 1),
    ((2, 24, 17, 33), (36, 6, 3, 3), 1, 1, 1, 4),
    ((2, 7, 19, 40), (14, 1, 3, 3), 1, 1, 1, 7),
    ((2, 7, 19, 40), (7, 1, 5, 5), 2, 2, 1, 7),
    ((4, 30, 400), (50, 30, 11), 5, 1, 1, 1),
    ((1, 600, 70), (3, 600, 7), 0, 2, 1, 1),
    ((2, 8, 9, 10, 18), (12, 8, 3, 3, 3), 1, 1, 1, 1),
    ((2, 8, 9, 10, 18), (12, 4, 2, 2, 2), 0, 2, 1, 2),
    ((3, 20, 12, 40), (33, 20, 1, 1), 0, 1, 1, 1),
    ((3, 20, 12, 41), (33, 20, 1, 1), 0, 2, 1, 1),
    ((2, 5, 4, 20), (6, 5, 2, 1), 0, 5, 1, 1),
    # Borders as wide as the filters reach, narrower and wider.
    ((2, 3, 9, 8, 11), (4, 3, 3, 3, 3), 2, 1, 2, 1),
    ((2, 6, 19, 23), (6, 1, 3, 3), 3, 1, 1, 6),
    ((2, 4, 37), (8, 1, 5), 4, 1, 1, 4),
    ((2, 4, 37), (8, 1, 5), 3, 1, 3, 4),
    ((1, 3, 18, 17), (5, 3, 4, 2), 5, 1, 1, 1),
    ((1, 3, 18, 17), (5, 3, 4, 3), 2, 3, 2, 1),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("known", [False, True], ids=["unknown sizes", "known filters"])
@pytest.mark.parametrize("case", LARGER, ids=str)
def test_larger_convolutions(case, known, dtype):
    x_shape, w_shape, border, step, dilation, groups = case
    ndim = len(x_shape) - 2
    options = Options("conv", ndim, (border,) * ndim, step, False, dilation, groups)
    x, w = normal(*x_shape), normal(*w_shape)
    y = convolved(x, w, (border,) * ndim, step, False, dilation, groups)
    g = normal(*y.shape)
    vx = T.tensor(dtype, shape=(None,) * x.ndim)
    vw = T.tensor(dtype, shape=w_shape if known else (None,) * w.ndim)
    vg = T.tensor(dtype, shape=(None,) * g.ndim)
    value = convolve(vx, vw, options)
    f = ct.function([vx, vw, vg], [value, *ct.grad((value * vg).sum(), [vx, vw])])
    got = f(*(a.astype(dtype) for a in (x, w, g)))
    for result, want in zip(got, (y, *adjoints(x, w, g, border, step, dilation, groups)), strict=True):
        size = np.abs(want).max()
        limit = 64 * np.finfo(dtype).eps * size
        np.testing.assert_allclose(result, want, rtol=0, atol=limit)


def test_second_derivatives_stay_convolutions():
    """Gradients of gradients have no scatters, and those by directions agree."""
    x, w, v = normal(2, 3, 9, 8), normal(4, 3, 3, 3), normal(2, 3, 9, 8)
    gx, gw, gv = variables(x, w, v)
    y = nnet.conv2d(gx, gw, border_mode="half", subsample=(2, 1))
    slope = T.sum(ct.grad(T.sum(y**3), gx) * gv)
    f = ct.function([gx, gw, gv], ct.grad(slope, [gx, gw]))
    nests = _core.loop_nests(f)
    assert "scatter" not in nests
    assert nests.count("product") >= 5
    h = 1e-5

    def slope_of(x, w):
        up, down = (np.sum(convolved(x + s * h * v, w, "half", (2, 1)) ** 3) for s in (1, -1))
        return (up - down) / (2 * h)

    for got, want in zip(f(x, w, v), numeric_gradients(slope_of, [x, w], 1e-3), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4 * np.abs(want).max())


def test_convolution_is_one_product_without_columns():
    x, w = T.ftensor4("x"), T.ftensor4("w")
    f = ct.function([x, w], nnet.conv2d(x, w, filter_flip=False))
    assert _core.loop_nests(f).strip() == "product"
    before = _core.kernels_built()
    for shapes in [
        ((1, 1, 3, 3), (1, 1, 3, 3)),
        ((2, 9, 30, 31), (5, 9, 3, 4)),
        ((3, 70, 9, 7), (33, 70, 2, 2)),
    ]:
        a, b = (normal(*shape).astype("float32") for shape in shapes)
        np.testing.assert_allclose(f(a, b), convolved(a, b, filter_flip=False), rtol=1e-4, atol=1e-4)
    assert _core.kernels_built() == before


def test_narrow_floats():
    x, w = normal(2, 3, 6, 5).astype("float16"), normal(4, 3, 3, 2).astype("float16")
    got = compute(lambda x, w: nnet.conv2d(x, w, border_mode=1), x, w)
    want = convolved(x.astype("float64"), w.astype("float64"), 1)
    assert got.dtype == np.float16
    np.testing.assert_allclose(got, want, rtol=2e-3, atol=2e-2)


# ---- other libraries, compositions
@pytest.mark.parametrize("mode", ["valid", "full"])
@pytest.mark.parametrize(("images", "filters"), [((), ()), ((2,), ()), ((), (3,)), ((2,), (3,))])
def test_signal_conv2d(mode, images, filters):
    x, w = normal(*images, 5, 6), normal(*filters, 2, 3)
    got = compute(lambda x, w: T.signal.conv.conv2d(x, w, border_mode=mode), x, w)
    pairs = [[scipy.signal.convolve2d(a, b, mode) for b in w.reshape(-1, 2, 3)] for a in x.reshape(-1, 5, 6)]
    np.testing.assert_allclose(got, np.reshape(pairs, got.shape), rtol=1e-12, atol=1e-12)


def test_separable_and_causal():
    x, depth, point = normal(2, 3, 5, 4), normal(6, 1, 2, 2), normal(4, 6, 1, 1)
    want = convolved(convolved(x, depth, "half", num_groups=3), point)
    got = compute(lambda *args: nnet.separable_conv2d(*args, 3, border_mode="half"), x, depth, point)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
    volume, filters, points = normal(1, 2, 3, 4, 3), normal(2, 1, 2, 2, 2), normal(3, 2, 1, 1, 1)
    want = convolved(convolved(volume, filters, num_groups=2), points)
    got = compute(lambda *args: nnet.separable_conv3d(*args, 2), volume, filters, points)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
    line, taps = normal(2, 3, 8), normal(4, 3, 3)
    want = convolved(line, taps, ((4, 0),), filter_dilation=2)
    got = compute(lambda x, w: nnet.causal_conv1d(x, w, taps.shape, filter_dilation=2), line, taps)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


def test_images_of_integers():
    x, w = RNG.integers(-9, 9, (2, 3, 5, 4)), RNG.integers(-9, 9, (4, 3, 2, 2))
    np.testing.assert_array_equal(compute(nnet.conv2d, x, w), convolved(x, w))


@pytest.mark.parametrize("mode", ["valid", "full", "half", 2, (1, 0), ((0, 1), (2, 3))])
def test_output_shape(mode):
    x, w = normal(2, 3, 9, 8), normal(4, 3, 3, 2)
    want = compute(lambda x, w: nnet.conv2d(x, w, border_mode=mode, subsample=(2, 3)), x, w).shape
    assert nnet.abstract_conv.get_conv_output_shape(x.shape, w.shape, mode, (2, 3)) == want


# ---- pooling
def test_pooling_of_nan_and_infinities():
    x = np.array([[np.nan, 1, -np.inf, -np.inf], [2, 3, -np.inf, -np.inf]])
    np.testing.assert_array_equal(compute(lambda x: pool.pool_2d(x, (2, 2)), x), [[np.nan, -np.inf]])
    padded = compute(lambda x: pool.pool_2d(x, (2, 2), True, pad=(0, 1)), x)
    np.testing.assert_array_equal(padded, [[np.nan, 3, -np.inf]])


def test_gradient_of_ties():
    """Every element that is the largest of its window gets the whole gradient, as in Theano."""
    x = np.array([[1.0, 1, 0], [0, 1, 2]])
    v = T.dmatrix("x")
    g = ct.function([v], ct.grad(pool.pool_2d(v, (2, 2), True, (1, 1)).sum(), v))(x)
    np.testing.assert_array_equal(g, [[1, 1, 0], [0, 1, 1]])


def test_pool_class_and_older_names():
    x = normal(2, 3, 6, 4)
    for mode in ("max", "average_exc_pad"):
        want = pooled(x, (2, 2), True, (1, 2), (1, 0), mode)
        layer = pool.Pool(ignore_border=True, mode=mode)
        np.testing.assert_allclose(compute(lambda x, f=layer: f(x, (2, 2), (1, 2), (1, 0)), x), want)
        old = compute(
            lambda x, mode=mode: pool.pool_2d(
                x, ds=(2, 2), ignore_border=True, st=(1, 2), padding=(1, 0), mode=mode
            ),
            x,
        )
        np.testing.assert_allclose(old, want)


# ---- neighbourhoods, upsampling
def neighbourhoods(x, size, step, mode):
    pads = {"half": [n // 2 for n in size], "full": [n - 1 for n in size]}.get(mode, [0, 0])
    wrapped = mode == "wrap_centered"
    pads = [n // 2 for n in size] if wrapped else pads
    x = np.pad(x, [(0, 0), (0, 0), *((n, n) for n in pads)], "wrap" if wrapped else "constant")
    rows = []
    for n, c in np.ndindex(x.shape[:2]):
        for i in range(0, x.shape[2] - size[0] + 1, step[0]):
            for j in range(0, x.shape[3] - size[1] + 1, step[1]):
                rows.append(x[n, c, i : i + size[0], j : j + size[1]].ravel())
    return np.array(rows)


@pytest.mark.parametrize(
    ("size", "step", "mode"),
    [
        ((2, 3), None, "valid"),
        ((2, 2), (1, 4), "valid"),
        ((3, 2), (2, 3), "ignore_borders"),
        ((3, 3), (1, 1), "half"),
        ((2, 3), (2, 1), "full"),
        ((3, 5), (2, 1), "wrap_centered"),
    ],
)
def test_neighbourhoods(size, step, mode):
    x = normal(2, 3, 4, 6)
    got = compute(lambda x: nnet.images2neibs(x, size, step, mode), x)
    np.testing.assert_array_equal(got, neighbourhoods(x, size, step or size, mode))


def test_neighbourhoods_and_back():
    x = normal(2, 3, 4, 6)
    same = compute(lambda x: nnet.neibs2images(nnet.images2neibs(x, (2, 3)), (2, 3), x.shape), x)
    np.testing.assert_array_equal(same, x)
    size = (3, 4)
    rest = compute(
        lambda x: nnet.neibs2images(
            nnet.images2neibs(x, size, mode="ignore_borders"), size, x.shape, "ignore_borders"
        ),
        x,
    )
    want = np.zeros_like(x)
    want[:, :, :3, :4] = x[:, :, :3, :4]
    np.testing.assert_array_equal(rest, want)


@pytest.mark.parametrize("ratio", [1, 2, 3, (4, 5)])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 1, 1, 1)])
def test_upsampling(ratio, shape):
    x = normal(*shape)
    rows, columns = (ratio, ratio) if isinstance(ratio, int) else ratio
    got = compute(lambda x: nnet.nearest_upsampling(x, ratio), x)
    np.testing.assert_array_equal(got, x.repeat(rows, -2).repeat(columns, -1))

    def line(values, times):
        n = len(values)
        at = (np.arange(n * times) - (times - 1) // 2) / times
        return np.interp(at, np.arange(n), values)

    want = np.apply_along_axis(line, -1, np.apply_along_axis(line, -2, x, rows), columns)
    got = compute(lambda x: nnet.bilinear_upsampling(x, ratio), x)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


# ---- views and messages
def test_windows_are_not_copied():
    x = T.dmatrix("x")
    f = ct.function([x], T.sliding_window_view(x, 5, 1).sum(axis=-1))
    np.testing.assert_allclose(f(np.ones((3, 9))), np.full((3, 5), 5.0))
    assert _core.loop_nests(f).count("nest (") == 1


IMAGE, FILTERS = np.ones((2, 4, 5, 5)), np.ones((6, 4, 3, 3))
MISTAKES = [
    (lambda: nnet.conv2d(IMAGE[0], FILTERS), ValueError, "conv2d: required an input of 4 axes"),
    (lambda: nnet.conv2d(IMAGE, FILTERS[:, :3]), ValueError, "conv2d: required filters of 4 channels"),
    (
        lambda: nnet.conv2d(IMAGE, FILTERS[:, :2], num_groups=4),
        ValueError,
        "required a multiple of 4 filters",
    ),
    (lambda: nnet.conv2d(IMAGE, FILTERS, border_mode="same"), ValueError, "required a border_mode of valid"),
    (lambda: nnet.conv2d(IMAGE, FILTERS, border_mode=-1), ValueError, "given -1"),
    (lambda: nnet.conv2d(IMAGE, FILTERS, border_mode=(1, 2, 3)), ValueError, "for each of 2 axes"),
    (lambda: nnet.conv2d(IMAGE, FILTERS, subsample=0), ValueError, "required subsample as an integer of 1"),
    (lambda: nnet.conv2d(IMAGE, FILTERS, filter_dilation=(1, 2, 3)), ValueError, "filter_dilation"),
    (lambda: nnet.conv2d(IMAGE, FILTERS, num_groups=0), ValueError, "num_groups of 1 or more"),
    (lambda: nnet.conv2d(IMAGE, FILTERS, (2, 4, 6, 5)), ValueError, "required an array of shape"),
    (lambda: nnet.conv2d(IMAGE > 0, FILTERS > 0), TypeError, "required numbers"),
    (lambda: nnet.conv2d_grad_wrt_inputs(IMAGE, FILTERS, (2, 4, None, 5)), ValueError, "4 known sizes"),
    (lambda: pool.pool_2d(IMAGE, (2, 2), mode="mean"), ValueError, "pool_2d: required a mode of max"),
    (lambda: pool.pool_2d(IMAGE[0, 0, 0], (2, 2)), ValueError, "required an array of 2 axes or more"),
    (lambda: pool.pool_2d(IMAGE, (2, 0)), ValueError, "required 2 sizes of 1 or more"),
    (lambda: pool.pool_2d(IMAGE, 2, pad=-1), ValueError, "required pad as an integer of 0 or more"),
    (lambda: T.sliding_window_view(IMAGE, (2, 2)), ValueError, "required 4 sizes of a window"),
    (lambda: T.sliding_window_view(IMAGE, 2, 0, step=0), ValueError, "required step as an integer of 1"),
    (lambda: T.sliding_window_view(IMAGE, -1, 0), ValueError, "required sizes of 0 or more"),
    (lambda: nnet.images2neibs(IMAGE, (2, 2)), ValueError, "axis 2"),
    (lambda: nnet.images2neibs(IMAGE, (2, 2), mode="wrap_centered"), ValueError, "odd sizes"),
    (lambda: nnet.nearest_upsampling(IMAGE, 0), ValueError, "required ratio as an integer of 1"),
]


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case[2])
def test_mistakes(case):
    call, error, text = case
    with pytest.raises(error, match=re.escape(text)):
        call()


def test_sizes_that_do_not_meet_in_the_call():
    x, w = T.dtensor4("x"), T.dtensor4("w")
    cases = [
        (nnet.conv2d(x, w), (IMAGE, FILTERS[:, :3]), "equal sizes, given 4 and 3"),
        (nnet.conv2d(x, w, (None, 4, 5, 5)), (np.ones((2, 4, 6, 5)), FILTERS), "equal sizes"),
        (nnet.images2neibs(x, (2, 2)), (IMAGE, FILTERS), "equal sizes"),
    ]
    for expression, arrays, message in cases:
        f = ct.function([x, w], expression, on_unused_input="ignore")
        with pytest.raises(ValueError, match=message):
            f(*arrays)

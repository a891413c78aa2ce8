"""Fourier transforms against NumPy's, gradients against finite differences, and Theano's pairs of reals."""

import numpy as np
import pytest
from test_complex import check_gradient

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(5)
ALL = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
SEVERAL = ["fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"]
LENGTHS = [1, 2, 3, 4, 5, 8, 17, 30, 64, 97, 101, 128, 1009, 2187]
MODES = ["FAST_RUN", "reference"]


def draw(*shape):
    return RNG.normal(size=shape) + 1j * RNG.normal(size=shape)


def arrays_for(name, a):
    """Real numbers for the transforms that take only those."""
    return np.ascontiguousarray(a.real) if name[0] == "r" or name == "ihfft" else a


def inputs_for(*arrays):
    return [T.tensor(a.dtype.name, shape=(None,) * a.ndim) for a in arrays]


def assert_close(got, want, dtype="float64"):
    assert got.shape == want.shape
    scale = np.abs(want).max(initial=0)
    np.testing.assert_allclose(got, want, rtol=0, atol=scale * (1e-14 if dtype == "float64" else 3e-6))


@pytest.mark.parametrize("name", ALL)
def test_lengths(name):
    """One function for all lengths, primes and others, and for rows that are not dense."""
    transform, reference = getattr(ct.fft, name), getattr(np.fft, name)
    a = arrays_for(name, draw(2, 3))
    (x,) = inputs_for(a)
    f = ct.function([x], transform(x))
    for n in LENGTHS:
        if n == 1 and name in ("irfft", "hfft"):
            continue
        for a in (draw(5, n), draw(n, 3).T, draw(80, n), draw(2, 2 * n)[:, ::2], draw(1, n)):
            a = arrays_for(name, a)
            assert_close(f(a), reference(a))


@pytest.mark.parametrize("norm", [None, "backward", "ortho", "forward"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ALL)
def test_arguments(name, mode, norm):
    transform, reference = getattr(ct.fft, name), getattr(np.fft, name)
    a = arrays_for(name, draw(4, 6, 5))
    (x,) = inputs_for(a)
    cases = [(n, axis) for n in (None, 1, 3, 4, 5, 9) for axis in (-1, 0, 1)]
    f = ct.function([x], [transform(x, n, axis, norm) for n, axis in cases], mode=mode)
    for got, (n, axis) in zip(f(a), cases, strict=True):
        assert_close(got, reference(a, n, axis, norm))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SEVERAL)
def test_several_axes(name, mode):
    transform, reference = getattr(ct.fft, name), getattr(np.fft, name)
    a = arrays_for(name, draw(4, 6, 5))
    (x,) = inputs_for(a)
    cases = [{}, {"s": (3, 8), "axes": (-2, -1)}, {"s": (5, 5), "axes": (0, 2)}, {"axes": (1, 0)}]
    cases += [{"norm": "ortho"}, {"axes": (1,)}, {"norm": "forward", "axes": (2, 0, 1)}]
    f = ct.function([x], [transform(x, **case) for case in cases], mode=mode)
    for got, case in zip(f(a), cases, strict=True):
        assert_close(got, reference(a, **case))


@pytest.mark.parametrize("dtype", ["bool", "int16", "int64", "float16", "float32", "complex64", "complex128"])
@pytest.mark.parametrize("name", ALL)
def test_dtypes(name, dtype):
    if name in ("rfft", "ihfft") and dtype.startswith("complex"):
        return
    a = (
        (3 * draw(3, 8)).astype(dtype)
        if dtype.startswith("complex")
        else (3 * RNG.normal(size=(3, 8))).astype(dtype)
    )
    (x,) = inputs_for(a)
    got = ct.function([x], getattr(ct.fft, name)(x))(a)
    want = getattr(np.fft, name)(a.astype("float32") if dtype == "float16" else a)
    single = dtype in ("float16", "float32", "complex64")
    assert got.dtype == np.dtype(
        {"c": "complex64", "f": "float32"}[want.dtype.kind] if single else want.dtype
    )
    assert_close(got, want, "float32" if single else "float64")


def test_lengths_that_are_known_in_the_call():
    x, n = T.zmatrix("x"), T.lscalar("n")
    outputs = [ct.fft.fft(x, n), ct.fft.irfft(x, n), ct.fft.rfft(x.real, n), ct.fft.irfft(x)]
    f = ct.function([x, n], outputs)
    a = draw(3, 6)
    for length in (1, 2, 5, 6, 7, 12, 13):
        wanted = [
            np.fft.fft(a, length),
            np.fft.irfft(a, length),
            np.fft.rfft(a.real, length),
            np.fft.irfft(a),
        ]
        for got, want in zip(f(a, length), wanted, strict=True):
            assert_close(got, want)


def test_empty_and_special():
    x = T.zmatrix("x")
    f = ct.function([x], [ct.fft.fft(x), ct.fft.rfft(x.real)])
    assert [y.shape for y in f(np.empty((0, 4), complex))] == [(0, 4), (0, 3)]
    assert np.isnan(f(np.array([[1, np.nan, 2, 3]], complex))[0]).any()
    np.testing.assert_array_equal(f(np.empty((2, 0), complex))[1], np.zeros((2, 1)))


def test_results_do_not_depend_on_threads():
    x, a = T.zmatrix("x"), draw(300, 500)
    f = ct.function([x], ct.fft.fft2(x))
    threads = ct.num_threads()
    try:
        results = []
        for count in (1, 2, 3):
            ct.set_num_threads(count)
            results.append(f(a).tobytes())
    finally:
        ct.set_num_threads(threads)
    assert len(set(results)) == 1


@pytest.mark.parametrize("norm", ["backward", "ortho"])
@pytest.mark.parametrize("n", [None, 1, 4, 7])
@pytest.mark.parametrize("name", ALL)
def test_gradient(name, n, norm):
    transform = getattr(ct.fft, name)
    for size in (2, 5):
        a = arrays_for(name, draw(2, size))
        check_gradient(lambda x: transform(x * x, n, norm=norm), a, rtol=1e-5)


@pytest.mark.parametrize("name", SEVERAL)
def test_gradient_of_several_axes(name):
    transform = getattr(ct.fft, name)
    check_gradient(lambda x: transform(x * x, axes=(0, 1)), arrays_for(name, draw(3, 4)), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1,), (4,), (5,), (4, 3)], ids=str)
def test_frequencies_and_shifts(shape):
    a = draw(*shape)
    (x,) = inputs_for(a)
    n = shape[0]
    outputs = [
        ct.fft.fftshift(x),
        ct.fft.ifftshift(x),
        ct.fft.fftshift(x, 0),
        ct.fft.ifftshift(ct.fft.fftshift(x)),
    ]
    outputs += [ct.fft.fftfreq(n, 0.1), ct.fft.rfftfreq(n, 0.1), ct.fft.fftfreq(x.shape[0])]
    wanted = [np.fft.fftshift(a), np.fft.ifftshift(a), np.fft.fftshift(a, 0), a]
    wanted += [np.fft.fftfreq(n, 0.1), np.fft.rfftfreq(n, 0.1), np.fft.fftfreq(n)]
    for got, want in zip(ct.function([x], outputs)(a), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-15)


def test_numpy_calls_build_expressions():
    x, a = T.dmatrix("x"), RNG.normal(size=(3, 8))
    f = ct.function([x], [np.fft.rfft(x), np.fft.fft2(x), np.fft.fftshift(x)])
    for got, want in zip(f(a), [np.fft.rfft(a), np.fft.fft2(a), np.fft.fftshift(a)], strict=True):
        assert_close(got, want)


# ---- Theano's


def pairs(z):
    return np.stack([z.real, z.imag], axis=-1)


@pytest.mark.parametrize("norm", [None, "ortho", "no_norm"])
@pytest.mark.parametrize("shape", [(2, 8), (3, 7), (2, 6, 5), (2, 3, 4, 6)], ids=str)
def test_transforms_of_pairs(shape, norm):
    a = RNG.normal(size=shape)
    (x,) = inputs_for(a)
    axes, odd = tuple(range(1, a.ndim)), shape[-1] % 2 == 1
    f = ct.function([x], [T.fft.rfft(x, norm), T.fft.irfft(T.fft.rfft(x), norm, is_odd=odd)])
    forward, back = f(a)
    count = a[0].size
    assert_close(forward, pairs(np.fft.rfftn(a, axes=axes, norm="ortho" if norm == "ortho" else None)))
    assert_close(back, a * {None: 1, "ortho": count**0.5, "no_norm": count}[norm])
    check_gradient(
        lambda x: T.fft.irfft(T.fft.rfft(x * x)[:, ..., :2, :] ** 2), a[:1], second=False, rtol=1e-5
    )


z, v = T.zmatrix("z"), T.dvector("v")
ERRORS = {
    "norm": (lambda: ct.fft.fft(z, norm="no_norm"), ValueError, "fft: required a norm"),
    "length": (lambda: ct.fft.rfft(v, 0), ValueError, "rfft: required a length of 1 or more, given 0"),
    "axis": (lambda: ct.fft.fft(v, axis=1), ValueError, "fft: required axes from -1 to 0"),
    "scalar": (lambda: ct.fft.ifft(T.dscalar()), ValueError, "ifft: required an array of one axis"),
    "complex": (lambda: ct.fft.rfft(z), TypeError, "rfft: required real numbers, given .*use fft"),
    "lengths": (lambda: ct.fft.fftn(z, s=(1, 2), axes=(0,)), ValueError, "fftn: required 1 lengths, given 2"),
    "no axes": (lambda: ct.fft.rfftn(v, axes=()), ValueError, "rfftn: required one axis"),
    "Theano's norm": (lambda: T.fft.rfft(v[None], "forward"), ValueError, "None, 'ortho' or 'no_norm'"),
    "Theano's vector": (lambda: T.fft.rfft(v), TypeError, "two axes or more"),
    "Theano's pairs": (lambda: T.fft.irfft(v[None]), TypeError, "pairs of floats"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    build, error, words = ERRORS[name]
    with pytest.raises(error, match=words):
        build()

"""Complex numbers: values, accuracy, branch cuts, gradients, and what they cannot do."""

import mpmath as mp
import numpy as np
import pytest
from complex_rows import BINARY, GRID, POINTS, RNG, SMOOTH, UNARY, WHOLE

import croton as ct
import croton.tensor as T
from croton import _core

IDS = {"ids": lambda row: row.name}
MODES = ["FAST_RUN", "reference"]
BLOCK = RNG.normal(size=(4, 5)) + 1j * RNG.normal(size=(4, 5))


def call(build, *arrays, mode="FAST_RUN"):
    inputs = [T.tensor(a.dtype.name, shape=(None,) * a.ndim) for a in arrays]
    return ct.function(inputs, build(*inputs), mode=mode, on_unused_input="ignore")(*arrays)


def assert_close(got, want, rtol):
    """By the distance of the numbers, which says nothing of the smaller part; NaN and infinities in place."""
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    if want.dtype == "bool":
        return np.testing.assert_array_equal(got, want)
    number = np.isfinite(want)
    np.testing.assert_array_equal(np.isfinite(got), number)
    gap = np.abs(got[number] - want[number])
    assert (gap <= rtol * np.abs(want[number]) + 1e-300).all(), gap.max()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("row", UNARY, **IDS)
def test_function(row, dtype, mode):
    z = T.vector("z", dtype=dtype)
    f = ct.function([z], row.symbolic(z), mode=mode)
    points = SMOOTH.repeat(9).astype(dtype)
    with np.errstate(all="ignore"):
        for part in (points, points[::3], points[::-1], points[:1], points[:0]):
            assert_close(f(part), row.reference(part), 1e-14 if dtype == "complex128" else 2e-6)
        scalar = T.scalar("z", dtype=dtype)
        got = ct.function([scalar], row.symbolic(scalar), mode=mode)(points[0])
        assert_close(np.asarray(got), row.reference(points[0]), 1e-14 if dtype == "complex128" else 2e-6)


@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("row", [row for row in UNARY if row.exact], **IDS)
def test_accuracy(row, dtype):
    """Within 4 units of the last place of the number's size."""
    points = POINTS.astype(dtype)
    info = np.finfo(dtype)
    got = call(row.symbolic, points)
    with mp.workdps(60):
        for p, q in zip(points, got, strict=True):
            want = row.exact(mp.mpc(float(p.real), float(p.imag)))
            if not 1e3 * float(info.tiny) < abs(want) < float(info.max) / 1e3:
                continue
            gap = abs(mp.mpc(float(q.real), float(q.imag)) - want)
            assert gap <= 4 * float(info.eps) * abs(want), (p, q, want)


@pytest.mark.parametrize("row", [row for row in UNARY if row.grid], **IDS)
def test_branch_cuts_and_infinities(row):
    """The sides of cuts by the sign of zero, as NumPy. Its NaN may be anything; C leaves some signs open."""
    with np.errstate(all="ignore"):
        got, want = call(row.symbolic, GRID), row.reference(GRID)
    assert got.dtype == want.dtype
    unsure = np.isinf(GRID.real) & np.isinf(GRID.imag)
    for part in (np.real, np.imag) if want.dtype.kind == "c" else (np.asarray,):
        a, b = (np.where(unsure, np.abs(part(x)), part(x)) for x in (got, want))
        np.testing.assert_allclose(a[~np.isnan(b)], b[~np.isnan(b)], rtol=1e-14)
        if b.dtype.kind == "f":
            number = ~np.isnan(b) & ~np.isnan(want)
            np.testing.assert_array_equal(np.signbit(a)[number], np.signbit(b)[number])


def test_functions_stay_in_range():
    """No part overflows or vanishes where the result does not."""
    large = np.array([1e300 + 1e300j, 1e200 - 1e-200j, -1e-300 + 1e-300j, 3e-310 + 4e-310j])
    np.testing.assert_allclose(call(T.abs, large), np.abs(large), rtol=1e-13)
    np.testing.assert_allclose(call(lambda z: z / z, large[:3]), np.ones(3), rtol=1e-12)
    np.testing.assert_allclose(call(lambda z: T.sqrt(z) ** 2 / z, large[:3]), np.ones(3), rtol=1e-13)
    np.testing.assert_allclose(call(T.log, large), np.log(large), rtol=1e-14)
    almost = np.array([709.9 + 1.5707j])
    np.testing.assert_allclose(call(T.exp, almost), np.exp(almost), rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtypes", [("complex128", "complex128"), ("complex64", "complex64"),
                                    ("complex64", "float64"), ("int32", "complex64"), ("complex128", "bool")],
                         ids=str)  # fmt: skip
@pytest.mark.parametrize("name", BINARY)
def test_function_of_two(name, dtypes, mode):
    build, reference = BINARY[name]
    pairs = [(3 * SMOOTH).repeat(4), np.tile(SMOOTH, 4)]
    a, b = ((x if dtype[0] == "c" else x.real).astype(dtype) for x, dtype in zip(pairs, dtypes, strict=True))
    with np.errstate(all="ignore"):
        want = np.asarray(reference(a, b))
    wide = np.result_type(*dtypes) == "complex128"
    assert_close(call(build, a, b, mode=mode), want, 2e-14 if wide else 1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("name", WHOLE)
def test_function_of_matrix(name, dtype, mode):
    build, reference = WHOLE[name]
    z = T.matrix("z", dtype=dtype)
    f = ct.function([z], build(z), mode=mode)
    for view in (BLOCK, BLOCK[:, ::2], np.asfortranarray(BLOCK), 2 * BLOCK[::-1]):
        a = view.astype(dtype)
        got, want = np.asarray(f(a)), np.asarray(reference(a))
        assert got.dtype == want.dtype
        tolerance = 1e-12 if dtype == "complex128" else 1e-4
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("mode", MODES)
def test_empty_matrix(mode):
    z = T.zmatrix("z")
    outputs = [z.sum(0), z.prod(0), z.prod(), z.dot(z.T), T.cumprod(z, 1), abs(z).sum()]
    f = ct.function([z], outputs, mode=mode)
    for shape in ((0, 3), (3, 0), (0, 0)):
        a = np.empty(shape, complex)
        wanted = [a.sum(0), a.prod(0), a.prod(), a @ a.T, a.cumprod(1), abs(a).sum()]
        for got, want in zip(f(a), wanted, strict=True):
            np.testing.assert_array_equal(got, want)


# ---- gradients: dC/dx + i dC/dy


def slopes(value, *arrays, step=1e-6):
    """The gradients of a real function of complex arrays by central differences of both parts."""
    results = []
    for k, a in enumerate(arrays):
        slope = np.zeros_like(a)
        for index in np.ndindex(a.shape):
            for unit in (1, 1j) if a.dtype.kind == "c" else (1,):
                sides = []
                for sign in (1, -1):
                    moved = [x.copy() for x in arrays]
                    moved[k][index] += sign * step * unit
                    sides.append(value(*moved))
                slope[index] += (sides[0] - sides[1]) / (2 * step) * unit
        results.append(slope)
    return results


def real_cost(y):
    """A real number that both parts take part in, with derivatives that change."""
    y = y.astype("complex128")
    weights = T.arange(y.size).reshape(y.shape) + 1.0 if y.ndim else 1.0
    return (weights * y.real + T.sin(weights) * y.imag + 0.5 * y.real * y.imag).sum()


def check_gradient(build, *arrays, second=True, rtol=2e-6):
    inputs = [T.tensor(a.dtype.name, shape=(None,) * a.ndim) for a in arrays]
    cost = real_cost(build(*inputs))
    grads = ct.grad(cost, inputs)
    for x, g in zip(inputs, grads, strict=True):
        assert g.dtype == x.dtype
    given = ct.function(inputs, grads)(*arrays)
    for got, want in zip(given, slopes(ct.function(inputs, cost), *arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol * max(1, np.abs(want).max(initial=0)))
    if second:
        again = sum(real_cost(g) for g in grads)
        check = ct.function(inputs, ct.grad(again, inputs))(*arrays)
        for got, want in zip(check, slopes(ct.function(inputs, again), *arrays), strict=True):
            np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol * max(1, np.abs(want).max(initial=0)))


@pytest.mark.parametrize("row", [row for row in UNARY if row.gradient], **IDS)
def test_gradient_of_function(row):
    linear = row.name in ("negative", "conj", "real", "imag")
    check_gradient(row.symbolic, SMOOTH, second=not linear)


@pytest.mark.parametrize("name", [name for name in BINARY if name not in ("eq", "ne", "and", "isclose")])
def test_gradient_of_two(name):
    check_gradient(lambda z, w: BINARY[name][0](z, w) * z * w, SMOOTH, SMOOTH[::-1] + 0.5)
    check_gradient(lambda z, w: BINARY[name][0](w + 0j, z) * w * z, SMOOTH, SMOOTH[::-1].real + 1.5)


@pytest.mark.parametrize("name", [name for name in WHOLE if name not in ("any", "all", "power 0", "join")])
def test_gradient_of_matrix(name):
    build, _ = WHOLE[name]
    check_gradient(lambda z: build(z * z), np.ascontiguousarray(BLOCK[:4, :4]), rtol=2e-5)


def test_gradient_of_join():
    check_gradient(lambda z: T.concatenate([z * z, T.exp(z)]), BLOCK[:2, :3])


def test_gradients_at_zero_are_finite():
    z = T.zvector("z")
    for cost in (abs(z).sum(), T.angle(z).sum(), (z**2).real.sum(), T.prod(z).real, (z**3).imag.sum()):
        g = ct.function([z], ct.grad(cost, z))(np.array([0j, 0j, 1 + 1j]))
        assert np.isfinite(g).all()


def test_gradient_is_the_direction_of_growth():
    z, x = T.zscalar("z"), T.dscalar("x")
    np.testing.assert_allclose(ct.grad(abs(z) ** 2, z).eval({z: 3 - 4j}), 6 - 8j)
    by_real = ct.grad((T.exp(1j * x) * (2 + 1j)).real, x)
    assert by_real.dtype == "float64"
    np.testing.assert_allclose(by_real.eval({x: 0.3}), (1j * np.exp(0.3j) * (2 + 1j)).real, rtol=1e-14)


def test_products_with_jacobians():
    z, v, u = T.zvector("z"), T.zvector("v"), T.zvector("u")
    a, b, c = SMOOTH, SMOOTH[::-1], SMOOTH * 1j
    np.testing.assert_allclose(
        ct.function([z, v], ct.gradient.Rop(T.exp(z), z, v))(a, b), np.exp(a) * b, rtol=1e-14
    )
    np.testing.assert_allclose(
        ct.function([z, u], ct.gradient.Lop(T.exp(z), z, u))(a, c), np.conj(np.exp(a)) * c, rtol=1e-14
    )


# ---- functions, shared variables, compilation


@pytest.mark.parametrize("mode", MODES)
def test_updates_of_shared_variables(mode):
    w, z = ct.shared(BLOCK.copy()), T.zmatrix("z")
    f = ct.function([z], [w.imag, abs(w).sum()], updates=[(w, T.complex(w.real + z.imag, 1.0))], mode=mode)
    imag, total = f(BLOCK)
    np.testing.assert_array_equal(imag, BLOCK.imag)
    np.testing.assert_allclose(total, abs(BLOCK).sum())
    np.testing.assert_array_equal(w.get_value(), BLOCK.real + BLOCK.imag + 1j)
    w.set_value(2 * BLOCK)
    np.testing.assert_array_equal(ct.function([], w * 1j, mode=mode)(), 2 * BLOCK * 1j)
    g = ct.function([], updates=[(w, w * w - w)], mode=mode)
    g()
    np.testing.assert_allclose(w.get_value(), 4 * BLOCK * BLOCK - 2 * BLOCK, rtol=1e-14)


def test_inputs_of_all_strides():
    z, w = T.zmatrix("z"), T.zmatrix("w")
    f = ct.function([z, w], [z * w + 1, T.exp(z).sum(1), z.dot(w.T)])
    wide = RNG.normal(size=(8, 60)) + 1j * RNG.normal(size=(8, 60))
    for a in (wide, wide[:, ::2], wide[::-1, ::-3], wide[:, 7:8], np.asfortranarray(wide)[::2]):
        for b in (a.copy(), a.conj()):
            got = f(a, b)
            for x, y in zip(got, (a * b + 1, np.exp(a).sum(1), a @ b.T), strict=True):
                np.testing.assert_allclose(x, y, rtol=1e-13, atol=1e-13)


def orbit(z):
    """z -> z^2 + c from the first element, with the others in turn as c."""
    rows, _ = ct.scan(lambda c, s: s * s + c, sequences=z[1:], outputs_info=z[0])
    return rows


@pytest.mark.parametrize("mode", MODES)
def test_loops(mode):
    a, want = 0.5 * SMOOTH, []
    for c in a[1:]:
        want.append((want[-1] if want else a[0]) ** 2 + c)
    np.testing.assert_allclose(call(orbit, a, mode=mode), want, rtol=1e-14)


def test_gradient_of_loop():
    check_gradient(orbit, 0.5 * SMOOTH, second=False)


@pytest.mark.parametrize("size", [1, 7, 16, 33, 1000, 1 << 18])
def test_sizes_beside_vectors(size):
    a = RNG.normal(size=size) + 1j * RNG.normal(size=size)
    np.testing.assert_allclose(call(lambda z: z * z.conj() + 1j * z, a), a * a.conj() + 1j * a, rtol=1e-13)
    small = a.astype("complex64")
    np.testing.assert_allclose(call(lambda z: 1j * z, small), 1j * small, rtol=1e-6)


def test_arithmetic_is_one_nest():
    """Both parts are read and stored in the loop that computes them."""
    z, w = T.zvector("z"), T.zvector("w")
    f = ct.function([z, w], T.exp(z * w) / (1 + abs(z)) - w)
    assert _core.loop_nests(f).count("nest (") == 1


def test_outputs_and_constants():
    z = T.zvector("z")
    f = ct.function([z], [z, z, z * 2, z * 2, T.constant(3 - 1j), T.constant([1j, 2])])
    got = f(SMOOTH)
    wanted = (SMOOTH, SMOOTH, 2 * SMOOTH, 2 * SMOOTH, np.array(3 - 1j), np.array([1j, 2]))
    for x, want in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(x, want)
    got[2][0] = 0
    assert got[3][0] == 2 * SMOOTH[0]


def test_real_numbers_stay_real():
    """A real operand has no imaginary part: C's rule, where NumPy makes NaN of 0 * inf."""
    z, d = T.zvector("z"), T.dvector("d")
    f = ct.function([z, d], [z * d, z / d, z * 2, d - z])
    got = f(np.array([1 + 0j, 2 - 0j]), np.array([np.inf, 0.0]))
    np.testing.assert_array_equal(got[0], [complex(np.inf, np.nan), 0])
    np.testing.assert_array_equal(got[1], [0, complex(np.inf, np.nan)])


DTYPES = ["bool", "int8", "int64", "float16", "float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("other", DTYPES)
def test_promotion(dtype, other):
    z, x = T.vector(dtype=dtype), T.vector(dtype=other)
    assert (z + x).dtype == np.result_type(dtype, other)
    assert x.astype(dtype).dtype == dtype
    assert (z * 2.5).dtype == (z - 1).dtype == (z / 1j).dtype == dtype
    assert (x + 1j).dtype == (np.zeros(1, other) + 1j).dtype
    a = np.array([0, 1, 2]).astype(other)
    np.testing.assert_array_equal(ct.function([x], x.astype(dtype))(a), a.astype(dtype))


def test_truth_of_complex_numbers():
    a = np.array([0j, 1j, 1, complex(0, np.nan)])
    np.testing.assert_array_equal(call(lambda z: z.astype("bool"), a), a.astype(bool))


z, d = T.zmatrix("z"), T.dmatrix("d")
ERRORS = {
    "lt": lambda: z < 1,
    "ge": lambda: z >= z,
    "maximum": lambda: T.maximum(z, d),
    "max": lambda: z.max(),
    "argmax": lambda: z.argmax(),
    "floor": lambda: T.floor(z),
    "floor_div": lambda: z // 2,
    "mod": lambda: z % 2,
    "arctan2": lambda: T.arctan2(z, d),
    "sigmoid": lambda: T.nnet.sigmoid(z),
    "softmax": lambda: T.nnet.softmax(z),
    "cast": lambda: z.astype("float64"),
    "complex": lambda: T.complex(z, d),
    "grad": lambda: ct.grad(z.sum(), z),
}


@pytest.mark.parametrize("name", ERRORS)
def test_complex_errors_say_what_is_missing(name):
    words = rf"{'max' if name == 'argmax' else name}: required .*(real|complex).*given .*complex"
    with pytest.raises(TypeError, match=words):
        ERRORS[name]()

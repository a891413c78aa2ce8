"""Every dtype as input, shared variable and result: 16-bit floats, bfloat16 by ml_dtypes, complex numbers."""

import sys

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(0)
REAL = [dtype for dtype in T.all_dtypes if dtype not in T.complex_dtypes]
PREFIXES = {
    "b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64",
    "c": "complex64", "z": "complex128", "ub": "uint8", "uw": "uint16", "ui": "uint32", "ul": "uint64",
}  # fmt: skip
SHAPES = {
    "scalar": (), "vector": (None,), "matrix": (None, None), "row": (1, None), "col": (None, 1),
    "tensor3": (None,) * 3, "tensor4": (None,) * 4, "tensor5": (None,) * 5, "tensor6": (None,) * 6,
    "tensor7": (None,) * 7,
}  # fmt: skip


def plural(kind):
    return "matrices" if kind == "matrix" else kind + "s"


@pytest.mark.parametrize("kind", SHAPES)
def test_constructors(kind):
    for prefix, dtype in [*PREFIXES.items(), ("", "float64")]:
        x = getattr(T, prefix + kind)("x")
        assert (x.dtype, x.type.shape, x.name) == (dtype, SHAPES[kind], "x")
        several = getattr(T, prefix + plural(kind))("a", "b")
        assert [(v.dtype, v.type.shape, v.name) for v in several] == [
            (dtype, SHAPES[kind], "a"),
            (dtype, SHAPES[kind], "b"),
        ]
    for dtype in [*T.all_dtypes, "bfloat16"]:
        x = getattr(T, kind)("x", dtype=dtype)
        assert (x.dtype, x.type.shape) == (dtype, SHAPES[kind])
        assert T.tensor(dtype, shape=SHAPES[kind]).type == x.type


# ---- 16-bit floats


def values_of(dtype):
    special = [0.0, -0.0, 1.0, -1.5, np.inf, -np.inf, np.nan, 65504.0, 6e-8, 1e-4, 3.14159]
    return np.array([*special, *RNG.normal(size=40)]).astype(dtype)


def sixteen_bits(name):
    if name == "float16":
        return np.dtype("float16")
    reason = "ml_dtypes is not installed: there are no arrays of bfloat16"
    return np.dtype(pytest.importorskip("ml_dtypes", reason=reason).bfloat16)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
class TestSixteenBits:
    def test_arrays_go_in_and_out(self, name):
        dtype = sixteen_bits(name)
        x = T.tensor(name, shape=(None,), name="x")
        f = ct.function([x], [x, x[::-1], x * x, x.astype("float32"), x > 1])
        a = values_of(dtype)
        same, reverse, square, wide, large = f(a)
        assert same.dtype == reverse.dtype == square.dtype == dtype
        assert same.tobytes() == a.tobytes()
        assert reverse.tobytes() == a[::-1].tobytes()
        with np.errstate(all="ignore"):
            expected = (a.astype("float32") ** 2).astype(dtype)
        np.testing.assert_array_equal(square.astype("float32"), expected.astype("float32"))
        np.testing.assert_array_equal(wide, a.astype("float32"))
        np.testing.assert_array_equal(large, a.astype("float32") > 1)

    def test_strides_sizes_and_0d(self, name):
        dtype = sixteen_bits(name)
        x = T.tensor(name, shape=(None, None), name="x")
        f = ct.function([x], [x + 1, x.sum()])
        whole = RNG.normal(size=(8, 12)).astype(dtype)
        for a in (whole, whole.T, whole[::2, ::-3], whole[:0], whole[:1, :1], np.asfortranarray(whole)):
            plus, total = f(a)
            assert plus.dtype == total.dtype == dtype
            np.testing.assert_array_equal(plus.astype("f4"), (a.astype("f4") + 1).astype(dtype).astype("f4"))
            np.testing.assert_allclose(float(total), a.astype("f8").sum(), rtol=0.02, atol=0.2)
        s = T.scalar("s", dtype=name)
        assert ct.function([s], -s)(dtype.type(2.5)) == -2.5
        assert ct.function([s], -s)(2.5).dtype == dtype

    def test_shared_variables(self, name):
        dtype = sixteen_bits(name)
        w = ct.shared(np.ones(3, dtype), name="w")
        assert w.dtype == name
        x = T.fvector("x")
        ct.function([x], updates=[(w, (w + x).astype(name))])(np.array([0.5, 1, 2], "float32"))
        assert w.get_value().dtype == dtype
        assert w.get_value().astype("f4").tolist() == [1.5, 2, 3]
        w.set_value(np.zeros(2, dtype))
        assert ct.function([], w * 2)().dtype == dtype
        assert ct.shared([1.0, 2.0], dtype=name).get_value().dtype == dtype

    def test_gradients_constants_and_verify(self, name):
        dtype = sixteen_bits(name)
        x = T.tensor(name, shape=(None,), name="x")
        c = T.constant(np.array([2.0, 3.0], dtype))
        assert c.dtype == T.constant([2.0, 3.0], dtype=name).dtype == name
        f = ct.function([x], ct.grad((x * x * c).sum(), x))
        assert f(np.array([1, -2], dtype)).astype("f4").tolist() == [4, -12]
        f.verify(np.array([1, -2], dtype))
        T.nnet.softmax(x).eval({x: np.array([1, -2], dtype)})

    def test_conversion(self, name):
        dtype = sixteen_bits(name)
        x = T.tensor(name, shape=(None,), name="x")
        f = ct.function([x], x)
        assert f([1, 2.5]).astype("f4").tolist() == [1, 2.5]
        assert f(np.array([1, 2], "int8")).dtype == dtype
        for wrong in (np.zeros(3), np.zeros(3, "f4"), np.zeros(3, "int64")):
            with pytest.raises(TypeError, match=f"{name}.*{wrong.dtype}"):
                f(wrong)
        assert ct.function([x], x, allow_input_downcast=True)(np.ones(3)).dtype == dtype
        wide = T.fvector("wide")
        np.testing.assert_array_equal(ct.function([wide], wide)(np.ones(3, dtype)), np.ones(3, "f4"))


b16 = T.vector("b16", dtype="bfloat16")
wide = T.fvector("wide")

# ---- what needs arrays of bfloat16
NEEDS_BFLOAT16 = {
    "input": lambda: ct.function([b16], b16.astype("float32")),
    "output": lambda: ct.function([wide], wide.astype("bfloat16")),
    "shared": lambda: ct.shared([1.0], dtype="bfloat16"),
}


@pytest.mark.parametrize("name", NEEDS_BFLOAT16)
def test_without_ml_dtypes_the_error_names_the_remedy(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(TypeError, match=r"bfloat16.*install the package ml_dtypes"):
        NEEDS_BFLOAT16[name]()


def test_bfloat16_inside_an_expression_needs_no_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    f = ct.function([wide], (wide.astype("bfloat16") * T.constant(3.0, dtype="bfloat16")).astype("float32"))
    assert f(np.array([1, 1 + 2**-10], "f4")).tolist() == [3, 3]


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_casts_round_wherever_they_stand(name):
    a = np.array([1 + 2**-9, 1 + 2**-12, 70000, -1e-9, 1e38, np.nan], "f4")
    values = [wide.astype(name).astype("float32"), (T.tanh(wide).astype(name) * 3).astype("float32")]
    got = ct.function([wide], values)(a)
    want = ct.function([wide], values, mode="reference")(a)
    np.testing.assert_array_equal(got[0], want[0])
    np.testing.assert_allclose(got[1], want[1], rtol=2**-8)
    assert got[0][1] == 1


# ---- complex numbers can be moved
MOVES = {
    "itself": (lambda z: z, lambda a: a),
    "transpose": (lambda z: z.T, lambda a: a.T),
    "slice": (lambda z: z[::-1, 1:], lambda a: a[::-1, 1:]),
    "reshape": (lambda z: z.reshape((-1,)), lambda a: a.reshape(-1)),
    "join": (lambda z: T.concatenate([z, z[:1]]), lambda a: np.concatenate([a, a[:1]])),
    "stack": (lambda z: T.stack([z, z]), lambda a: np.stack([a, a])),
    "take": (lambda z: z[T.constant([0, -1, 0])], lambda a: a[[0, -1, 0]]),
    "repeat": (lambda z: T.repeat(z, 2, axis=1), lambda a: np.repeat(a, 2, axis=1)),
}
BLOCK = RNG.normal(size=(6, 8)) + 1j * RNG.normal(size=(6, 8))
PAIRS = np.zeros((6, 8), [("z", "c16"), ("x", "f8")])  # strides of 24 bytes
PAIRS["z"] = BLOCK


@pytest.mark.parametrize("dtype", T.complex_dtypes)
@pytest.mark.parametrize("name", MOVES)
def test_complex_numbers_move(name, dtype):
    build, reference = MOVES[name]
    z = T.matrix("z", dtype=dtype)
    f = ct.function([z], build(z))
    for view in (BLOCK, BLOCK.T, BLOCK[::2, ::3], BLOCK[:1], np.asfortranarray(BLOCK), PAIRS["z"]):
        got = f(view.astype(dtype) if dtype == "complex64" else view)
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, reference(view.astype(dtype)))
    w = ct.shared(BLOCK.astype(dtype))
    np.testing.assert_array_equal(ct.function([], build(w))(), reference(BLOCK.astype(dtype)))


def test_strides_of_broken_elements_are_copied():
    z = T.zmatrix("z")
    f = ct.function([z], z.T)
    np.testing.assert_array_equal(f(PAIRS["z"]), BLOCK.T)
    assert [c.reason for c in f.memory_report().argument_copies] == ["strides that are no whole elements"]


# ---- int64 against uint64: no type holds both
SIGNED = np.array([-(2**63), -1, 0, 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1], "int64")
UNSIGNED = np.array([0, 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1], "uint64")
NUMBERS = [-(2**200), -(2**63) - 1, -(2**63), -1, 0, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**200]
COMPARISONS = {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "neq": np.not_equal,
}  # fmt: skip


@pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])
@pytest.mark.parametrize("name", COMPARISONS)
def test_integers_of_different_signs_compare_exactly(name, mode):
    compare, reference = getattr(T, name), COMPARISONS[name]
    i, u = T.lvector("i"), T.ulvector("u")
    a, b = (grid.ravel() for grid in np.meshgrid(SIGNED, UNSIGNED))
    for got, want in zip(
        ct.function([i, u], [compare(i, u), compare(u, i)], mode=mode)(a, b),
        [reference(a, b), reference(b, a)],
        strict=True,
    ):
        np.testing.assert_array_equal(got, want)
    narrow = np.array([-128, -1, 0, 127], "int8")
    s = T.bvector("s")
    np.testing.assert_array_equal(
        ct.function([s, u], compare(s[:, None], u), mode=mode)(narrow, UNSIGNED),
        reference(narrow[:, None], UNSIGNED),
    )
    for number in NUMBERS:
        np.testing.assert_array_equal(
            ct.function([i], compare(i, number), mode=mode)(a), reference(a, number)
        )
        np.testing.assert_array_equal(
            ct.function([u], compare(u, number), mode=mode)(b), reference(b, number)
        )


# ---- the dtypes of results

NUMPY_DTYPES = [dtype for dtype in T.all_dtypes if dtype != "bfloat16"] + ["bool"]
LIKE_NUMPY = (
    "abs", "all", "any", "average", "ceil", "count_nonzero", "cumprod", "cumsum", "diag",
    "diagonal", "diff", "flip", "floor", "fix", "imag", "invert", "isfinite", "isnan",
    "logical_not", "mean", "nan_to_num", "nanmean", "nanprod", "nanstd", "nansum", "nanvar",
    "negative", "prod", "ravel", "real", "roll", "rot90", "sign", "signbit", "std", "sum", "trace",
    "transpose", "tril", "triu", "trunc", "var",
)  # fmt: skip
LIKE_NUMPY_OF_TWO = (
    "add", "subtract", "multiply", "floor_divide", "mod", "power", "equal", "logical_and",
    "bitwise_and", "left_shift", "dot", "matmul", "inner", "outer", "kron",
    "fmod", "vdot", "float_power", "remainder",
)  # fmt: skip


def dtype_of(function, *arrays):
    """That of the (first) result; none where the dtypes of the arrays are refused."""
    try:
        result = function(*arrays)
    except (TypeError, ValueError):
        return None
    return str((result[0] if isinstance(result, tuple | list) else result).dtype)


def constants(name, arrays):
    return dtype_of(lambda *x: getattr(T, name)(*map(T.as_tensor_variable, x)), *arrays)


@pytest.mark.parametrize("name", LIKE_NUMPY)
def test_dtypes_of_results_are_numpys(name):
    for dtype in NUMPY_DTYPES:
        x = np.array([[1, 0, 2], [3, 1, 2]]).astype(dtype)
        with np.errstate(all="ignore"):
            assert constants(name, [x]) == dtype_of(getattr(np, name), x), dtype


@pytest.mark.parametrize("name", LIKE_NUMPY_OF_TWO)
def test_dtypes_of_results_of_two_are_numpys(name):
    for first in NUMPY_DTYPES:
        for second in NUMPY_DTYPES:
            pair = np.array([1, 2, 2]).astype(first), np.array([3, 1, 1]).astype(second)
            with np.errstate(all="ignore"):
                assert constants(name, pair) == dtype_of(getattr(np, name), *pair), (first, second)


def test_complex_statistics():
    x = RNG.normal(size=(3, 20)) + 1j * RNG.normal(size=(3, 20))
    weights = RNG.integers(1, 4, 20), RNG.uniform(0.5, 2, 20)
    for of, want in (
        (T.cov(x), np.cov(x)),
        (T.cov(x, x[:1] * 1j), np.cov(x, x[:1] * 1j)),
        (T.cov(x, None, True, False, None, *weights), np.cov(x, fweights=weights[0], aweights=weights[1])),
        (T.corrcoef(x), np.corrcoef(x)),
        (T.float_power(x, 2.5), np.float_power(x, 2.5)),
        (T.nanvar(x, 1), np.nanvar(x, 1)),
        (T.nanstd(x * np.where(x.real > 1, np.nan, 1), 1), np.nanstd(x * np.where(x.real > 1, np.nan, 1), 1)),
    ):
        np.testing.assert_allclose(of.eval(), want, rtol=1e-12)
        assert of.dtype == want.dtype

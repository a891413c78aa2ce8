"""Every function of croton.tensor against NumPy: values, dtypes and shapes."""

import numpy as np
import pytest
from checks import check

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(3)
V = RNG.normal(size=5)
M = RNG.normal(size=(3, 4))
N = RNG.normal(size=(4, 3))
C = RNG.normal(size=(2, 3, 4))
D = RNG.normal(size=(2, 4, 5))
I = RNG.integers(-9, 9, (3, 4))
F = RNG.normal(size=(3, 4)).astype("float32")
B = RNG.normal(size=(3, 4)) > 0
H = np.array([3.0, np.nan, 5.0, np.nan, 1.0])
S = np.array([1.0, 3.0, 3.0, -1.0, -1.0])
Q = RNG.normal(size=(1, 4))
U8 = RNG.integers(0, 200, (3, 4)).astype("uint8")


# (id, function of symbols, function of arrays, arguments)
SAME = {
    # ---- operators, with plain numbers and reflected
    "add": (lambda x, y: x + y, M, F),
    "add_int": (lambda x: x + 2, F),
    "add_float": (lambda x: 2.5 + x, F),
    "int_add_int": (lambda x: 3 + x, I),
    "int_add_float": (lambda x: x + 0.5, I),
    "uint8_add": (lambda x: x + 1, U8),
    "bool_add": (lambda x: x + 1, B),
    "numpy_scalar": (lambda x: x + np.float64(0.5), F),
    "numpy_array_left": (lambda x: np.ones((3, 4)) * x, M),
    "sub": (lambda x, y: x - y, M, I),
    "rsub": (lambda x: 1 - x, M),
    "mul": (lambda x, y: x * y, M, Q),
    "truediv": (lambda x, y: x / y, M, I + 100),
    "rtruediv": (lambda x: 1 / x, M),
    "int_truediv": (lambda x: x / 4, I),
    "floordiv": (lambda x: x // 4, I),
    "rfloordiv": (lambda x: 7 // x, I + 100),
    "floordiv_float": (lambda x: x // 0.3, M),
    "mod": (lambda x: x % 4, I),
    "mod_negative": (lambda x: x % -0.7, M),
    "rmod": (lambda x: 7 % x, I + 100),
    "pow": (lambda x: x**2, M),
    "pow_int": (lambda x: x**3, I),
    "rpow": (lambda x: 2.0**x, M),
    "pow_float32": (lambda x: x**2, F),
    "neg": (lambda x: -x, I),
    "pos": (lambda x: +x, I),
    "abs": (lambda x: abs(x), M),
    "invert": (lambda x: ~x, I),
    "invert_bool": (lambda x: ~x, B),
    "and": (lambda x: x & 6, I),
    "or": (lambda x: 6 | x, I),
    "xor": (lambda x, y: x ^ y, I, I),
    "shift": (lambda x: (x << 2) >> 1, I),
    "lt": (lambda x: x < 0, M),
    "le": (lambda x, y: x <= y, I, I[0]),
    "gt": (lambda x: np.float64(0.5) > x, M),
    "ge": (lambda x: x >= 1, I),
    "divmod": (lambda x: divmod(x, 4), I),
    "matmul": (lambda x, y: x @ y, M, N),
    "rmatmul": (lambda x: N @ x, M),
    "matmul_vector": (lambda x, y: x @ y, M, N[:, 0]),
    "vector_matmul": (lambda x, y: x @ y, M[:, 0], M),
    "vector_vector": (lambda x, y: x @ y, V, V),
    "matmul_batch": (lambda x, y: x @ y, C, N),
    "matmul_batches": (lambda x, y: x @ y, C, D),
    # ---- indexing
    "index": (lambda x: x[1], M),
    "index_negative": (lambda x: x[-1, -2], M),
    "slice": (lambda x: x[1:3], V),
    "slice_stop": (lambda x: x[:-1], V),
    "slice_tail": (lambda x: x[-2:], V),
    "slice_beyond": (lambda x: x[2:100], V),
    "slice_empty": (lambda x: x[4:2], V),
    "slice_far": (lambda x: x[10:20], V),
    "slice_step": (lambda x: x[::2], V),
    "slice_step_bounds": (lambda x: x[1:4:2], V),
    "reverse": (lambda x: x[::-1], V),
    "reverse_step": (lambda x: x[::-2], V),
    "reverse_bounds": (lambda x: x[3:0:-2], V),
    "reverse_low": (lambda x: x[-2:-5:-1], V),
    "reverse_beyond": (lambda x: x[100::-1], V),
    "newaxis": (lambda x: x[:, None], V),
    "newaxis_first": (lambda x: x[None, 1:], V),
    "ellipsis": (lambda x: x[..., 0], C),
    "ellipsis_both": (lambda x: x[0, ..., 1:3], C),
    "column": (lambda x: x[:, 1], M),
    "mixed": (lambda x: x[1, :, ::-1], C),
    "list": (lambda x: x[[2, 0, -1]], M),
    "array_axis1": (lambda x: x[:, np.array([1, 1, 0])], M),
    "array_2d": (lambda x: x[np.array([[0, 1], [2, 0]])], M),
    "empty_list": (lambda x: x[[]], M),
    "pairs": (lambda x: x[np.arange(3), np.array([3, 0, -1])], M),
    "pairs_inner": (lambda x: x[:, np.arange(3), np.array([3, 0, -1])], C),
    "triples": (lambda x: x[np.array([0, 1]), np.array([2, 0]), np.array([1, -1])], C),
    # ---- methods
    "T": (lambda x: x.T, C),
    "transpose": (lambda x: x.transpose(1, 2, 0), C),
    "swapaxes": (lambda x: x.swapaxes(0, 2), C),
    "reshape": (lambda x: x.reshape((4, 6)), C),
    "reshape_free": (lambda x: x.reshape((x.shape[0], -1)), C),
    "reshape_free_known": (lambda x: x.reshape((-1, 6)), C),
    "ravel": (lambda x: x.ravel(), C),
    "astype": (lambda x: x.astype("float32"), M),
    "astype_int": (lambda x: x.astype("int64"), M * 10),
    "round": (lambda x: x.round(), M * 5),
    "clip": (lambda x: x.clip(-0.5, 0.5), M),
    "take": (lambda x: x.take([3, 1], axis=1), M),
    "repeat": (lambda x: x.repeat(2, axis=1), M),
    "repeat_flat": (lambda x: x.repeat(3), M),
    "trace": (lambda x: x.trace(), M),
    "diagonal": (lambda x: x.diagonal(1), M),
    "squeeze": (lambda x: x[:, None].squeeze(), M),
    "dot": (lambda x, y: x.dot(y), M, N),
    # ---- reductions
    "sum": (lambda x: x.sum(), M),
    "sum_int": (lambda x: x.sum(axis=0), I),
    "sum_bool": (lambda x: x.sum(), B),
    "sum_uint8": (lambda x: x.sum(axis=-1), U8),
    "sum_float32": (lambda x: x.sum(axis=1), F),
    "sum_axes": (lambda x: x.sum(axis=(0, 2)), C),
    "sum_keepdims": (lambda x: x.sum(axis=1, keepdims=True), C),
    "sum_dtype": (lambda x: x.sum(dtype="float64"), I),
    "prod": (lambda x: x.prod(axis=1), M),
    "mean": (lambda x: x.mean(axis=0), M),
    "mean_int": (lambda x: x.mean(), I),
    "mean_float32": (lambda x: x.mean(axis=1, keepdims=True), F),
    "mean_bool": (lambda x: x.mean(axis=1), B),
    "var": (lambda x: x.var(axis=1), M),
    "std": (lambda x: x.std(ddof=1), M),
    "max": (lambda x: x.max(axis=1), M),
    "min": (lambda x: x.min(), I),
    "max_nan": (lambda x: x.max(), H),
    "max_axes": (lambda x: x.max(axis=(0, 1)), C),
    "argmax": (lambda x: x.argmax(axis=1), M),
    "argmax_flat": (lambda x: x.argmax(), M),
    "argmax_first": (lambda x: x.argmax(), S),
    "argmin_first": (lambda x: x.argmin(), S),
    "argmax_nan": (lambda x: x.argmax(), H),
    "argmin_nan": (lambda x: x.argmin(), H),
    "argmax_int": (lambda x: x.argmax(axis=0), I),
    "argmax_keepdims": (lambda x: x.argmax(axis=1, keepdims=True), C),
    "any": (lambda x: x.any(axis=1), B),
    "all": (lambda x: x.all(axis=0), B),
    "any_float": (lambda x: x.any(), M),
}


@pytest.mark.parametrize("name", SAME)
def test_same_expression(name):
    expression, *arrays = SAME[name]
    check(expression, expression, *arrays)


# (symbolic function, NumPy's, arguments)
NUMPY = {
    "add3": (lambda x: T.add(x, x, 1), lambda x: x + x + 1, M),
    "maximum": (T.maximum, np.maximum, M, Q),
    "where": (lambda c, x: T.where(c, x, 0), lambda c, x: np.where(c, x, 0), B, F),
    "switch": (T.switch, np.where, B, M, I),
    "sqr": (T.sqr, np.square, F),
    "inv": (T.inv, np.reciprocal, M),
    "sgn": (T.sgn, np.sign, M),
    "neq": (T.neq, np.not_equal, I, I[0]),
    "exp_int": (T.exp, np.exp, I),
    "log1p": (T.log1p, np.log1p, M**2),
    "arctan2": (T.arctan2, np.arctan2, M, Q),
    "isnan": (T.isnan, np.isnan, H),
    "cast_floatX": (lambda x: T.cast(x, "floatX"), lambda x: x.astype("float64"), F),
    "ceil_intdiv": (lambda x: T.ceil_intdiv(x, 4), lambda x: -(-x // 4), I),
    "iround": (T.iround, lambda x: np.round(x).astype("int64"), M * 7),
    "isclose": (lambda x, y: T.isclose(x, y), np.isclose, M, M + 1e-9),
    "allclose": (T.allclose, np.allclose, M, M),
    "clip_open": (lambda x: T.clip(x, None, 0.1), lambda x: np.clip(x, None, 0.1), M),
    "norm": (lambda x: x.norm(2, axis=1), lambda x: np.linalg.norm(x, axis=1), M),
    "norm1": (lambda x: x.norm(1), lambda x: abs(x).sum(), M),
    "norm3": (lambda x: x.norm(3), lambda x: (abs(x) ** 3).sum() ** (1 / 3), M),
    "norm_inf": (lambda x: x.norm(float("inf")), lambda x: abs(x).max(), M),
    "ptp": (lambda x: T.ptp(x, axis=0), lambda x: np.ptp(x, axis=0), M),
    "logsumexp": (
        lambda x: T.logsumexp(x, axis=1),
        lambda x: np.logaddexp.reduce(x, axis=1),
        M * 1000,
    ),
    "max_and_argmax": (T.max_and_argmax, lambda x: (x.max(), x.argmax()), M),
    # ---- movement
    "dimshuffle": (lambda x: x.dimshuffle("x", 1, 0), lambda x: x.T[None], M),
    "flatten": (lambda x: x.flatten(), np.ravel, C),
    "flatten2": (lambda x: x.flatten(2), lambda x: x.reshape(2, 12), C),
    "flatten_scalar": (lambda x: x.flatten(), np.ravel, np.float64(2)),
    "moveaxis": (lambda x: T.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1), C),
    "expand_dims": (lambda x: T.expand_dims(x, (0, -1)), lambda x: np.expand_dims(x, (0, -1)), M),
    "squeeze_axis": (lambda x: T.squeeze(x, 0), lambda x: np.squeeze(x, 0), Q),
    "broadcast_to": (lambda x: T.broadcast_to(x, (3, 4)), lambda x: np.broadcast_to(x, (3, 4)), Q),
    "shape_padleft": (lambda x: T.shape_padleft(x, 2), lambda x: x[None, None], M),
    "shape_padright": (T.shape_padright, lambda x: x[..., None], M),
    "concatenate": (lambda x, y: T.concatenate([x, y], axis=1), lambda x, y: np.concatenate([x, y], 1), M, I),
    "join": (lambda x, y: T.join(0, x, y), lambda x, y: np.concatenate([x, y]), M, F),
    "stack": (lambda x, y: T.stack([x, y], axis=-1), lambda x, y: np.stack([x, y], -1), M, M),
    "stack_scalars": (lambda x: T.stack([x[0], 1, x[1]]), lambda x: np.stack([x[0], 1, x[1]]), V),
    "stacklists": (
        lambda x: T.stacklists([[x[0], x[1]], [x[2], x[3]]]),
        lambda x: x[:4].reshape(2, 2),
        V,
    ),
    "tile": (lambda x: T.tile(x, (2, 3)), lambda x: np.tile(x, (2, 3)), M),
    "tile_vector": (lambda x: T.tile(x, (2, 3)), lambda x: np.tile(x, (2, 3)), V),
    # ---- products
    "dot_scalar": (lambda x: T.dot(x, 3.0), lambda x: x * 3, M),
    "dot_3d": (T.dot, np.dot, C, N),
    "dot_3d_3d": (T.dot, np.dot, C, D),
    "dot_3d_1d": (T.dot, np.dot, C, M[0]),
    "dot_1d_3d": (T.dot, np.dot, M[0], D),
    "dot_int": (T.dot, np.dot, I, I.T),
    "dot_mixed": (T.dot, np.dot, F, N),
    "dot_empty": (T.dot, np.dot, np.zeros((3, 0)), np.zeros((0, 2))),
    "outer": (T.outer, np.outer, V, M[0]),
    "tensordot": (lambda x, y: T.tensordot(x, y, 1), lambda x, y: np.tensordot(x, y, 1), C, N),
    "tensordot_pairs": (
        lambda x, y: T.tensordot(x, y, [[0, 2], [0, 1]]),
        lambda x, y: np.tensordot(x, y, [[0, 2], [0, 1]]),
        C,
        D,
    ),
    "tensordot_outer": (lambda x, y: T.tensordot(x, y, 0), lambda x, y: np.tensordot(x, y, 0), V, M[0]),
    "batched_dot": (T.batched_dot, lambda x, y: np.einsum("bij,bjk->bik", x, y), C, D),
    "batched_dot_2d": (T.batched_dot, lambda x, y: np.einsum("bj,bjk->bk", x, y), C[:, 0], D),
    "batched_dot_vectors": (T.batched_dot, lambda x, y: np.einsum("bj,bj->b", x, y), M, M),
    # ---- creation
    "zeros_shape": (lambda x: T.zeros(x.shape), lambda x: np.zeros(x.shape), M),
    "ones_sizes": (lambda x: T.ones((x.shape[1], 2), dtype="int32"), lambda x: np.ones((4, 2), "int32"), M),
    "zeros_like": (T.zeros_like, np.zeros_like, F),
    "ones_like": (lambda x: T.ones_like(x, dtype="int8"), lambda x: np.ones_like(x, "int8"), F),
    "full": (lambda x: T.full(x.shape, 7), lambda x: np.full(x.shape, 7), M),
    "alloc": (lambda x: T.alloc(x, 2, 3, 4), lambda x: np.broadcast_to(x, (2, 3, 4)), Q),
    "fill": (lambda x: T.fill(x, 2), lambda x: np.full_like(x, 2), F),
    "eye": (lambda x: T.eye(x.shape[0], 5, 1), lambda x: np.eye(3, 5, 1), M),
    "arange": (lambda x: T.arange(x.shape[1]), lambda x: np.arange(4), M),
    "arange_bounds": (lambda x: T.arange(2, x.shape[1] + 7, 3), lambda x: np.arange(2, 11, 3), M),
    "arange_down": (lambda x: T.arange(x.shape[1], 0, -2), lambda x: np.arange(4, 0, -2), M),
    "tril": (T.tril, np.tril, M),
    "triu": (lambda x: T.triu(x, 1), lambda x: np.triu(x, 1), C),
    "tri": (lambda x: T.tri(x.shape[0], 4), lambda x: np.tri(3, 4), M),
    "diag_vector": (lambda x: T.diag(x, 1), lambda x: np.diag(x, 1), V),
    "diag_vector_low": (lambda x: T.diag(x, -2), lambda x: np.diag(x, -2), V),
    "diag_matrix": (lambda x: T.diag(x, -1), lambda x: np.diag(x, -1), M),
    "identity_like": (T.identity_like, lambda x: np.eye(3, 4), M),
    "split": (lambda x: T.split(x, [1, 3], 2, axis=1), lambda x: np.split(x, [1], axis=1), M),
    "split_tail": (lambda x: T.split(x, [x.shape[0] - 1, 1]), lambda x: np.split(x, [2]), M),
    "roll": (lambda x: T.roll(x, 3, axis=1), lambda x: np.roll(x, 3, axis=1), M),
    "roll_back": (lambda x: T.roll(x, -5), lambda x: np.roll(x, -5), M),
    "shape": (T.shape, lambda x: np.array(x.shape), C),
    "size": (lambda x: x.size, lambda x: np.int64(x.size), C),
    "shape_minus": (lambda x: x.shape - 1, lambda x: np.array(x.shape) - 1, C),
    "shape_twice": (lambda x: 2 * x.shape, lambda x: 2 * np.array(x.shape), C),
    "shape_longer": (lambda x: T.zeros(x.shape + (2,)), lambda x: np.zeros((*x.shape, 2)), M),  # noqa: RUF005
    "compare_wide": (lambda x: x < 300, lambda x: x < 300, U8),
    "shape_prod": (lambda x: x.shape.prod(), lambda x: np.prod(x.shape), C),
    "take_wrap": (
        lambda x: T.take(x, [5, -9], axis=0, mode="wrap"),
        lambda x: x.take([5, -9], 0, mode="wrap"),
        M,
    ),
    "take_clip": (
        lambda x: T.take(x, [5, -9], axis=0, mode="clip"),
        lambda x: x.take([5, -9], 0, mode="clip"),
        M,
    ),
    "take_flat": (lambda x: T.take(x, [5, -1]), lambda x: x.take([5, -1]), M),
    "onehot": (lambda x: T.eq(x[:, None], T.arange(3)), lambda x: x[:, None] == np.arange(3), I[:, 0]),
}


@pytest.mark.parametrize("name", NUMPY)
def test_like_numpy(name):
    symbolic, expected, *arrays = NUMPY[name]
    check(symbolic, expected, *arrays)


SLICES = [
    slice(start, stop, step)
    for start in (None, 0, 2, -2, 7, -7)
    for stop in (None, 0, 3, -1, 9, -9)
    for step in (None, 2, -1, -3)
]


@pytest.mark.parametrize("size", [0, 1, 5])
def test_slices_as_numpy(size):
    x, array = T.dvector("x"), np.arange(size, dtype="float64")
    results = ct.function([x], [x[s] for s in SLICES])(array)
    for part, got in zip(SLICES, results, strict=True):
        np.testing.assert_array_equal(got, array[part], err_msg=str(part))


@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_symbolic_slices(step):
    x, i, j = T.dvector("x"), T.lscalar("i"), T.lscalar("j")
    f = ct.function([x, i, j], x[i:j:step])
    array = np.arange(6.0)
    for start in range(-8, 9):
        for stop in range(-8, 9):
            np.testing.assert_array_equal(f(array, start, stop), array[start:stop:step])


def test_symbolic_index():
    x, i = T.dmatrix("x"), T.lscalar("i")
    f = ct.function([x, i], x[i])
    for k in (-3, 0, 2):
        np.testing.assert_array_equal(f(M, k), M[k])


@pytest.mark.parametrize("static", [False, True])
def test_static_shapes_fold(static):
    shape = (3, 4) if static else (None, None)
    x = T.tensor("float64", shape=shape, name="x")
    assert (x[1:, ::-2].type.shape == (2, 2)) is static
    assert (x.reshape((-1, 2)).type.shape == (6, 2)) is static
    assert (x.flatten().type.shape == (12,)) is static
    assert (T.concatenate([x, x]).type.shape == (6, 4)) is static
    np.testing.assert_array_equal(ct.function([x], x[1:, ::-2])(M), M[1:, ::-2])


CONSTRUCTORS = [
    (prefix + kind, dtype, shape)
    for prefix, dtype in {
        "": "float64", "b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64",
        "c": "complex64", "z": "complex128", "ub": "uint8", "ul": "uint64",
    }.items()
    for kind, shape in {
        "scalar": (), "vector": (None,), "matrix": (None, None), "row": (1, None), "col": (None, 1),
        "tensor3": (None,) * 3, "tensor7": (None,) * 7,
    }.items()
]  # fmt: skip


@pytest.mark.parametrize(("name", "dtype", "shape"), CONSTRUCTORS)
def test_constructors(name, dtype, shape):
    x = getattr(T, name)("x")
    assert (x.name, x.dtype, x.ndim, x.type.shape) == ("x", dtype, len(shape), shape)
    assert x.broadcastable == tuple(size == 1 for size in shape)
    assert x != getattr(T, name)("x")


def test_plurals_and_types():
    x, y = T.vectors("x", "y")
    assert (x.name, y.name) == ("x", "y")
    assert [v.dtype for v in T.fmatrices(2)] == ["float32"] * 2
    assert T.TensorType("float32", (False, True))("c").type == T.fcol().type
    with ct.config.change_flags(floatX="float32"):
        assert T.matrix().dtype == T.zeros(3).dtype == T.constant(1.5).dtype == "float32"
    assert T.matrix().dtype == "float64"


def test_variables_are_plain_objects():
    x, y = T.dvectors("x", "y")
    assert x + y == x + y
    assert x != y
    assert not callable(x)
    assert bool(x)
    assert {x: 1}[x] == 1
    assert str(x + 1) == "(x + 1)"
    assert repr(x) == "x : float64[?]"
    assert "<code>" in (x + y)._repr_html_()
    assert [v.type.shape for v in T.tensor("float64", shape=(2, 3))] == [(3,), (3,)]
    for action in (lambda: bool(x < y), lambda: iter(x), lambda: len(x), lambda: float(x), lambda: 1 in x):
        with pytest.raises(TypeError):
            action()
    with pytest.raises(TypeError, match="set_subtensor"):
        x[0] = 1
    x.tag.note = "mine"
    assert x.tag.note == "mine"
    (x + 1).name = "z"


def test_eval():
    x = T.dvector("x")
    np.testing.assert_array_equal((x + 1).eval({x: [1, 2]}), [2, 3])
    np.testing.assert_array_equal((x + 1).eval({"x": [1.0]}), [2])
    assert T.constant(3).eval() == 3


INDICES = {
    "slice": np.s_[1:3],
    "reverse": np.s_[::-2],
    "row": np.s_[1],
    "column": np.s_[:, 2],
    "corner": np.s_[-1, -1],
    "rows": [2, 0],
    "pairs": ([0, 2, 1], [3, 3, 0]),
    "columns": np.s_[:, [3, 1]],
}


@pytest.mark.parametrize("array", [M, F, I.astype("int32")], ids=lambda a: str(a.dtype))
@pytest.mark.parametrize("name", INDICES)
def test_subtensors(name, array):
    index = INDICES[name]
    x = T.TensorType(array.dtype, (None, None))("x")
    outputs = [T.set_subtensor(x[index], 7), T.inc_subtensor(x[index], x[index] * 2)]
    was_set, was_raised = ct.function([x], outputs)(array)
    expected = array.copy()
    expected[index] = 7
    np.testing.assert_array_equal(was_set, expected)
    expected = array.copy()
    expected[index] += 2 * array[index]
    np.testing.assert_allclose(was_raised, expected, rtol=1e-6)
    assert was_set.dtype == was_raised.dtype == array.dtype


def test_inc_subtensor_adds_up():
    x, i = T.dvector("x"), T.lvector("i")
    f = ct.function([x, i], T.inc_subtensor(x[i], 1))
    np.testing.assert_array_equal(f(np.zeros(4), [1, 1, -1, 1]), [0, 3, 0, 1])
    with pytest.raises(TypeError, match="indexed variable"):
        T.set_subtensor(x + 1, 1)


NNET = {
    "sigmoid": (T.nnet.sigmoid, lambda x: 1 / (1 + np.exp(-x))),
    "hard_sigmoid": (T.nnet.hard_sigmoid, lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
    "softplus": (T.nnet.softplus, lambda x: np.logaddexp(0, x)),
    "softsign": (T.nnet.softsign, lambda x: x / (1 + abs(x))),
    "relu": (T.nnet.relu, lambda x: np.maximum(x, 0)),
    "leaky": (lambda x: T.nnet.relu(x, 0.1), lambda x: np.where(x > 0, x, 0.1 * x)),
    "elu": (T.nnet.elu, lambda x: np.where(x > 0, x, np.expm1(x))),
    "selu": (
        T.nnet.selu,
        lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    ),
    "softmax": (T.nnet.softmax, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
    "softmax0": (lambda x: T.nnet.softmax(x, axis=0), lambda x: np.exp(x) / np.exp(x).sum(0)),
    "log_softmax": (T.nnet.logsoftmax, lambda x: x - np.log(np.exp(x).sum(-1, keepdims=True))),
    "sbce": (lambda x: T.nnet.sigmoid_binary_crossentropy(x, 0.3), lambda x: np.logaddexp(0, x) - 0.3 * x),
    "bce": (
        lambda x: T.nnet.binary_crossentropy(T.nnet.sigmoid(x), 0.3),
        lambda x: np.logaddexp(0, x) - 0.3 * x,
    ),
}


@pytest.mark.parametrize("name", NNET)
def test_nnet(name):
    symbolic, expected = NNET[name]
    check(symbolic, expected, M)


def test_crossentropy_of_labels_and_distributions():
    labels = np.array([3, 0, 1])
    expected = np.log(np.exp(M).sum(1)) - M[np.arange(3), labels]
    x, y = T.dmatrix("x"), T.lvector("y")
    p = T.nnet.softmax(x)
    hard = T.nnet.categorical_crossentropy(p, y)
    indexed = -T.log(p)[T.arange(y.shape[0]), y]
    soft = T.nnet.categorical_crossentropy(p, np.eye(4)[labels])
    for got in ct.function([x, y], [hard, indexed, soft], on_unused_input="ignore")(M, labels):
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    huge = ct.function([x, y], hard)(M * 1e4, labels)
    assert np.isfinite(huge).all()

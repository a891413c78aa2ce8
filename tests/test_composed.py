"""Functions that are made of others, where they are no rows of `shape_rows.py`: values, edges, errors."""

import math

import numpy as np
import pytest
import scipy.special as sp
from checks import check, compute, numeric_gradients

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(11)
V = RNG.normal(size=7)
M = RNG.normal(size=(4, 3))
K = RNG.integers(0, 3, 7)
P = np.stack([RNG.permutation(5) for _ in range(4)])
X = RNG.normal(size=(4, 5))
N = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [0.5, -2.0, np.inf], [4.0, 4.0, -0.0]])
HOLES = np.isnan(N[:, :2])
SORTED = np.array([-3.0, -1.0, -1.0, 0.0, 2.5, np.inf, np.nan])
SOUGHT = np.array([[-5.0, -3.0, -1.0, -0.5], [0.0, 2.5, np.inf, np.nan]])


def permuted(x, y):
    return np.take_along_axis(*np.broadcast_arrays(x, y), axis=-1)


def spread(x, k, n, reduce, empty):
    """The reductions of the slices with each number, `empty` for numbers that do not occur."""
    rows = [x[k == j] for j in range(n)]
    return np.stack([reduce(row, axis=0) if len(row) else np.full(x.shape[1:], empty) for row in rows])


# name: (function of variables, function of arrays, arguments)
LIKE = {
    # ---- positions
    "unravel": (lambda k: T.unravel_index(k, (3, 4, 5)), lambda k: np.unravel_index(k, (3, 4, 5)), K * 29),
    "unravel_f": (
        lambda k: T.unravel_index(k, (3, 4, 5), "F"),
        lambda k: np.unravel_index(k, (3, 4, 5), "F"),
        K * 29,
    ),
    "unravel_sizes": (
        lambda k, x: T.unravel_index(k, x.shape),
        lambda k, x: np.unravel_index(k, x.shape),
        K,
        M,
    ),
    "unravel_nothing": (lambda k: T.unravel_index(k, (3,)), lambda k: np.unravel_index(k, (3,)), K[:0]),
    "ravel": (
        lambda k: T.ravel_multi_index((k, k), (3, 4)),
        lambda k: np.ravel_multi_index((k, k), (3, 4)),
        K,
    ),
    "ravel_f": (
        lambda k: T.ravel_multi_index((k, 1), (3, 4), order="F"),
        lambda k: np.ravel_multi_index((k, 1), (3, 4), order="F"),
        K,
    ),
    "ravel_modes": (
        lambda k: [T.ravel_multi_index((k, k), (2, 4), mode) for mode in ("wrap", "clip")],
        lambda k: [np.ravel_multi_index((k, k), (2, 4), mode) for mode in ("wrap", "clip")],
        K * 5 - 4,
    ),
    "one_hot": (lambda k: T.one_hot(k, 3), lambda k: np.eye(3)[k], K),
    "one_hot_axis": (lambda k: T.one_hot(k, 3, "int8", 0), lambda k: np.eye(3, dtype="int8")[k].T, K),
    "one_hot_of_matrix": (
        lambda k: T.one_hot(k, 3, axis=1),
        lambda k: np.eye(3)[k].swapaxes(1, 2),
        K.reshape(7, 1),
    ),
    "one_hot_outside": (lambda k: T.one_hot(k, 2), lambda k: np.eye(3)[k][:, :2], K),
    "to_one_hot": (
        lambda k, x: T.to_one_hot(k, x.shape[0], "float32"),
        lambda k, x: np.eye(4, dtype="float32")[k],
        K,
        M,
    ),
    "choose": (lambda k, x: T.choose(k, [x, 1, -x]), lambda k, x: np.choose(k, [x, 1, -x]), K, V),
    "choose_method": (
        lambda k, x: k.choose([x, x[0]], "wrap"),
        lambda k, x: k.choose([x, x[0]], mode="wrap"),
        K,
        V,
    ),
    "choose_clip": (
        lambda k: T.choose(k, [5, 6], "clip"),
        lambda k: np.choose(k, [5, 6], mode="clip"),
        K - 1,
    ),
    "choose_one": (
        lambda k, x: [T.choose(k, [x], mode) for mode in ("wrap", "clip")] + [T.choose(0 * k, [x])],
        lambda k, x: [np.choose(k, [x], mode=mode) for mode in ("wrap", "clip")] + [np.choose(0 * k, [x])],
        K,
        V,
    ),
    "choose_wide": (
        lambda k, x: T.choose(k[:, None], [x, 0]),
        lambda k, x: np.choose(k[:, None], [x, 0]),
        K // 2,
        V,
    ),
    "searchsorted": (T.searchsorted, np.searchsorted, SORTED, SOUGHT),
    "searchsorted_right": (
        lambda x, v: x.searchsorted(v, "right"),
        lambda x, v: x.searchsorted(v, "right"),
        SORTED,
        SOUGHT,
    ),
    "searchsorted_in_nothing": (T.searchsorted, np.searchsorted, SORTED[:0], SOUGHT),
    "searchsorted_mixed": (
        T.searchsorted,
        np.searchsorted,
        np.arange(0, 1000, 3),
        RNG.uniform(-9, 1100, 200),
    ),
    "searchsorted_scalar": (
        lambda x: T.searchsorted(x, 1),
        lambda x: np.searchsorted(x, 1),
        np.array([0, 1, 1, 5]),
    ),
    "searchsorted_sorter": (
        lambda x, k: T.searchsorted(x, 0.25, sorter=k),
        lambda x, k: np.searchsorted(x, 0.25, sorter=k),
        V,
        V.argsort(),
    ),
    "digitize": (
        lambda x, b: [T.digitize(x, b), T.digitize(x, b, True)],
        lambda x, b: [np.digitize(x, b), np.digitize(x, b, True)],
        np.append(V, SORTED[:5]),
        SORTED[:5],
    ),
    "interp": (T.interp, np.interp, np.append(V * 2, SORTED), np.array([-2.0, -1, 0, 2.5]), V[:4]),
    "interp_ends": (
        lambda x, p, f: T.interp(x, p, f, left=-7, right=7),
        lambda x, p, f: np.interp(x, p, f, left=-7, right=7),
        V * 3,
        np.array([-1.0, 0.5]),
        np.array([3.0, 4]),
    ),
    "interp_one_point": (T.interp, np.interp, V, V[:1], V[1:2]),
    "select": (
        lambda x: T.select([x > 1, x > 0, x < -1], [x, 2, -x], 5),
        lambda x: np.select([x > 1, x > 0, x < -1], [x, 2, -x], 5),
        V,
    ),
    "triangles": (
        lambda x: [*T.tril_indices(3, 1, 4), *T.triu_indices_from(np.ones((2, 3)), -1), x[T.triu_indices(3)]],
        lambda x: [*np.tril_indices(3, 1, 4), *np.triu_indices(2, -1, 3), x[np.triu_indices(3)]],
        X[:3, :3],
    ),
    "insert_known": (
        lambda x: T.insert(T.specify_shape(x, (4, 3)), np.s_[::2], [7, 8], 1),
        lambda x: np.insert(x, np.s_[::2], [7, 8], 1),
        M,
    ),
    "delete_known": (
        lambda x: [T.delete(T.specify_shape(x, (4, 3)), obj, 0) for obj in (np.s_[1:], [-1, 0], np.s_[9:])],
        lambda x: [np.delete(x, obj, 0) for obj in (np.s_[1:], [-1, 0], np.s_[9:])],
        M,
    ),
    "insert_nothing": (
        lambda x: [T.insert(x, [], [], 0), T.delete(x, [], 0)],
        lambda x: [x, x],
        V,
    ),
    "unstack": (
        lambda x: T.unstack(T.specify_shape(x, (4, 3)), 1),
        lambda x: list(x.T),
        M,
    ),
    "inverse": (T.inverse_permutation, lambda p: p.argsort(), P[0]),
    "inverse_rows": (T.inverse_permutation, lambda p: p.argsort(axis=1), P),
    "permute": (T.permute_row_elements, permuted, X, P),
    "permute_line": (T.permute_row_elements, permuted, X[0], P),
    "permute_by_line": (T.permute_row_elements, permuted, X, P[0]),
    "permute_vector": (T.permute_row_elements, permuted, X[0], P[0]),
    "permute_back": (
        lambda x, p: T.permute_row_elements(T.permute_row_elements(x, p), p, True),
        lambda x, p: x,
        X,
        P,
    ),
    # ---- segments
    "bincount": (lambda k: T.bincount(k, length=5), lambda k: np.bincount(k, minlength=5), K),
    "bincount_constant": (lambda x: T.bincount(K, minlength=2) * x, lambda x: np.bincount(K) * x, V[0]),
    "bincount_weights": (lambda k, x: T.bincount(k, x, length=3), lambda k, x: np.bincount(k, x), K, V),
    "bincount_int_weights": (lambda k: T.bincount(k, k, length=3), lambda k: np.bincount(k, k), K),
    "bincount_nothing": (lambda k: T.bincount(k, length=2), lambda k: np.bincount(k, minlength=2), K[:0]),
    "bincount_size": (
        lambda k, x: T.bincount(k, length=x.size),
        lambda k, x: np.bincount(k, minlength=7),
        K,
        V,
    ),
    **{
        f"segment {function.__name__}": (
            lambda x, k, f=function: f(x, k, 5),
            lambda x, k, f=reduce, e=empty: spread(x, k, 5, f, e),
            np.stack([V, -V], 1),
            K,
        )
        for function, reduce, empty in [
            (T.segment_sum, np.sum, 0),
            (T.segment_mean, np.mean, 0),
            (T.segment_max, np.max, -np.inf),
            (T.segment_min, np.min, np.inf),
        ]
    },
    "segment_max_int": (
        lambda x, k: T.segment_max(x, k, 3),
        lambda x, k: spread(x, k, 3, np.max, 0),
        K * 5,
        K,
    ),
    # ---- NaN
    **{
        f"{name} {axis}": (
            lambda x, name=name, axis=axis: getattr(T, name)(x, axis=axis, keepdims=True),
            lambda x, name=name, axis=axis: getattr(np, name)(x, axis=axis, keepdims=True),
            N[:, :2],
        )
        for name in ("nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar", "nanstd")
        for axis in (None, 0, 1)
    },
    "nan_infinite": (
        lambda x: [T.nanmax(x, 1), T.nanmin(x, 1), T.nansum(x, 1)],
        lambda x: [np.nanmax(x, 1), np.nanmin(x, 1), np.nansum(x, 1)],
        N,
    ),
    "nan_ints": (
        lambda k: [T.nansum(k), T.nanmax(k), T.nanmean(k), T.nanvar(k)],
        lambda k: [k.sum(), k.max(), k.mean(), k.var()],
        K,
    ),
    "nan_ddof": (lambda x: T.nanvar(x, 1, ddof=1), lambda x: np.nanvar(x, 1, ddof=1), N[:, :2]),
    "nan_half": (lambda x: T.nanmean(x), lambda x: np.float16(1), np.full(70000, 1, "float16")),
    # ---- comparisons
    "array_equal": (
        lambda x, y: [T.array_equal(x, y), T.array_equal(x, x + 1)],
        lambda x, y: [True, False],
        M,
        M,
    ),
    "array_equal_nan": (
        lambda x: [T.array_equal(x, x), T.array_equal(x, x, True)],
        lambda x: [False, True],
        N,
    ),
    "array_equal_ranks": (lambda x: T.array_equal(x, x[0]), lambda x: False, M),
    # ---- several results, or dtypes of their own
    "modf": (T.modf, np.modf, np.array([2.5, -2.5, 3.0, -0.0, np.inf, -np.inf, np.nan, -1e300])),
    "ldexp": (
        T.ldexp,
        np.ldexp,
        np.array([1.0, -3.0, 1e-300, 1e300, 0.0, np.inf]),
        np.array([1023, -1074, 2000, -2090, 9, -9]),
    ),
    "ldexp_far": (T.ldexp, np.ldexp, np.array([1.0, 1.0, 5e-324]), np.array([10**15, -(10**15), 2097])),
    "ldexp_single": (
        lambda x, k: T.ldexp(x, k),
        np.ldexp,
        np.array([1, 1e-38, 3], "float32"),
        np.array([127, 252, -150]),
    ),
    "float_power": (T.float_power, np.float_power, K + 1, np.array([-1, 2, 0, 3, 1, 1, -2], "int8")),
    "sinc_far": (T.sinc, np.sinc, np.array([0.0, 1.0, -7.0, 2.5])),
    "nan_to_num": (
        lambda x: T.nan_to_num(x, 1.5, posinf=9, neginf=-9),
        lambda x: np.nan_to_num(x, nan=1.5, posinf=9, neginf=-9),
        np.array([np.nan, np.inf, -np.inf, 2], "float32"),
    ),
    "xlogx": (T.xlogx.xlogx, lambda x: sp.xlogy(x, x), np.array([0, 0.5, 2])),
    "xlogy0": (T.xlogx.xlogy0, sp.xlogy, np.array([0, 0.5, 2]), np.array([0, 3.0, 4])),
    # ---- ranges and grids
    "linspace_edges": (
        lambda x: [T.linspace(x[0], x[1], n) for n in (0, 1, 2)],
        lambda x: [np.linspace(x[0], x[1], n) for n in (0, 1, 2)],
        V,
    ),
    "linspace_int": (
        lambda x: T.linspace(x[0], 20, 6, dtype="int64"),
        lambda x: np.linspace(x[0], 20, 6, dtype="int64"),
        K - 9,
    ),
    "linspace_step": (
        lambda x: T.linspace(x, 3.0, 4, retstep=True),
        lambda x: np.linspace(x, 3.0, 4, retstep=True),
        V[0],
    ),
    "geomspace_negative": (lambda x: T.geomspace(x, -8, 4), lambda x: np.geomspace(x, -8, 4), np.float64(-1)),
    "mgrid": (lambda x: T.mgrid[0:3, 1 : x.shape[0] : 2], lambda x: list(np.mgrid[0:3, 1:4:2]), M),
    "ogrid": (lambda x: T.ogrid[0.5:3, 1 : x.shape[0]], lambda x: list(np.ogrid[0.5:3, 1:4]), M),
    "mgrid_steps": (
        lambda x: [T.mgrid[0:1:5j] * x, T.mgrid[3:0:-1]],
        lambda x: [np.mgrid[0:1:5j] * x, np.mgrid[3:0:-1]],
        V[0],
    ),
    **{
        f"bartlett {n}": (lambda x, n=n: T.bartlett(n) * x, lambda x, n=n: np.bartlett(n) * x, V[0])
        for n in (0, 1, 2, 5, 8)
    },
    "bartlett_size": (lambda x: T.bartlett(x.shape[0]), lambda x: np.bartlett(7), V),
    # ---- shapes
    "broadcast_shape": (
        lambda x, y: T.broadcast_shape(x, y),
        lambda x, y: [np.int64(n) for n in (4, 3)],
        M[:, :1],
        M[0],
    ),
    "broadcast_shape_used": (
        lambda x, y: T.zeros(T.broadcast_shape(x, y)) + x,
        lambda x, y: np.zeros((4, 3)) + x,
        M[:, :1],
        M[0],
    ),
    "broadcast_shape_of_nothing": (
        lambda x, y: T.broadcast_shape(x, y),
        lambda x, y: [np.int64(n) for n in (0, 3)],
        M[:0],
        M[:1, :1],
    ),
    "broadcast_shapes": (
        lambda x: T.broadcast_shapes((x.shape[0], 1), (3,), (1, 1, 1)),
        lambda x: [np.int64(n) for n in (1, 4, 3)],
        M,
    ),
    "broadcast_arrays": (T.broadcast_arrays, np.broadcast_arrays, M[:, :1], V[:3], np.float32(2)),
    "split_vector": (
        lambda x, k: T.split(x, T.stack([k, 0, x.shape[0] - k]), 3),
        lambda x, k: np.split(x, [k, k]),
        V,
        np.int64(2),
    ),
    "sizes_in_vectors": (
        lambda x, n: [
            T.zeros(T.stack([n, x.shape[0]])),
            x.reshape(T.concatenate([x.shape[1:], [2, -1]])),
            x.reshape((T.prod(x.shape), 1)),
            T.ones(T.shape(x)[::-1] * 2),
            T.arange(T.cast(T.max(x.shape), "int32")),
            x[: T.minimum(n, T.stack([n, 1]))[1]],
            T.tile(x, T.take(T.stack([n, 1, 2]), [1, 0])),
        ],
        lambda x, n: [
            np.zeros((n, 4)),
            x.reshape(3, 2, -1),
            x.reshape(-1, 1),
            np.ones((6, 8)),
            np.arange(4, dtype="int32"),
            x[:1],
            np.tile(x, (1, n)),
        ],
        M,
        np.int64(2),
    ),
    "repeat_symbolic": (lambda x, n: T.repeat(x, n, 0), lambda x, n: np.repeat(x, n, 0), M, np.int64(3)),
    "pad_symbolic": (
        lambda x, n: [
            T.pad(x, ((n, 1), (0, n)), mode) for mode in ("constant", "reflect", "edge", "maximum")
        ],
        lambda x, n: [
            np.pad(x, ((n, 1), (0, n)), mode) for mode in ("constant", "reflect", "edge", "maximum")
        ],
        M,
        np.int64(2),
    ),
    "pad_axes": (lambda x: T.pad(x, {-1: (1, 2)}), lambda x: np.pad(x, ((0, 0), (1, 2))), M),
    "roll_symbolic": (
        lambda x, n: T.roll(x, (n, -n), (0, 1)),
        lambda x, n: np.roll(x, (2, -2), (0, 1)),
        M,
        np.int64(2),
    ),
    "roll_known": (
        lambda x, n: T.constant(T.roll(T.specify_shape(x, (4, 3)), n, 0).type.shape),
        lambda x, n: np.array([4, 3]),
        M,
        np.int64(2),
    ),
    "fill_symbolic": (
        lambda x, n: T.fill_diagonal_offset(x, x[0, 0], n),
        lambda x, n: np.where(np.eye(*x.shape, n, dtype=bool), x[0, 0], x),
        M,
        np.int64(-1),
    ),
    "identity": (lambda x: T.identity(x.shape[0], "int8"), lambda x: np.identity(4, "int8"), M),
    "empty": (
        lambda x: [T.empty(x.shape), T.empty_like(x), T.AllocEmpty("int8")(2)],
        lambda x: [0 * x, 0 * x, np.zeros(2, "int8")],
        M,
    ),
    "makeKeepDims": (
        lambda x: T.makeKeepDims(x, x.sum((0, 2)), (0, 2)),
        lambda x: x.sum((0, 2), keepdims=True),
        M[None],
    ),
    "cov_weights": (
        lambda x, f, a: T.cov(x, fweights=f, aweights=a),
        lambda x, f, a: np.cov(x, fweights=f, aweights=a),
        M.T,
        np.array([1, 2, 1, 3]),
        np.array([0.5, 1, 2, 1]),
    ),
    "cov_few": (lambda x: T.cov(x, ddof=9), lambda x: np.cov(x, ddof=9), M),
    "corrcoef_of_one": (lambda x: T.corrcoef(x), np.corrcoef, V),
}


@pytest.mark.parametrize("name", LIKE)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_value(name):
    symbolic, expected, *arrays = LIKE[name]
    check(symbolic, expected, *arrays)


GRADIENTS = {
    "choose": (lambda x: T.choose(K, [x, x * x, 1]), lambda x: np.choose(K, [x, x * x, 1]), V),
    "bincount": (lambda x: T.bincount(K, x), lambda x: np.bincount(K, x), V),
    "segment_sum": (lambda x: T.segment_sum(x, K, 4), lambda x: spread(x, K, 4, np.sum, 0), V),
    "segment_mean": (lambda x: T.segment_mean(x, K, 4), lambda x: spread(x, K, 4, np.mean, 0), V),
    "segment_max": (lambda x: T.segment_max(x, K, 3), lambda x: spread(x, K, 3, np.max, 0), V),
    "permute": (lambda x: T.permute_row_elements(x, P), lambda x: permuted(x, P), X),
    **{
        name: (
            lambda x, name=name: getattr(T, name)(T.where(HOLES, np.nan, x), 0),
            lambda x, name=name: getattr(np, name)(np.where(HOLES, np.nan, x), 0),
            M[:, :2],
        )
        for name in ("nansum", "nanprod", "nanmax", "nanmean", "nanvar", "nanstd")
    },
    "interp": (lambda x: T.interp(x, [-1.0, 0, 1], V[:3]), lambda x: np.interp(x, [-1.0, 0, 1], V[:3]), V),
    "interp_values": (lambda x: T.interp(V, [-1.0, 0, 1], x), lambda x: np.interp(V, [-1.0, 0, 1], x), V[:3]),
    "select": (lambda x: T.select([x > 0], [x * x], 2 * x), lambda x: np.where(x > 0, x * x, 2 * x), V),
    "modf": (lambda x: T.modf(x)[0], lambda x: np.modf(x)[0], V),
    "ldexp": (lambda x: T.ldexp(x, K), lambda x: np.ldexp(x, K), V),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(name):
    symbolic, expected, x = GRADIENTS[name]
    weight = RNG.normal(size=np.shape(expected(x)))
    got = compute(lambda v: ct.grad(T.sum(symbolic(v) * weight), v), x)
    (want,) = numeric_gradients(lambda v: np.sum(expected(v) * weight), [x])
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)


AT_ZERO = {
    "sinc": (T.sinc, 0),
    "logaddexp2": (lambda x: T.logaddexp2(x, x), 1),
    "rel_entr": (lambda x: T.rel_entr(x + 1, x + 1), 0),
    "xlog1py": (lambda x: T.xlog1py(x, 2.0), math.log(3)),
    "huber": (lambda x: T.huber(1.0, x), 0),
    "pseudo_huber": (lambda x: T.pseudo_huber(1.0, x), 0),
    "logit": (lambda x: T.logit(x + 0.5), 4),
    "ndtr": (T.ndtr, 1 / math.sqrt(2 * math.pi)),
}


@pytest.mark.parametrize("name", AT_ZERO)
def test_gradient_at_zero(name):
    function, want = AT_ZERO[name]
    got = compute(lambda x: ct.grad(function(x).sum(), x), np.zeros(2))
    np.testing.assert_allclose(got, want, rtol=1e-14)


# ---- einsum
def test_einsum_order():
    """The order with the fewest multiplications: here the vector first, whatever the sizes are."""
    x, y, v = T.dmatrix("x"), T.dmatrix("y"), T.dvector("v")
    products = [node for node in walk(T.einsum("ij,jk,k->i", x, y, v)._node) if node._op == "matmul"]
    assert len(products) == 2
    assert max(math.prod(n or 100 for n in node.static_shape) for node in products) == 100
    parts = [T.tensor("float64", shape=shape) for shape in [(2, 500), (500, 3), (3, 400)]]
    products = [node for node in walk(T.einsum("ab,bc,cd->ad", *parts)._node) if node._op == "matmul"]
    assert {node.static_shape for node in products} == {(2, 3), (2, 400)}


def walk(node):
    """All nodes that an expression is made of."""
    seen, todo = {}, [node]
    while todo:
        top = todo.pop()
        if top._id not in seen:
            seen[top._id] = top
            todo += top._inputs
    return seen.values()


def test_einsum_of_units():
    """A size known to be 1 broadcasts against others."""
    x, y = T.tensor("float64", shape=(4, 1)), T.dmatrix("y")
    a, b = RNG.normal(size=(4, 1)), RNG.normal(size=(3, 5))
    for text in ("ij,jk->ik", "ij,jk->k", "ij,jk->ijk"):
        got = ct.function([x, y], T.einsum(text, x, y))(a, b)
        np.testing.assert_allclose(got, np.einsum(text, a, b), rtol=1e-13)


def test_einsum_of_many():
    """Beyond the number up to which all orders are tried."""
    arrays = [RNG.normal(size=(3, 3)) for _ in range(9)]
    text = ",".join("abcdefghij"[k : k + 2] for k in range(9)) + "->aj"
    got = compute(lambda *x: T.einsum(text, *x), *arrays)
    np.testing.assert_allclose(got, np.linalg.multi_dot(arrays), rtol=1e-12)

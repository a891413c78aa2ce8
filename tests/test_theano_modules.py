"""Functions and types that have Theano's names: their values where NumPy has none of that name."""

import numpy as np
import pytest
from checks import check, compute

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(41)
M = RNG.normal(size=(3, 6))
TIES = np.array([2.0, -1.0, np.nan, 2.0, np.inf, -np.inf])
MASK = M > 0


def ends(ordered, kth, axis):
    """The last ones backwards, or the first ones."""
    line = np.flip(ordered, axis) if kth > 0 else ordered
    return line.take(range(min(abs(kth), line.shape[axis])), axis)


def changed(x, index, y, add):
    result = x.copy()
    np.add.at(result, index, y) if add else result.__setitem__(index, y)
    return result


# name: (function of variables, function of arrays, arguments)
LIKE = {
    **{
        f"topk {kth} {axis}": (
            lambda x, kth=kth, axis=axis: [*T.topk_and_argtopk(x, kth, axis), T.topk(x, kth, axis)],
            lambda x, kth=kth, axis=axis: [
                ends(values, kth, axis)
                for values in (np.sort(x, axis), np.argsort(x, axis), np.sort(x, axis))
            ],
            M,
        )
        for kth in (1, 2, 9, -1, -3)
        for axis in (0, -1)
    },
    "topk_all": (lambda x: T.topk(x, 4, None), lambda x: ends(np.sort(x.ravel()), 4, 0), M),
    "topk_special": (lambda x: [T.topk(x, 3), T.topk(x, -3)], lambda x: [x[[2, 4, 0]], x[[5, 1, 0]]], TIES),
    "topk_nothing": (lambda x: T.topk(x, 2), lambda x: x, M[:0, :2]),
    "argtopk_dtype": (
        lambda x: T.argtopk(x, 2, idx_dtype="int32"),
        lambda x: np.flip(np.argsort(x), -1)[..., :2].astype("int32"),
        M,
    ),
    "unique": (
        lambda x: T.extra_ops.Unique(True, True, True)(x),
        lambda x: list(np.unique(x, True, True, True)),
        np.array([3, 1, 3, 3, 2]),
    ),
    "subtensor1": (
        lambda x: [
            T.advanced_subtensor1(x, [2, 0, 2]),
            T.advanced_inc_subtensor1(x, 1.0, [2, 0, 2]),
            T.advanced_set_subtensor1(x, 1.0, [2, 0, 2]),
        ],
        lambda x: [x[[2, 0, 2]], *(changed(x, [2, 0, 2], 1, add) for add in (True, False))],
        M,
    ),
    "subtensor": (
        lambda x: [
            T.advanced_subtensor(x, [2, 0], [1, 1]),
            T.advanced_inc_subtensor(x, [5.0, 6.0], [2, 2], [1, 1]),
            T.advanced_set_subtensor(x, 7.0, slice(None), [0, 5]),
        ],
        lambda x: [
            x[[2, 0], [1, 1]],
            changed(x, ([2, 2], [1, 1]), [5, 6], True),
            changed(x, np.s_[:, [0, 5]], 7, False),
        ],
        M,
    ),
    "boolean": (
        lambda x, b: [
            T.advanced_boolean_subtensor(x, b),
            T.advanced_boolean_inc_subtensor(x, 3.0, b),
            T.advanced_boolean_set_subtensor(x, 3.0, b),
        ],
        lambda x, b: [x[b], np.where(b, x + 3, x), np.where(b, 3, x)],
        M,
        MASK,
    ),
}


@pytest.mark.parametrize("name", LIKE)
def test_value(name):
    check(*LIKE[name])


def test_gradient_of_the_largest():
    got = compute(lambda x: ct.grad((T.topk(x, 2) * [1.0, 10.0]).sum(), x), np.array([[3.0, 1.0, 7.0]]))
    np.testing.assert_array_equal(got, [[10, 0, 1]])


@pytest.mark.parametrize("kth", [0, 1.5, True, T.lscalar("k")])
def test_number_of_the_largest(kth):
    with pytest.raises(ValueError, match="topk: required an int other than 0 as kth"):
        T.topk([1.0, 2.0], kth)


def test_constructors_are_types():
    assert T.fmatrix("x").type == T.fmatrix
    assert (T.lrow.dtype, T.lrow.ndim, T.lrow.broadcastable) == ("int64", 2, (True, False))
    assert [kind.dtype for kind in T.int_vector_types] == ["int8", "int16", "int32", "int64"]
    assert {kind.ndim for kind in T.float_matrix_types + T.complex_matrix_types} == {2}
    assert T.float_types == (T.fscalar, T.dscalar)


@pytest.mark.parametrize("dtype", ["floatX", "float32", np.int8, bool])
def test_arrays_of_a_dtype(dtype):
    with ct.change_flags(floatX="float16"):
        got = ct._asarray([[0, 1]], dtype=dtype, order="F")
    assert got.dtype == ("float16" if isinstance(dtype, str) and dtype == "floatX" else dtype)
    assert got.tolist() == [[0, 1]]

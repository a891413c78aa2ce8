"""Functions and types that have Theano's names: their values where NumPy has none of that name."""

import numpy as np
import pytest
from checks import check

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(41)
M = RNG.normal(size=(3, 6))
MASK = M > 0


def changed(x, index, y, add):
    result = x.copy()
    np.add.at(result, index, y) if add else result.__setitem__(index, y)
    return result


# name: (function of variables, function of arrays, arguments)
LIKE = {
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

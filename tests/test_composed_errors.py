"""Functions that are made of others: what they refuse, when an expression is written or in the call."""

import re

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

# ---- names
ALIASES = "divide remainder degrees radians acos atan2 concat permute_dims amax amin bitwise_invert mod_check"


@pytest.mark.parametrize("name", ALIASES.split())
def test_alias(name):
    assert callable(getattr(T, name))


def test_declared_shapes():
    x = T.dmatrix("x")
    assert T.specify_shape(x, (3, None)).type.shape == (3, None)
    assert T.specify_shape(x, T.constant([3, 4])).type.shape == (3, 4)
    assert T.addbroadcast(x, -1).broadcastable == (False, True)
    assert T.unbroadcast(T.drow("r"), 0).type.shape == (1, None)
    f = ct.function([x], T.specify_shape(x, (3, 4)) * 2)
    np.testing.assert_array_equal(f(np.ones((3, 4))), 2)
    for shape in ((4, 3), (2, 6), (3, 3)):
        with pytest.raises(ValueError, match="reshape"):
            f(np.ones(shape))


# ---- errors: (text of the message, the call)
x, v, k, s = T.dmatrix("x"), T.dvector("v"), T.lvector("k"), T.lscalar("s")
FIXED = T.tensor("float64", shape=(4, 3))
REFUSED = {
    "sparse_grad: required an indexed variable": lambda: ct.sparse_grad(v),
    "einsum: required 2 arrays for 'ij,jk', given 1": lambda: T.einsum("ij,jk", x),
    "einsum: required an array with the axes 'ijk'": lambda: T.einsum("ijk", x),
    "einsum: required letters": lambda: T.einsum("i1", x),
    "einsum: required each label of the result once": lambda: T.einsum("ij->ii", x),
    "each label of the result once, and among": lambda: T.einsum("ij->k", x),
    "einsum: required equal sizes for 'j', given 3 and 4": lambda: T.einsum("ij,jk", FIXED, FIXED),
    "einsum: required equal sizes for 'i'": lambda: T.einsum("ii", FIXED),
    "einsum: required labels from 0 to 51": lambda: T.einsum(x, [0, 99]),
    "einsum: required one array": lambda: T.einsum("ij"),
    "split: required sizes with a sum of 4, given 3": lambda: T.split(FIXED, [1, 2]),
    "split: required a multiple of 3 elements, given 4": lambda: T.split(FIXED, 3),
    "split: required 3 sizes, given 2": lambda: T.split(FIXED, [1, 3], 3),
    "split: required 1 part": lambda: T.split(x, 0),
    "array_split: required 1 part": lambda: T.array_split(x, 0),
    "dsplit: required 3 axes": lambda: T.dsplit(x, 1),
    "hsplit: required a number of parts that is known": lambda: T.hsplit(x, s),
    "pad: required a mode of constant": lambda: T.pad(x, 1, "mirror"),
    "pad: required widths of 0": lambda: T.pad(x, -1),
    "pad: required widths as one value": lambda: T.pad(x, ((1, 2), (1, 2), (1, 2))),
    'pad: required a reflect_type of "even"': lambda: T.pad(x, 1, "reflect", reflect_type="both"),
    "repeat: required 4 counts, given 2": lambda: T.repeat(FIXED, [1, 2], 0),
    "repeat: required integer counts of 0": lambda: T.repeat(FIXED, [1, 2, -1, 0], 0),
    "repeat: required counts of 0": lambda: T.repeat(x, -1),
    "roll: required 2 shifts, given 3": lambda: T.roll(x, (1, 2, 3), (0, 1)),
    "rot90: required two axes": lambda: T.rot90(x, 1, (0,)),
    "moveaxis: required 2 destinations": lambda: T.moveaxis(x, (0, 1), 0),
    "rollaxis: required a start": lambda: T.rollaxis(x, 0, 3),
    "insert: required positions from -4 to 4": lambda: T.insert(FIXED, 5, 0, 0),
    "insert: required values with at most 2 axes": lambda: T.insert(x, 0, T.dtensor3(), 0),
    "insert: required known integer positions": lambda: T.insert(x, s, 0, 0),
    "delete: required positions from -4 to 3": lambda: T.delete(FIXED, [0, 4], 0),
    "delete: required positions in a known order": lambda: T.delete(x, [0, -1], 0),
    "delete: required known integer positions": lambda: T.delete(x, slice(1, 3), 0),
    "specify_shape: required size 5 for axis 0": lambda: T.specify_shape(FIXED, (5, None)),
    "specify_shape: required 2 sizes": lambda: T.specify_shape(x, (5,)),
    "addbroadcast: required size 1 for axis 1": lambda: T.addbroadcast(FIXED, 1),
    "patternbroadcast: required 2 flags": lambda: T.patternbroadcast(x, (True,)),
    "diagonal: required two different axes": lambda: T.diagonal(x, 0, 1, 1),
    "diagonal: required a matrix": lambda: T.diagonal(v),
    "diag: required a vector or a matrix": lambda: T.diag(T.dtensor3()),
    "fill_diagonal: required a scalar as value": lambda: T.fill_diagonal(x, v),
    "fill_diagonal_offset: required a matrix": lambda: T.fill_diagonal_offset(v, 1, 0),
    "identity_like: required a matrix": lambda: T.identity_like(v),
    "unravel_index: required integers": lambda: T.unravel_index(v, (3,)),
    'unravel_index: required an order of "C"': lambda: T.unravel_index(k, (3,), "A"),
    "ravel_multi_index: required 2 arrays": lambda: T.ravel_multi_index((k,), (3, 4), ndim=2),
    'ravel_multi_index: required a mode of "raise"': lambda: T.ravel_multi_index((k,), (3,), "any"),
    "to_one_hot: required a vector": lambda: T.to_one_hot(x, 3),
    "one_hot: required integers": lambda: T.one_hot(v, 3),
    "choose: required one choice": lambda: T.choose(k, []),
    'choose: required a mode of "raise"': lambda: T.choose(k, [1], "any"),
    "searchsorted: required a sorted vector": lambda: T.searchsorted(x, 1),
    'searchsorted: required a side of "left"': lambda: T.searchsorted(v, 1, "middle"),
    "inverse_permutation: required a vector or a matrix": lambda: T.inverse_permutation(T.ltensor3()),
    "bincount: required known numbers": lambda: T.bincount(k),
    "bincount: required a vector": lambda: T.bincount(T.lmatrix()),
    "bincount: required integers of 0": lambda: T.bincount([-1]),
    "segment_sum: required 4 numbers, given 2": lambda: T.segment_sum(FIXED, [0, 1]),
    "segment_sum: required known numbers": lambda: T.segment_sum(x, k),
    "segment_max: required data with an axis": lambda: T.segment_max(x, T.lmatrix(), 3),
    "linspace: required a number of 0": lambda: T.linspace(0, 1, -1),
    "meshgrid: required vectors": lambda: T.meshgrid(x, v),
    'meshgrid: required an indexing of "xy"': lambda: T.meshgrid(v, v, indexing="yx"),
    "mgrid: required slices with an end": lambda: T.mgrid[1:],
    "cross: required vectors of 3": lambda: T.cross(FIXED.T, FIXED.T),
    "interp: required vectors of points": lambda: T.interp(v, x, x),
    "select: required as many conditions": lambda: T.select([x > 0], []),
    "unstack: required a known size of axis 0": lambda: T.unstack(x),
    "tril_indices: required known sizes": lambda: T.tril_indices(s),
    "average: required weights with 2 or 1 axes": lambda: T.average(x, 0, T.dtensor3()),
    "cov: required vectors or matrices": lambda: T.cov(T.dtensor3()),
    "cov: required vectors as weights": lambda: T.cov(x, fweights=x),
    "diff: required a number of times": lambda: T.diff(x, -1),
    "makeKeepDims: required a reduction with 1 axes": lambda: T.makeKeepDims(x, x, 1),
    "batched_tensordot: required axes beside the first": lambda: T.batched_tensordot(x, x, [[0], [1]]),
    "batched_tensordot: required arrays with a first": lambda: T.batched_tensordot(x, s, 0),
    "vecdot: required equal sizes": lambda: T.vecdot(FIXED, FIXED.T),
    "matvec: required a matrix and a vector": lambda: T.matvec(v, v),
    "get_vector_length: required a vector of known": lambda: T.get_vector_length(v),
    "concatenate: required axes": lambda: T.concatenate([v], 3),
    "broadcast_shapes: required sizes that are equal": lambda: T.broadcast_shape(FIXED, FIXED.T),
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSED)
def test_refused(message):
    with pytest.raises(
        (ValueError, TypeError, IndexError, NotImplementedError), match=re.escape(message)
    ) as error:
        REFUSED[message]()
    assert "test_composed_errors.py" in str(error.value)


# ---- errors that only a call can find: (variables, expression, arguments, exception)
LATE = {
    "split": ([v], lambda: T.split(v, [2, 3])[0], [np.ones(6)], ValueError),
    "split sections": ([v], lambda: T.split(v, 4)[0], [np.ones(6)], ValueError),
    "delete": ([v], lambda: T.delete(v, 3), [np.ones(3)], ValueError),
    "delete from the end": ([v], lambda: T.delete(v, -4), [np.ones(3)], ValueError),
    "insert": ([v], lambda: T.insert(v, 4, 0), [np.ones(3)], ValueError),
    "repeat": ([v], lambda: T.repeat(v, [1, 2]), [np.ones(3)], ValueError),
    "addbroadcast": ([x], lambda: T.addbroadcast(x, 0), [np.ones((2, 2))], ValueError),
    "einsum": ([x], lambda: T.einsum("ij,jk", x, x), [np.ones((2, 3))], ValueError),
    "trace": ([x], lambda: T.einsum("ii", x), [np.ones((2, 3))], ValueError),
    "unravel": ([k], lambda: T.unravel_index(k, (2, 3))[0], [[6]], IndexError),
    "unravel below 0": ([k], lambda: T.unravel_index(k, (2, 3))[0], [[-1]], IndexError),
    "ravel": ([k], lambda: T.ravel_multi_index((k, k), (2, 3)), [[2]], IndexError),
    "choose": ([k], lambda: T.choose(k, [1, 2]), [[2]], IndexError),
    "choose of one": ([k], lambda: T.choose(k, [5]), [[0, 1]], IndexError),
    "choose below 0": ([k], lambda: T.choose(k, [5]), [[-1]], IndexError),
    "choose of equals": ([k, v], lambda: T.choose(k, [v, v]), [[0, 2], [1, 2]], IndexError),
    "unravel into one": ([k], lambda: T.unravel_index(k, (1,)), [[0, 1]], IndexError),
    "unravel, size unused": ([k], lambda: T.unravel_index(k, (3, 1))[1], [[3]], IndexError),
    "bincount": ([k], lambda: T.bincount(k, length=2), [[2]], IndexError),
    "segments": ([v, k], lambda: T.segment_sum(v, k, 2), [np.ones(3), [0, 1]], ValueError),
    "pad nothing": ([v], lambda: T.pad(v, 1, "wrap"), [np.ones(0)], IndexError),
}


@pytest.mark.parametrize("name", LATE)
def test_refused_in_the_call(name):
    inputs, expression, arguments, exception = LATE[name]
    f = ct.function(inputs, expression())
    with pytest.raises(exception):
        f(*arguments)


def test_sizes_that_fit_are_accepted():
    """The counterparts of the calls above, from the same functions."""
    f = ct.function([v], [*T.split(v, [2, 3]), T.delete(v, 3), T.insert(v, 4, 0), T.delete(v, -4)])
    value = np.arange(5.0)
    wanted = [value[:2], value[2:], np.delete(value, 3), np.insert(value, 4, 0), np.delete(value, -4)]
    for got, want in zip(f(value), wanted, strict=True):
        np.testing.assert_array_equal(got, want)

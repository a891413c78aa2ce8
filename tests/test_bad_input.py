"""What must fail, with a message that helps; and unusual arrays, which must work."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

SHARED = ct.shared(np.zeros(3), name="s")
COUNT = ct.shared(0, name="n")
x, y = T.dvectors("x", "y")
m, k = T.dmatrix("m"), T.lscalar("k")
f32 = T.fvector("f32")
i32 = T.ivector("i32")
labels = T.lvector("labels")
three, four = T.tensor("float64", shape=(3,), name="three"), T.tensor("float64", shape=(4,), name="four")

# ---- errors raised while the expression is written: (expression, exception, words of the message)
WRITTEN = {
    "shapes": (lambda: three + four, ValueError, ["three", "four", "3", "4"]),
    "dot_sizes": (lambda: T.dot(three, four), ValueError, ["dot", "three", "four"]),
    "dot_one": (lambda: T.dot(T.ones((1,)), three), ValueError, ["dot"]),
    "matmul_scalar": (lambda: x @ 3, ValueError, ["matmul", "use \\*"]),
    "concatenate_ranks": (lambda: T.concatenate([x, m]), ValueError, ["concatenate", "rank"]),
    "stack_ranks": (lambda: T.stack([x, m]), ValueError, ["stack", "rank"]),
    "axis": (lambda: x.sum(axis=1), ValueError, ["sum", "axes from -1 to 0", "1"]),
    "axis_of_scalar": (lambda: k.sum(axis=0), ValueError, ["sum", "scalar"]),
    "axis_twice": (lambda: m.sum(axis=(0, -2)), ValueError, ["sum", "different axes"]),
    "reshape": (lambda: three.reshape((2, 2)), ValueError, ["reshape"]),
    "reshape_two_free": (lambda: x.reshape((-1, -1)), ValueError, ["reshape", "at most one -1"]),
    "reshape_float": (lambda: x.reshape((2.5, 2)), TypeError, ["reshape", "integer"]),
    "dimshuffle_drop": (lambda: m.dimshuffle(0), ValueError, ["dimshuffle", "size known to be 1"]),
    "dimshuffle_twice": (lambda: m.dimshuffle(0, 0), ValueError, ["dimshuffle", "at most once"]),
    "dimshuffle_axis": (lambda: m.dimshuffle(0, 2), ValueError, ["dimshuffle", "axes below 2"]),
    "index_static": (lambda: three[3], IndexError, ["index", "positions from -3 to 2"]),
    "index_rank": (lambda: x[0, 0], IndexError, ["index", "at most 1 entries"]),
    "index_float": (lambda: x[1.5], TypeError, ["index"]),
    "index_ellipses": (lambda: m[..., ...], IndexError, ["at most one"]),
    "step_zero": (lambda: x[::0], ValueError, ["slice", "other than 0"]),
    "complex_text": (lambda: x + "text", TypeError, ["numbers"]),
    "none": (lambda: x + None, TypeError, ["numbers"]),
    "object": (lambda: T.exp(object()), TypeError, ["numbers"]),
    "bitwise_float": (lambda: x & 1, TypeError, ["integers or bools"]),
    "negate_bool": (lambda: -(x > 0), TypeError, []),
    "int_too_large": (lambda: T.bvector("b") + 300, ValueError, ["int8", "300"]),
    "dtype": (lambda: x.astype("float31"), TypeError, ["dtype", "float31"]),
    "labels_float": (
        lambda: T.nnet.categorical_crossentropy(m, x),
        TypeError,
        ["categorical_crossentropy", "integer classes"],
    ),
    "constant_of_variable": (lambda: T.constant(x), TypeError, ["constant"]),
    "input_shape": (lambda: T.tensor("float64", shape=(-2,)), ValueError, ["TensorType"]),
    # gradients
    "grad_of_vector": (lambda: ct.grad(x, x), TypeError, ["grad", "scalar", "sum"]),
    "grad_of_int": (lambda: ct.grad(k, x), TypeError, ["grad", "floats"]),
    "grad_wrt_int": (lambda: ct.grad(x.sum(), i32), TypeError, ["grad", "i32", "int32"]),
    "grad_of_number": (lambda: ct.grad(3.0, x), TypeError, ["grad", "3.0"]),
    "grad_disconnected": (lambda: ct.grad(x.sum(), y), ct.DisconnectedInputError, ["grad", "y"]),
    "grad_option": (
        lambda: ct.grad(x.sum(), x, disconnected_inputs="x"),
        ValueError,
        ["disconnected_inputs"],
    ),
    "grad_nothing": (lambda: ct.grad(None, x), TypeError, ["known_grads"]),
    # functions
    "no_list": (lambda: ct.function(x, x), TypeError, ["list of inputs"]),
    "nested_list": (lambda: ct.function([[x]], x), TypeError, ["lists do not nest"]),
    "text_input": (lambda: ct.function(["x"], x), TypeError, ["variables as inputs"]),
    "shared_input": (lambda: ct.function([SHARED], SHARED), TypeError, ["shared variable s", "leave it out"]),
    "expression_input": (lambda: ct.function([x + 1], x + 1), TypeError, ["expression"]),
    "input_twice": (lambda: ct.function([x, x], x), ValueError, ["x", "twice"]),
    "missing_input": (lambda: ct.function([x], x + y), ct.MissingInputError, ["y", "made at", "givens"]),
    "unused_input": (lambda: ct.function([x, y], x), ct.UnusedInputError, ["y", "on_unused_input"]),
    "output_none": (lambda: ct.function([x], [x, None]), TypeError, ["outputs", "None"]),
    "output_keys": (lambda: ct.function([x], {1: x}), TypeError, ["strings as keys"]),
    "update_dtype": (
        lambda: ct.function([x], [], updates=[(COUNT, x.sum())]),
        TypeError,
        ["update of n", "int64", "cast"],
    ),
    "update_rank": (
        lambda: ct.function([m], [], updates=[(SHARED, m)]),
        TypeError,
        ["update of s", "1 axes"],
    ),
    "update_float": (lambda: ct.function([], [], updates=[(COUNT, 0.5)]), TypeError, ["update of n"]),
    "update_input": (lambda: ct.function([x], [], updates=[(x, x)]), TypeError, ["updates of shared"]),
    "update_twice": (
        lambda: ct.function([], [], updates=[(COUNT, COUNT + 1), (COUNT, 0)]),
        ValueError,
        ["two for n"],
    ),
    "update_pairs": (lambda: ct.function([], [], updates=[COUNT]), TypeError, ["pairs"]),
    "given_dtype": (lambda: ct.function([x], f32.sum(), givens={f32: x}), TypeError, ["float32", "cast"]),
    "given_rank": (lambda: ct.function([m], x.sum(), givens={x: m}), TypeError, ["1 axes"]),
    "given_key": (lambda: ct.function([x], x, givens={"x": x}), TypeError, ["givens"]),
    "mode": (lambda: ct.function([x], x, mode="FAST"), ValueError, ["mode"]),
    "state_without_value": (lambda: ct.In(x, update=x + 1), ValueError, ["value"]),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_fails_where_it_is_written(name):
    action, exception, words = WRITTEN[name]
    with pytest.raises(exception) as caught:
        action()
    for word in words:
        caught.match(word)


def test_messages_name_the_line():
    for action in (lambda: three + four, lambda: T.dot(three, four), lambda: x.sum(axis=7)):
        with pytest.raises(ValueError, match=r"test_bad_input\.py:\d+\)"):
            action()


# ---- errors raised by a call
vector = ct.function([x], 2 * x, name="double")
single = ct.function([f32], 2 * f32, name="single")
loose = ct.function([f32], 2 * f32, name="loose", allow_input_downcast=True)
firm = ct.function([f32], 2 * f32, name="firm", allow_input_downcast=False)
whole = ct.function([i32], 2 * i32, name="whole")
narrow = ct.function([i32], 2 * i32, name="narrow", allow_input_downcast=True)
pair = ct.function([x, y], x + y, name="pair")
scalar = ct.function([k], k + 1, name="scalar")
picked = ct.function([x, labels], x[labels], name="picked")
element = ct.function([x, k], x[k], name="element")
fixed = ct.function([three], three + 1, name="fixed")
strict = ct.function([ct.In(x, strict=True)], x + 1, name="strict")
product = ct.function([m, x], T.dot(m, x), name="product")
V = np.arange(3.0)

CALLED = {
    "none": (
        lambda: vector(None),
        TypeError,
        ["double: argument 0 'x': required a vector of float64, given None"],
    ),
    "text": (lambda: vector("abc"), TypeError, ["abc"]),
    "object": (lambda: vector(object()), TypeError, ["object"]),
    "objects": (lambda: vector(np.array([1, None], object)), TypeError, ["object"]),
    "dict": (lambda: vector({"a": 1}), TypeError, ["a"]),
    "dates": (lambda: vector(np.array(["2020-01-01"], "datetime64[D]")), TypeError, ["datetime64"]),
    "ragged": (lambda: vector([[1], [1, 2]]), TypeError, ["double"]),
    "symbolic": (lambda: vector(x), TypeError, ["symbolic", "givens"]),
    "complex": (lambda: vector(np.zeros(3, complex)), TypeError, ["complex128", "astype"]),
    "masked": (lambda: vector(np.ma.masked_array([1.0], [True])), TypeError, ["masked", "filled"]),
    "rank_low": (lambda: vector(1.0), TypeError, ["vector", "0 axes"]),
    "rank_high": (lambda: vector(np.zeros((2, 2))), TypeError, ["2 axes", "reshape"]),
    "lossy_float": (lambda: single(V), TypeError, ["float32", "float64", "allow_input_downcast=True"]),
    "lossy_int": (lambda: single(np.arange(3)), TypeError, ["float32", "int64"]),
    "float_list_strict": (lambda: firm([0.5]), TypeError, ["float32"]),
    "float_to_int": (lambda: whole(V), TypeError, ["int32", "float64", "astype"]),
    "python_float_to_int": (lambda: whole([0.5]), TypeError, ["int32"]),
    "int64_to_int32": (lambda: whole(np.arange(3)), TypeError, ["int32", "int64"]),
    "python_int_too_large": (lambda: whole([2**40]), TypeError, ["int32", str(2**40)]),
    "downcast_too_large": (lambda: narrow(np.array([2**40])), TypeError, [str(2**40)]),
    "downcast_of_kind": (lambda: narrow(V), TypeError, ["float64"]),
    "strict_dtype": (lambda: strict(np.arange(3, dtype="float32")), TypeError, ["strict"]),
    "strict_list": (lambda: strict([1.0]), TypeError, ["NumPy array"]),
    "too_few": (lambda: pair(V), TypeError, ["pair: required 2 arguments \\(x, y\\)", "'y' is missing"]),
    "too_many": (lambda: pair(V, V, V), TypeError, ["2 arguments", "3"]),
    "keyword": (lambda: pair(V, z=V), TypeError, ["x, y", "'z'"]),
    "keyword_twice": (lambda: pair(V, V, x=V), TypeError, ["'x'", "by position and by keyword"]),
    "sizes": (lambda: pair(np.ones(3), np.ones(4)), ValueError, ["3", "4"]),
    "dot_sizes": (lambda: product(np.ones((2, 3)), np.ones(4)), ValueError, ["3", "4"]),
    "index_high": (lambda: picked(V, [3]), IndexError, ["3"]),
    "index_low": (lambda: picked(V, [-4]), IndexError, ["4"]),
    "element_high": (lambda: element(V, 3), IndexError, ["3"]),
    "element_of_none": (lambda: element(np.zeros(0), 0), IndexError, ["0"]),
    "static_size": (lambda: fixed(np.ones(4)), ValueError, ["3", "4"]),
}


@pytest.mark.parametrize("name", CALLED)
def test_fails_when_called(name):
    action, exception, words = CALLED[name]
    with pytest.raises(exception) as caught:
        action()
    for word in words:
        caught.match(word)


def test_dot_does_not_broadcast():
    for a, b in (((2, 1), 3), ((2, 3), 1)):
        with pytest.raises(ValueError, match="3"):
            product(np.ones(a), np.ones(b))


def test_failed_calls_leave_shared_variables_alone():
    s = ct.shared(np.zeros(3))
    f = ct.function([x, labels], x[labels], updates=[(s, s + x)])
    with pytest.raises(IndexError):
        f(V, [7])
    np.testing.assert_array_equal(s.get_value(), 0)
    f(V, [1])
    np.testing.assert_array_equal(s.get_value(), V)


def odd_arrays():
    base = np.arange(12.0).reshape(3, 4)
    misaligned = np.frombuffer(b"\0" + base.tobytes(), np.uint8)[1:].view("float64").reshape(3, 4)
    assert not misaligned.flags.aligned
    readonly = base.copy()
    readonly.flags.writeable = False
    wide = np.arange(48.0).reshape(6, 8)
    return {
        "fortran": np.asfortranarray(base),
        "transposed": base.T,
        "strided": wide[::2, 1::3],
        "reversed": base[::-1, ::-1],
        "broadcast": np.broadcast_to(np.arange(4.0), (3, 4)),
        "readonly": readonly,
        "misaligned": misaligned,
        "byteswapped": base.astype(">f8"),
        "float32": base.astype("float32"),
        "int": base.astype("int32"),
        "bool": base > 4,
        "list": base.tolist(),
        "tuple": tuple(map(tuple, base.tolist())),
        "list_of_arrays": [base[0], base[1]],
        "no_rows": np.zeros((0, 4)),
        "no_columns": np.zeros((3, 0)),
        "single": np.ones((1, 1)),
    }


ODD = odd_arrays()
double = ct.function([m], [2 * m, m.sum(axis=1), m.T])


@pytest.mark.parametrize("name", ODD)
def test_unusual_arrays_work(name):
    value = ODD[name]
    array = np.asarray(value)
    before = array.copy()
    twice, sums, turned = double(value)
    np.testing.assert_array_equal(twice, 2 * array.astype("float64"))
    np.testing.assert_allclose(sums, array.sum(axis=1))
    np.testing.assert_array_equal(turned, array.T)
    np.testing.assert_array_equal(array, before)


def test_scalars():
    for value in (3, np.int64(3), np.int8(3), np.array(3), True):
        assert scalar(value) == int(value) + 1
    f = T.fscalar("f")
    half = ct.function([f], f / 2)
    for value in (3, 3.0, np.float32(3), np.float16(3), np.array(3, "float32")):
        assert half(value) == 1.5
    with pytest.raises(TypeError, match="allow_input_downcast"):
        half(np.float64(3))
    with pytest.raises(TypeError, match="scalar of int64"):
        scalar(0.5)


def test_python_numbers_take_the_inputs_dtype():
    assert single([0.1, 2]).dtype == "float32"
    assert loose(V).dtype == "float32"
    assert loose(np.arange(3)).dtype == "float32"
    assert firm(np.arange(3, dtype="float16")).dtype == "float32"
    np.testing.assert_array_equal(whole([1, 2]), np.array([2, 4], "int32"))
    np.testing.assert_array_equal(narrow(np.arange(3)), np.array([0, 2, 4], "int32"))
    assert single([]).shape == (0,)


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_empty_arrays(shape):
    f = ct.function([m], [m.sum(), m.sum(axis=0), m.prod(axis=1), T.dot(m, m.T), T.exp(m), m[:, ::-1]])
    a = np.zeros(shape)
    expected = [a.sum(), a.sum(0), a.prod(1), a @ a.T, np.exp(a), a[:, ::-1]]
    for got, want in zip(f(a), expected, strict=True):
        np.testing.assert_array_equal(got, want)


def test_negative_sizes_of_a_call():
    n = T.iscalar("n")
    for build in (lambda n: T.zeros((n, 2)), lambda n: T.ones((3, n)) * 2, lambda n: T.eye(n).sum(0)):
        f = ct.function([n], build(n))
        assert f(2).size
        with pytest.raises(ValueError, match=r"required a size of 0 or more along axis \d, given -3"):
            f(-3)


def test_extremes_of_no_constants():
    for extreme in (T.max, T.min):
        with pytest.raises(ValueError, match="at least one element to choose from"):
            extreme(np.zeros((0, 2)), 0).eval()
    assert T.max(np.zeros((0, 2)), 1).eval().shape == (0,)


def test_axes_that_do_not_fit():
    with pytest.raises(ValueError, match="expand_dims: required different axes"):
        T.expand_dims(T.dvector("x"), (0, 0))
    with pytest.raises(ValueError, match="permutation"):
        ct.random.RandomStream(1).permutation(T.dmatrix("x"), axis=4)

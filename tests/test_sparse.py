"""Sparse matrices against SciPy: every function, format and awkward matrix, and gradients of their values."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as ss
from checks import numeric_gradients

import croton as ct
import croton.tensor as T
from croton import sparse

RNG = np.random.default_rng(11)


def random(n, m, density=0.2, seed=0, dtype="float64"):
    return ss.random(n, m, density, "csr", dtype, np.random.default_rng(seed))


def tangled(n, m, count, seed=0):
    """Entries in any order, several in one place, and stored zeros."""
    rng = np.random.default_rng(seed)
    indptr = np.sort(np.append(rng.integers(0, count, n - 1), [0, count]))
    data = np.where(rng.random(count) < 0.1, 0, rng.normal(size=count))
    return ss.csr_matrix((data, rng.integers(0, m, count), indptr), shape=(n, m))


FORMATS = ("csr", "csc", "bsr", "coo")
MATRICES = {
    "random": random(6, 5),
    "tangled": tangled(6, 5, 30),
    "no_entries": ss.csr_matrix((6, 5)),
    "no_rows": ss.csr_matrix((0, 5)),
    "no_columns": ss.csr_matrix((6, 0)),
    "one": ss.csr_matrix([[3.0]]),
    "full": ss.csr_matrix(RNG.normal(size=(4, 5))),
}


def dense(x):
    return x.toarray() if ss.issparse(x) else np.asarray(x)


def variable(value):
    if ss.issparse(value):
        return sparse.matrix(value.format, dtype=value.dtype.name)
    return T.tensor(value.dtype.name, shape=(None,) * value.ndim)


def compute(build, *values):
    inputs = [variable(value) for value in values]
    return ct.function(inputs, build(*inputs), on_unused_input="ignore")(*values)


def check(build, expected, *values, rtol=1e-12):
    got, want = compute(build, *values), expected(*map(dense, values))
    assert got.shape == want.shape
    np.testing.assert_allclose(dense(got), want, rtol=rtol, atol=1e-13)
    return got


def sample(k, m):
    return np.random.default_rng(3).normal(size=(k, m))


# name: (function of sparse variables, the same of dense arrays, whether the result is sparse)
UNARY = {
    "transpose": (sparse.transpose, np.transpose, True),
    "neg": (sparse.neg, np.negative, True),
    "dense": (sparse.dense_from_sparse, lambda x: x, False),
    "sum": (sparse.sp_sum, np.sum, False),
    "column_sums": (lambda x: sparse.sp_sum(x, axis=0), lambda x: x.sum(0), False),
    "row_sums": (lambda x: x.sum(axis=1), lambda x: x.sum(1), False),
    "remove0": (sparse.remove0, lambda x: x, True),
    "clean": (sparse.clean, lambda x: x, True),
    "sorted": (sparse.ensure_sorted_indices, lambda x: x, True),
    "zeros_like": (sparse.sp_zeros_like, np.zeros_like, True),
    "double": (lambda x: sparse.add(x, x), lambda x: 2 * x, True),
    "difference": (lambda x: x - 3 * x, lambda x: -2 * x, True),
    "square": (lambda x: sparse.mul(x, x), lambda x: x * x, True),
    "scaled": (lambda x: 2.5 * x, lambda x: 2.5 * x, True),
    "gram": (lambda x: sparse.dot(x.T, x), lambda x: x.T @ x, True),
    "true_gram": (lambda x: sparse.true_dot(x, x.T), lambda x: x @ x.T, True),
    "columns_first": (lambda x: sparse.dot(x, x.T), lambda x: x @ x.T, True),
    "hstack": (lambda x: sparse.hstack([x, 2 * x]), lambda x: np.hstack([x, 2 * x]), True),
    "vstack": (lambda x: sparse.vstack([x, 2 * x], "csc"), lambda x: np.vstack([x, 2 * x]), True),
    "slices": (lambda x: x[1:4, ::2], lambda x: x[1:4, ::2], True),
    "rows": (lambda x: x[-3:], lambda x: x[-3:], True),
    "beyond": (lambda x: x[2:100:3, 4:1], lambda x: x[2:100:3, 4:1], True),
    "there_and_back": (lambda x: sparse.csr_from_dense(x.toarray()), lambda x: x, True),
    "by_columns": (lambda x: sparse.csc_from_dense(x.toarray()), lambda x: x, True),
    "ones_like": (lambda x: sparse.sp_ones_like(sparse.remove0(x + x)), lambda x: (x != 0) * 1.0, True),
    "neq": (lambda x: sparse.neq(x, 2 * x), lambda x: x != 2 * x, True),
    "lt": (lambda x: x < 2 * x, lambda x: x < 2 * x, True),
    "ge": (lambda x: x >= 2 * x, lambda x: x >= 2 * x, True),
    "eq": (lambda x: sparse.eq(x, -x), lambda x: x == -x, True),
}  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("which", MATRICES)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, which, format):
    build, expected, stays_sparse = UNARY[name]
    value = MATRICES[which] if format == "csr" else MATRICES[which].asformat(format)
    assert ss.issparse(check(build, expected, value)) == stays_sparse


VALUES = {
    name: getattr(T, name) for name in ("sin", "tanh", "expm1", "sqr", "ceil", "sgn", "arctan", "trunc")
}


@pytest.mark.parametrize("name", VALUES)
def test_functions_that_keep_zero(name):
    value = random(5, 4)
    check(getattr(sparse, name), lambda x: VALUES[name](x).eval(), value)


def test_structured_functions_leave_zeros():
    value = random(5, 4)
    stored = value.toarray() != 0
    check(sparse.structured_exp, lambda x: np.exp(x) * stored, value)
    check(sparse.structured_sigmoid, lambda x: stored / (1 + np.exp(-x)), value)
    check(lambda x: sparse.structured_pow(x, 2.0), lambda x: x**2, value)
    check(lambda x: sparse.structured_add(x, 1.0), lambda x: (x + 1) * stored, value)
    check(lambda x: sparse.structured_maximum(x, 0.5), lambda x: np.maximum(x, 0.5) * stored, value)


# name: (function of a sparse and a dense operand, the same of arrays, the shape of the latter by (n, m))
WITH_DENSE = {
    "dot": (sparse.dot, lambda a, b: a @ b, lambda n, m: (m, 3)),
    "dot_wide": (sparse.dot, lambda a, b: a @ b, lambda n, m: (m, 70)),
    "dot_empty": (sparse.dot, lambda a, b: a @ b, lambda n, m: (m, 0)),
    "dot_vector": (sparse.dot, lambda a, b: a @ b, lambda n, m: (m,)),
    "dot_left": (lambda a, b: sparse.dot(b, a), lambda a, b: b @ a, lambda n, m: (3, n)),
    "vector_left": (lambda a, b: sparse.dot(b, a), lambda a, b: b @ a, lambda n, m: (n,)),
    "operator": (lambda a, b: a @ b, lambda a, b: a @ b, lambda n, m: (m, 2)),
    "operator_left": (lambda a, b: b @ a, lambda a, b: b @ a, lambda n, m: (2, n)),
    "tensor_dot": (T.dot, lambda a, b: a @ b, lambda n, m: (m, 2)),
    "tensor_dot_left": (lambda a, b: T.dot(b, a), lambda a, b: b @ a, lambda n, m: (2, n)),
    "add_left": (lambda a, b: b + a, np.add, lambda n, m: (n, m)),
    "sub_left": (lambda a, b: b - a, lambda a, b: b - a, lambda n, m: (n, m)),
    "mul_left": (lambda a, b: b * a, np.multiply, lambda n, m: (n, m)),
    "structured_dot": (sparse.structured_dot, lambda a, b: a @ b, lambda n, m: (m, 3)),
    "usmm": (lambda a, b: sparse.usmm(2.0, a, b, 1.0), lambda a, b: 2 * a @ b + 1, lambda n, m: (m, 3)),
    "add": (sparse.add, np.add, lambda n, m: (n, m)),
    "sub": (lambda a, b: sparse.sub(b, a), lambda a, b: b - a, lambda n, m: (n, m)),
    "mul": (sparse.mul, np.multiply, lambda n, m: (n, m)),
    "mul_vector": (sparse.mul_s_v, np.multiply, lambda n, m: (m,)),
    "col_scale": (sparse.col_scale, np.multiply, lambda n, m: (m,)),
    "row_scale": (sparse.row_scale, lambda a, b: a * b[:, None], lambda n, m: (n,)),
    "add_vector": (sparse.structured_add_s_v, lambda a, b: a + b * (a != 0), lambda n, m: (m,)),
    "gt": (sparse.gt, np.greater, lambda n, m: (n, m)),
}
EXACT_PATTERN = {"add_vector"}  # adds to stored values, also where they are zero or come twice
DIFFERENTIABLE = [name for name in WITH_DENSE if name not in ("gt", "dot_empty")]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("which", MATRICES)
@pytest.mark.parametrize("name", WITH_DENSE)
def test_with_dense(name, which, format):
    build, expected, shape = WITH_DENSE[name]
    if name in EXACT_PATTERN and which == "tangled":
        which = "random"
    value = MATRICES[which] if format == "csr" else MATRICES[which].asformat(format)
    check(
        build,
        expected,
        value,
        sample(*shape(*value.shape))
        if len(shape(*value.shape)) == 2
        else (RNG.normal(size=shape(*value.shape))),
    )


@pytest.mark.parametrize("format", ["csr", "csc"])
@pytest.mark.parametrize("which", ["random", "tangled", "no_entries"])
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradient(name, which, format):
    """By stored values and by the dense operand, and second derivatives of their product."""
    build, _, shape = WITH_DENSE[name]
    value = MATRICES[which] if format == "csr" else MATRICES[which].asformat("csc")
    other = RNG.normal(size=shape(*value.shape))
    x, y = variable(value), variable(other)
    result = build(x, y)
    total = T.sum(T.sqr(result.data if isinstance(result, sparse.SparseVariable) else result))
    gradients = ct.function([x, y], ct.grad(total, [x, y], disconnected_inputs="ignore"))(value, other)
    cost = ct.function([x, y], total)

    def of_parts(data, dense_part):
        return float(cost(type(value)((data, value.indices, value.indptr), shape=value.shape), dense_part))

    want = numeric_gradients(of_parts, [value.data, other])
    assert gradients[0].format == format
    np.testing.assert_array_equal(gradients[0].indices, value.indices)
    np.testing.assert_allclose(gradients[0].data, want[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(gradients[1], want[1], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("build", [
    lambda x: sparse.dot(x, x.T), lambda x: sparse.mul(x, x + x), lambda x: sparse.hstack([x, x]),
    lambda x: x[1:5, ::2], lambda x: sparse.get_item_list(x, [2, 0, 2]), sparse.transpose, sparse.remove0,
    lambda x: sparse.structured_exp(x) - x, lambda x: sparse.cast(x, "float64"),
])  # fmt: skip
def test_gradient_through_sparse_results(build):
    value = random(6, 5, 0.4)
    x = variable(value)
    total = T.sum(T.sqr(build(x).toarray()))
    got = ct.function([x], ct.grad(total, x))(value)
    cost = ct.function([x], total)
    (want,) = numeric_gradients(
        lambda data: float(cost(ss.csr_matrix((data, value.indices, value.indptr), shape=value.shape))),
        [value.data],
    )
    np.testing.assert_allclose(got.data, want, rtol=1e-6, atol=1e-6)


def test_second_derivative():
    value, other = random(6, 5, 0.4), RNG.normal(size=(5, 3))
    x, w = variable(value), variable(other)
    first = ct.grad(T.sum(sparse.dot(x, w) ** 3), w)
    second = ct.function([x, w], ct.grad(T.sum(first**2), [x, w]))(value, other)
    f = ct.function([x, w], T.sum(first**2))
    want = numeric_gradients(
        lambda data, w: float(f(ss.csr_matrix((data, value.indices, value.indptr), shape=value.shape), w)),
        [value.data, other],
    )
    np.testing.assert_allclose(second[0].data, want[0], rtol=1e-5)
    np.testing.assert_allclose(second[1], want[1], rtol=1e-5, atol=1e-5)


# name: (function of two sparse matrices, the same of arrays)
PAIRS = {
    "add": (sparse.add, np.add),
    "sub": (sparse.sub, np.subtract),
    "mul": (sparse.mul, np.multiply),
    "neq": (sparse.neq, np.not_equal),
    "gt": (sparse.gt, np.greater),
    "le": (sparse.le, np.less_equal),
    "dot": (lambda a, b: sparse.dot(a, b.T), lambda a, b: a @ b.T),
    "hstack": (lambda a, b: sparse.hstack([a, b]), lambda a, b: np.hstack([a, b])),
    "vstack": (lambda a, b: sparse.vstack([a, b]), lambda a, b: np.vstack([a, b])),
}


@pytest.mark.parametrize("formats", [("csr", "csr"), ("csr", "csc"), ("csc", "csr"), ("coo", "csc")], ids=str)
@pytest.mark.parametrize("which", ["random", "tangled", "no_entries", "no_rows", "no_columns"])
@pytest.mark.parametrize("name", PAIRS)
def test_two_matrices(name, which, formats):
    first = MATRICES[which]
    second = tangled(*first.shape, 20, seed=4) if min(first.shape) else first
    check(*PAIRS[name], first.asformat(formats[0]), second.asformat(formats[1]))
    check(*PAIRS[name], second.asformat(formats[0]), first.asformat(formats[1]))


# ---- elements and parts
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("which", ["random", "tangled", "no_entries"])
def test_elements(which, format):
    value = MATRICES[which] if format == "csr" else MATRICES[which].asformat(format)
    rows, columns = np.array([0, 5, -1, 2, 0]), np.array([4, 0, -2, 2, 4])
    check(lambda x, i, j: sparse.get_item_2lists(x, i, j), lambda x, i, j: x[i, j], value, rows, columns)
    check(lambda x, i: sparse.get_item_list(x, i), lambda x, i: x[i], value, rows)
    check(lambda x: x[2, -1], lambda x: x[2, -1], value)
    check(lambda x: x[3], lambda x: x[3:4], value)
    check(lambda x: x[1:, 2], lambda x: x[1:, 2:3], value)
    check(
        sparse.diag,
        np.diag,
        ss.csr_matrix(value[:5].toarray()) if format == "csr" else value.tocsr()[:5].asformat(format),
    )


def test_diagonal_matrix():
    check(sparse.square_diagonal, np.diag, np.array([1.0, 0.0, 3.0]))
    check(sparse.square_diagonal, lambda x: np.zeros((0, 0)), np.zeros(0))


def test_parts_make_the_matrix():
    value = tangled(6, 5, 30)
    x = sparse.csr_matrix("x", "float64")
    data, indices, indptr, shape = sparse.csm_properties(x)
    f = ct.function([x], [data, indices, indptr, shape, sparse.CSR(data, indices, indptr, shape)])
    *parts, again = f(value)
    for got, want in zip(parts, (value.data, value.indices, value.indptr, value.shape), strict=True):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(again.data, value.data)
    y = sparse.CSC([1.0, 2.0], [0, 1], [0, 2], (2, 1))
    np.testing.assert_array_equal(y.eval().toarray(), [[1], [2]])


def test_sampling_dot_and_its_gradient():
    pattern, x, y = random(6, 5, 0.4), RNG.normal(size=(6, 40)), RNG.normal(size=(5, 40))
    check(lambda p, a, b: sparse.sampling_dot(a, b, p), lambda p, a, b: p * (a @ b.T), pattern, x, y)
    p, a, b = variable(pattern), variable(x), variable(y)
    total = T.sum(T.sqr(sparse.sampling_dot(a, b, p).data))
    got = ct.function([p, a, b], ct.grad(total, [a, b]))(pattern, x, y)
    f = ct.function([p, a, b], total)
    for g, want in zip(got, numeric_gradients(lambda x, y: float(f(pattern, x, y)), [x, y]), strict=True):
        np.testing.assert_allclose(g, want, rtol=1e-6, atol=1e-6)


def test_structured_dot_grad_is_the_gradient():
    value, other, g = random(6, 5), RNG.normal(size=(5, 3)), RNG.normal(size=(6, 3))
    got = compute(sparse.structured_dot_grad, value, other, g)
    np.testing.assert_allclose(got.toarray(), (g @ other.T) * (value.toarray() != 0), rtol=1e-12)


def test_rows_make_a_matrix():
    rows, index = RNG.normal(size=(3, 4)), np.array([5, 1, 5])
    want = np.zeros((6, 4))
    np.add.at(want, index, rows)
    check(
        lambda x, y, i: sparse.construct_sparse_from_list(x, y, i),
        lambda *_: want,
        np.zeros((6, 4)),
        rows,
        index,
    )


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "float64"])
def test_dtypes(dtype):
    value = (random(7, 6, 0.4) * 10).astype(dtype)
    other = (10 * RNG.normal(size=(6, 4))).astype(dtype)
    got = compute(sparse.dot, value, other)
    assert got.dtype == (value @ other).dtype
    np.testing.assert_allclose(got, value @ other, rtol=1e-5)
    assert compute(lambda x: x + x, value).dtype == dtype
    assert compute(lambda x: sparse.cast(x, "float32"), value).dtype == "float32"


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("format", ["csr", "csc"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_product(dtype, format, threads):
    """Many chunks, and widths beside the block of the loops; the same bits for any number of threads."""
    value = random(900, 700, 0.05, dtype=dtype).asformat(format)
    before = ct.num_threads()
    try:
        for width in (1, 31, 32, 33, 100):
            other = np.random.default_rng(0).normal(size=(700, width)).astype(dtype)
            ct.set_num_threads(threads)
            got = compute(sparse.dot, value, other)
            np.testing.assert_allclose(
                got, value @ other, rtol=1e-4 if dtype == "float32" else 1e-11, atol=1e-4
            )
            ct.set_num_threads(1)
            np.testing.assert_array_equal(got, compute(sparse.dot, value, other))
    finally:
        ct.set_num_threads(before)


def test_reference_mode():
    value, other = random(6, 5, 0.4), RNG.normal(size=(5, 3))
    x, w = variable(value), variable(other)
    y = sparse.dot(x, w)
    f = ct.function([x, w], [y, ct.grad(y.sum(), x), ct.grad(y.sum(), w)], mode="reference")
    g = ct.function([x, w], [y, ct.grad(y.sum(), x), ct.grad(y.sum(), w)])
    for got, want in zip(f(value, other), g(value, other), strict=True):
        np.testing.assert_allclose(dense(got), dense(want), rtol=1e-14)


# ---- functions and shared variables
def test_results_have_the_form_of_outputs():
    x, w = sparse.csr_matrix("x", "float64"), T.dvector("w")
    value = random(3, 4)
    assert ss.issparse(ct.function([x], x.T)(value))
    assert list(ct.function([x, w], {"a": w, "b": x})(value, np.ones(2))) == ["a", "b"]
    assert ct.function([x], [])(value) == []
    f = ct.function([x, w], sparse.dot(x, w))
    np.testing.assert_array_equal(f(value, np.ones(4)), f(w=np.ones(4), x=value))
    np.testing.assert_array_equal(f(value, w=np.ones(4)), value @ np.ones(4))
    np.testing.assert_array_equal((x + x).eval({x: value}).toarray(), 2 * value.toarray())


def test_constants_and_shared_variables():
    value = random(5, 4)
    w = T.dvector("w")
    f = ct.function([w], sparse.dot(sparse.as_sparse_variable(value), w))
    np.testing.assert_allclose(f(np.ones(4)), value @ np.ones(4))
    state = ct.shared(value, "state")
    step = ct.function([], sparse.sp_sum(state), updates=[(state, 2 * state)])
    assert float(step()) == pytest.approx(value.sum())
    np.testing.assert_allclose(state.get_value().toarray(), 2 * value.toarray())
    state.set_value(random(9, 2))
    assert float(step()) == pytest.approx(random(9, 2).sum())
    loss = T.sum(sparse.dot(state, T.ones((2, 3))) ** 2)
    descent = ct.function([], loss, updates=[(state, state - 0.01 * ct.grad(loss, state))])
    assert float(descent()) > float(descent()) > float(descent())


def test_givens():
    x, y = sparse.csr_matrix("x", "float64"), sparse.csr_matrix("y", "float64")
    value = random(3, 4)
    f = ct.function([y], sparse.sp_sum(x), givens={x: 2 * y})
    assert float(f(value)) == pytest.approx(2 * value.sum())


def test_expressions_do_not_need_scipy():
    code = "import sys, croton; from croton import sparse as s; s.dot(s.csr_matrix('x'), s.csc_matrix('y'))"
    subprocess.run([sys.executable, "-c", code + "; assert 'scipy' not in sys.modules"], check=True)


# ---- errors
def call(inputs, output, *values):
    return lambda: ct.function(inputs, output)(*values)


def shared_of_another_format():
    state = ct.shared(random(3, 3))
    ct.function([], [], updates=[(state, state.T)])


X, Y, W = sparse.csr_matrix("x", "float64"), sparse.csr_matrix("y", "float64"), T.dmatrix("w")
F = sparse.csr_fmatrix("f")
BROKEN = random(3, 4, 0.9)
BROKEN.indices[0] = 9
PAIR = random(3, 4), random(4, 3)


def sizes(text, inputs, output, *values):
    return ValueError, f"^sparse.{text} .*test_sparse.py", call(inputs, output, *values)


V = T.dvector("v")
ROWS = "required as many rows in 'x' as in 'y', given 3 and 4"
ROWS_OF_DENSE = "required as many rows in 'x' as in 'w', given 3 and 5"
DENSE = random(3, 4), np.ones((5, 4))
LINE = random(3, 4), np.ones(3)
ERRORS = {
    "dense_argument": (TypeError, "a sparse matrix of SciPy", call([X], X, np.ones((2, 2)))),
    "dtype": (TypeError, "a matrix of float32", call([F], F, random(3, 3))),
    "rows_of_dense": sizes(
        "dot: required as many columns in 'x' as rows in 'w', given 4 and 5", [X, W], sparse.dot(X, W), *DENSE
    ),
    "columns_of_dense": sizes(
        "dot: required as many rows in 'x' as columns in 'w', given 3 and 4", [X, W], sparse.dot(W, X), *DENSE
    ),
    "inner_sizes": sizes(
        "dot: required as many columns in 'x' as rows in 'y', given 4 and 3",
        [X, Y],
        sparse.dot(X, Y),
        random(3, 4),
        random(3, 4),
    ),
    "inner_sizes_of_formats": sizes(
        "dot: required as many columns in 'x' as rows in the sparse matrix, given 4 and 5",
        [X, Y],
        sparse.dot(X, Y.T),
        random(3, 4),
        random(3, 5),
    ),
    "vector": sizes(
        "dot: required as many columns in 'x' as elements in 'v', given 4 and 3", [X, V], X.dot(V), *LINE
    ),
    "add": sizes(f"add: {ROWS}", [X, Y], X + Y, *PAIR),
    "sub": sizes(f"sub: {ROWS}", [X, Y], X - Y, *PAIR),
    "mul": sizes(f"mul: {ROWS}", [X, Y], X * Y, *PAIR),
    "lt": sizes(f"lt: {ROWS}", [X, Y], X < Y, *PAIR),
    "eq": sizes(f"eq: {ROWS}", [X, Y], sparse.eq(X, Y), *PAIR),
    "hstack": sizes(f"hstack: {ROWS}", [X, Y], sparse.hstack([X, Y]), *PAIR),
    "add_s_s_data": sizes(f"add_s_s_data: {ROWS}", [X, Y], sparse.add_s_s_data(X, Y), *PAIR),
    "add_columns": sizes(
        "add: required as many columns in 'x' as in 'y', given 4 and 5",
        [X, Y],
        X + Y,
        random(3, 4),
        random(3, 5),
    ),
    "vstack": sizes(
        "vstack: required as many columns in 'x' as in 'y', given 4 and 3",
        [X, Y],
        sparse.vstack([X, Y]),
        *PAIR,
    ),
    "entries": sizes(
        "add_s_s_data: required as many entries in 'x' as in 'y', given",
        [X, Y],
        sparse.add_s_s_data(X, Y),
        random(3, 4, 0.2),
        random(3, 4, 0.9),
    ),
    "add_dense": sizes(f"add: {ROWS_OF_DENSE}", [X, W], X + W, *DENSE),
    "sub_from_dense": sizes(f"sub: {ROWS_OF_DENSE}", [X, W], W - X, *DENSE),
    "mul_dense": sizes(f"mul: {ROWS_OF_DENSE}", [X, W], W * X, *DENSE),
    "ge_dense": sizes(f"ge: {ROWS_OF_DENSE}", [X, W], sparse.ge(W, X), *DENSE),
    "sampling_dot": sizes(
        "sampling_dot: required as many rows in 'x' as in 'w', given 3 and 5",
        [X, W],
        sparse.sampling_dot(W, W, X),
        *DENSE,
    ),
    "diag": sizes(
        "diag: required as many rows as columns in 'x', given 3 and 4", [X], sparse.diag(X), random(3, 4)
    ),
    **{
        name: sizes(
            f"{name}: required as many columns in 'x' as elements in 'v', given 4 and 3",
            [X, V],
            getattr(sparse, name)(X, V),
            *LINE,
        )
        for name in ("mul", "col_scale", "structured_add_s_v")
    },
    "row_scale": sizes(
        "row_scale: required as many rows in 'x' as elements in 'v', given 3 and 4",
        [X, V],
        sparse.row_scale(X, V),
        random(3, 4),
        np.ones(4),
    ),
    "no_vector": (ValueError, "sparse.row_scale: required a vector", lambda: sparse.row_scale(X, W)),
    "position": (IndexError, "position 3 is out of range for axis 0", call([X], X[3, 0], random(3, 4))),
    "column": (IndexError, "position 4 is out of range for axis 1", call([X], X[0, 4], random(3, 4))),
    "part_of_row": (IndexError, "position -4 is out", call([X], X[-4, :2], random(3, 4))),
    "pairs": (
        IndexError,
        "position 4 is out of range for axis 1",
        call([X], X[[0, 1], [0, 4]], random(3, 4)),
    ),
    "no_sparse": (TypeError, "a sparse matrix", lambda: sparse.add(W, W)),
    "format": (ValueError, "a format of csr", lambda: sparse.matrix("lil")),
    "not_sparse": (TypeError, "a sparse matrix", lambda: sparse.neg(W)),
    "vectors": (ValueError, "three vectors", lambda: sparse.CSR(W, [0], [0, 1], (1, 1))),
    "step": (NotImplementedError, "a positive step", lambda: X[::-1]),
    "rank": (ValueError, "a matrix or vector", lambda: sparse.dot(X, T.dtensor3())),
    "truth": (TypeError, "a number", lambda: bool(X)),
    "row": (IndexError, "7", call([X], sparse.get_item_list(X, [7]), random(3, 4))),
    "bad_indices": (
        IndexError,
        "from 0 to 3, given 9",
        call([X, W], sparse.dot(X, W), BROKEN, np.ones((4, 2))),
    ),
    "another_format": (TypeError, "in the format csr", shared_of_another_format),
}


@pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])
def test_every_mode_checks_sizes(mode):
    f = ct.function([X, W], sparse.dot(X, W), mode=mode)
    assert f(random(3, 4), np.ones((4, 2))).shape == (3, 2)
    for rows in (3, 5):
        with pytest.raises(ValueError, match=f"sparse.dot: required .* given 4 and {rows}"):
            f(random(3, 4), np.ones((rows, 2)))


def test_sizes_that_are_known_differ_at_once():
    square = sparse.square_diagonal(np.ones(3))
    with pytest.raises(ValueError, match=r"sparse.dot: required as many columns .* given 3 and 4"):
        sparse.dot(square, np.ones((4, 2)))


@pytest.mark.parametrize("shape", [(3, 4), (1, 4), (3, 1), (1, 1), (4,), (1,), ()])
@pytest.mark.parametrize("rows", [3, 0, 1])
def test_dense_operands_broadcast(shape, rows):
    shape = tuple(rows if k == 0 and n == 3 else n for k, n in enumerate(shape))
    a, b = random(rows, 4), np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape)
    w = T.TensorType("float64", (None,) * len(shape))("w")
    f = ct.function([X, w], [sparse.add(X, w), sparse.sub(w, X), sparse.lt(X, w), sparse.mul(X, w).toarray()])
    dense = a.toarray()
    for got, want in zip(f(a, b), [dense + b, b - dense, dense < b, dense * b], strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    kind, text, act = ERRORS[name]
    with pytest.raises(kind, match=text):
        act()

"""Random streams: bits, states, updates, shapes, gradients, errors; test_random_laws.py has the laws."""

import numpy as np
import pytest
from checks import finite_difference

import croton as ct
import croton.tensor as T
from croton.random import RandomStream, default_rng
from croton.sandbox.rng_mrg import MRG_RandomStreams
from croton.tensor.shared_randomstreams import RandomStreams

# Counter, key and result as in Random123's file of known answers for philox4x32-10.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def word(low, high):
    return np.array(low | high << 32, "uint64")


@pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])
@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_known_answers(counter, key, result, mode):
    x, y, z = (T.TensorType("uint64", ())(name) for name in "xyz")
    f = ct.function([x, y, z], [T.philox(x, y, z), T.philox_second(x, y, z)], mode=mode)
    first, second = f(word(*counter[:2]), word(*key), word(*counter[2:]))
    assert (first, second) == (word(*result[:2]), word(*result[2:]))


def test_uniform_is_the_block_of_its_position():
    """The whole way from a seed to a number, worked out by hand."""
    got = ct.function([], RandomStream(5).random(size=(2, 3)))()
    key = int(np.random.SeedSequence(5).generate_state(1, np.uint64)[0])
    bits = T.philox(np.arange(6, dtype="uint64"), np.uint64(key), np.uint64(0)).eval()
    np.testing.assert_array_equal(got.ravel(), (bits >> np.uint64(11)) * 2.0**-53)


# ---- one value in a call, another in the next
def test_one_draw_is_one_value():
    x = RandomStream(1).normal(size=50)
    first, twice, total = ct.function([], [x, 2 * x, x.sum()])()
    np.testing.assert_array_equal(twice, 2 * first)
    np.testing.assert_allclose(total, first.sum(), rtol=1e-12)


def test_all_bits_differ():
    """Of elements, calls, draws and streams."""
    rng = RandomStream(1)
    draws = [stream.integers(2**63 - 1, size=500) for stream in [rng, rng, *rng.spawn(2), RandomStream(2)]]
    f = ct.function([], draws)
    values = np.concatenate([value for _ in range(4) for value in f()])
    assert len(set(values.tolist())) == values.size == 10000


def test_calls_go_on_where_the_last_one_ended():
    """Whatever the sizes of the calls, one after the other they are the same sequence."""
    n = T.lscalar("n")
    f = ct.function([n], RandomStream(3).random(size=n))
    parts = np.concatenate([f(5), f(0), f(1), f(14)])
    np.testing.assert_array_equal(parts, ct.function([], RandomStream(3).random(size=20))())


def test_functions_share_the_state_of_a_draw():
    x = RandomStream(3).random(size=4)
    f, g = ct.function([], x), ct.function([], x + 0)
    np.testing.assert_array_equal(np.concatenate([f(), g()]), RandomStream(3).random(size=8).eval())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["random", "standard_normal", "standard_exponential"])
def test_threads_and_fusion_make_no_difference(name, dtype):
    shape = (300, 1001)
    mask = T.TensorType("bool", (None, None))("mask")
    results = []
    for threads in (1, 2):
        before = ct.num_threads()
        ct.set_num_threads(threads)
        try:
            x = getattr(RandomStream(4), name)(size=shape, dtype=dtype)
            alone = ct.function([], x, no_default_updates=True)()
            fused, _ = ct.function([mask], [T.where(mask, x, 0), T.exp(-x).sum(axis=1)])(np.ones(shape, bool))
            results += [alone, fused]
        finally:
            ct.set_num_threads(before)
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


# ---- states
def test_no_default_updates():
    rng = RandomStream(1)
    x, y = rng.random(), rng.random()
    fixed = ct.function([], [x, y], no_default_updates=True)
    assert fixed() == fixed()
    half = ct.function([], [x, y], no_default_updates=[x.rng])
    (a, b), (c, d) = half(), half()
    assert a == c
    assert b != d
    by_hand = ct.function([], [x, y], updates=rng.updates(), no_default_updates=True)
    (a, b), (c, d) = by_hand(), by_hand()
    assert a != c
    assert b != d
    assert rng.state_updates == rng.updates() == [x.update, y.update]


def test_seed_and_state():
    rng = RandomStream(1)
    f = ct.function([], [rng.random(size=3), rng.normal(size=2)])
    start = f()
    state = rng.get_state()
    later = f()
    rng.set_state(state)
    for got, want in zip(f(), later, strict=True):
        np.testing.assert_array_equal(got, want)
    for seed in (None, 1):
        rng.seed(seed)
        np.testing.assert_array_equal(f()[0], start[0])
    rng.seed(2)
    other = f()
    assert not (other[0] == start[0]).any()
    rng.seed()
    np.testing.assert_array_equal(f()[0], other[0])
    assert state == {"key": state["key"], "offsets": [3, 2]}


def test_state_of_one_draw():
    rng = RandomStreams(1)
    x = rng.uniform((3,))
    f = ct.function([], x)
    state = rng[x.rng].copy()
    first = f()
    rng[x.rng] = state
    np.testing.assert_array_equal(f(), first)
    with pytest.raises(KeyError, match="required the `rng` of a draw"):
        rng[ct.shared(1)]


def test_seeds():
    def values(seed):
        return RandomStream(seed).random(size=4).eval()

    np.testing.assert_array_equal(values(7), values(np.random.SeedSequence(7)))
    np.testing.assert_array_equal(values([7, 8]), values((7, 8)))
    assert not (values(None) == values(None)).any()
    rng = RandomStream(1)
    assert default_rng(rng) is rng
    a, b = RandomStream(7).split()
    c, _ = RandomStream(7).spawn(2)
    np.testing.assert_array_equal(a.random(size=4).eval(), c.random(size=4).eval())
    assert not (a.random(size=4).eval() == b.random(size=4).eval()).any()


# ---- shapes and dtypes
def test_sizes():
    x = T.dmatrix("x")
    sizes = T.lvector("sizes")
    rng = RandomStream(1)
    array = np.ones((3, 1))
    cases = [
        (rng.normal(size=x.shape), (3, 1)),
        (rng.normal(x, size=(3, 4)), (3, 4)),
        (rng.normal(x, T.ones(5)), (3, 5)),
        (rng.normal(), ()),
        (rng.normal(size=()), ()),
        (rng.normal(size=0), (0,)),
        (rng.normal(size=(2, 0, 3)), (2, 0, 3)),
        (rng.normal(size=np.array([2, 3])), (2, 3)),
        (rng.normal(size=(x.shape[0], 2)), (3, 2)),
        (rng.normal(size=sizes, ndim=2), (4, 6)),
        (rng.normal(x, ndim=2), (3, 1)),
    ]
    for draw, shape in cases:
        f = ct.function([x, sizes], draw, on_unused_input="ignore")
        assert f(array, [4, 6]).shape == shape


def test_dtypes():
    rng = RandomStream(1)
    f32 = T.fvector("f32")
    assert rng.normal().dtype == "float64"
    assert rng.normal(f32).dtype == "float64"
    with ct.change_flags(floatX="float32"):
        assert rng.normal(f32).dtype == "float32"
        assert rng.normal(T.dscalar()).dtype == "float64"
        assert rng.normal(1.0).dtype == "float32"
        assert rng.poisson(2.5).dtype == "int64"
    for dtype in ("float16", "float32"):
        value = rng.uniform(size=1000, dtype=dtype).eval()
        assert value.dtype == dtype
        assert 0.4 < value.mean(dtype="float64") < 0.6
    for dtype in ("int8", "uint8", "int32", "uint64", "float32"):
        assert rng.binomial(9, 0.5, size=3, dtype=dtype).eval().dtype == dtype


def test_bounds_of_integers():
    rng = RandomStream(1)
    for low, high, dtype in [
        (-(2**63), 2**63 - 1, "int64"),
        (0, 2**64 - 1, "uint64"),
        (2**64 - 3, 2**64 - 1, "uint64"),
        (-3, -3, "int64"),
        (-128, 127, "int8"),
    ]:
        x = rng.integers(low, high, size=2000, dtype=dtype, endpoint=True).eval()
        assert x.dtype == dtype
        assert low <= int(x.min())
        assert int(x.max()) <= high
        spread = (high - low) // 50
        assert int(x.min()) <= low + spread
        assert int(x.max()) >= high - spread
    low, high = T.lvector("low"), T.lvector("high")
    f = ct.function([low, high], rng.integers(low, high))
    np.testing.assert_array_equal(f([3, -5, 10**15], [4, -4, 10**15 + 1]), [3, -5, 10**15])


# ---- gradients: with its state kept, a draw is a function of its parameters
SMOOTH = {
    "uniform": [1.0, 2.0],
    "normal": [1.0, 2.0],
    "truncated_normal": [1.0, 2.0, -0.5, 1.5],
    "lognormal": [0.1, 0.3],
    "exponential": [2.0],
    "laplace": [1.0, 2.0],
    "logistic": [1.0, 2.0],
    "gumbel": [1.0, 2.0],
    "weibull": [1.5],
    "pareto": [4.0],
    "power": [1.5],
    "rayleigh": [2.0],
    "vonmises": [0.1],
    "gamma": [2.0],
}
LAST = {"vonmises": (500.0,)}


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients(name):
    values = [np.full(40, value) + 0.01 * np.arange(40) for value in SMOOTH[name]]
    inputs = [T.dvector(f"p{k}") for k in range(len(values))]
    arguments = (3.0, *inputs) if name == "gamma" else (*inputs, *LAST.get(name, ()))
    x = getattr(RandomStream(2), name)(*arguments)
    options = {"no_default_updates": True, "on_unused_input": "ignore"}
    f = ct.function(inputs, x, **options)
    gradients = ct.function(inputs, ct.grad(x.sum(), inputs), **options)(*values)
    for k, got in enumerate(gradients):
        np.testing.assert_allclose(got, finite_difference(f, values, k), rtol=1e-6, atol=1e-8)


def test_shapes_of_gamma_have_no_gradient():
    a = T.dscalar("a")
    with pytest.raises(ct.DisconnectedInputError):
        ct.grad(RandomStream(1).standard_gamma(a), a)


def test_gradient_of_multivariate_normal():
    mean = T.dvector("mean")
    x = RandomStream(1).multivariate_normal(mean, np.eye(2), size=5)
    np.testing.assert_array_equal(ct.function([mean], ct.grad(x.sum(), mean))([1.0, 2.0]), [5, 5])


# ---- errors
R = RandomStream(1)
ERRORS = [
    (lambda: R.normal(scale=-1.0), ValueError, "required scale >= 0, given -1.0"),
    (lambda: R.normal(np.array([1.0, np.nan])), ValueError, "required a number as loc"),
    (lambda: R.normal("a"), TypeError, "numbers or a symbolic variable"),
    (lambda: R.normal(size=-1), ValueError, "sizes of 0 or more"),
    (lambda: R.normal(size=(2, 3), ndim=1), ValueError, "ndim = 1"),
    (lambda: R.normal(size=1.5), TypeError, "integer scalars"),
    (lambda: R.normal(np.ones(3), size=2), ValueError, "broadcast"),
    (lambda: R.normal(dtype="int32"), TypeError, "a dtype of floats"),
    (lambda: R.poisson(1.0, dtype="complex64"), TypeError, "a dtype of real numbers"),
    (lambda: R.poisson(-1.0), ValueError, "lam >= 0"),
    (lambda: R.binomial(2.5, 0.5), ValueError, "a whole number of 0 or more as n"),
    (lambda: R.binomial(2, 1.5), ValueError, "0 <= p <= 1"),
    (lambda: R.geometric(0.0), ValueError, "0 < p <= 1"),
    (lambda: R.logseries(1.0), ValueError, "0 < p < 1"),
    (lambda: R.zipf(1.0), ValueError, "a > 1"),
    (lambda: R.beta(0.0, 1.0), ValueError, "a > 0"),
    (lambda: R.integers(3, 3), ValueError, "low < high"),
    (lambda: R.integers(4, 3, endpoint=True), ValueError, "low <= high"),
    (lambda: R.integers(1.5), TypeError, "integer bounds"),
    (lambda: R.integers(129, dtype="int8"), ValueError, "within -128 to 127"),
    (lambda: R.integers(-1, 5, dtype="uint8"), ValueError, "within 0 to 255"),
    (lambda: R.integers(0, 256, dtype="uint8", endpoint=True), ValueError, "within 0 to 255"),
    (lambda: R.choice(0, 3), ValueError, "choice: required elements"),
    (lambda: R.choice(T.zeros(0), 3), ValueError, "choice: required elements"),
    (lambda: R.choice(3, 4, p=[0.5, 0.5]), ValueError, "one chance for each of 3, given 2"),
    (lambda: R.choice(3, 4, replace=False), ValueError, "at most 3 elements"),
    (lambda: R.choice(3, 4, p=[[1.0]]), ValueError, "a vector as p"),
    (lambda: R.multivariate_normal(1.0, [[1.0]]), ValueError, "a vector as mean"),
    (lambda: R.multivariate_normal([1.0], [[1.0]], method="lu"), ValueError, "a method of"),
    (lambda: R.dirichlet(1.0), ValueError, "vectors"),
    (lambda: R.multinomial(T.lvector(), T.dvector()), NotImplementedError, "declare 64 outcomes"),
    (lambda: R.multivariate_hypergeometric(3, 2), ValueError, "vectors"),
    (lambda: R.multivariate_hypergeometric([1.5], 1), ValueError, "whole number of 0 or more as colors"),
    (lambda: R.multivariate_hypergeometric(T.lvector(), 2), NotImplementedError, "known number of kinds"),
    (lambda: R.set_state({"key": 1, "offsets": []}), ValueError, "offsets of"),
    (lambda: R.set_state(3), TypeError, "what get_state gives"),
    (lambda: RandomStream("x"), TypeError, "an integer of 0 or more"),
    (lambda: RandomStream(-1), ValueError, "an integer of 0 or more"),
    (lambda: MRG_RandomStreams(1).choice(2, a=5), TypeError, "a=None"),
    (lambda: MRG_RandomStreams(1).multinomial(pvals=[0.5, 0.5]), TypeError, "a matrix as pvals"),
]


@pytest.mark.parametrize("case", range(len(ERRORS)))
def test_errors(case):
    call, kind, text = ERRORS[case]
    with pytest.raises(kind, match=text.replace("(", r"\(")):
        call()


# ---- Theano's names
def test_theano_streams():
    rng = RandomStreams(seed=234)
    assert T.shared_randomstreams.RandomStreams is RandomStreams
    draws = [
        rng.uniform((2, 2)),
        rng.uniform(low=T.zeros(3), high=1.0),
        rng.normal((4,), avg=1.0, std=2.0, dtype="float32"),
        rng.binomial((5,), n=3, p=0.5),
        rng.binomial((5,), n=3, prob=1.0),
        rng.random_integers((100,), 1, 3),
        rng.choice((6,), a=4, p=[0.0, 0.0, 1.0, 0.0]),
        rng.poisson((3,), lam=2.0),
        rng.permutation((2,), n=5),
        rng.multinomial((7,), n=4, pvals=[0.5, 0.5]),
        rng.shuffle_row_elements(T.arange(6).reshape((2, 3))),
    ]
    values = ct.function([], draws)()
    shapes = [(2, 2), (3,), (4,), (5,), (5,), (100,), (6,), (3,), (2, 5), (7, 2), (2, 3)]
    assert [value.shape for value in values] == shapes
    assert values[2].dtype == "float32"
    assert set(values[4]) == {3}
    assert set(values[5]) == {1, 2, 3}
    assert set(values[6]) == {2}
    np.testing.assert_array_equal(np.sort(values[8], axis=1), [range(5)] * 2)
    np.testing.assert_array_equal(values[9].sum(axis=1), [4] * 7)
    np.testing.assert_array_equal(np.sort(values[10], axis=1), [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "complex64", "bool"])
@pytest.mark.parametrize("replace", [True, False])
def test_chosen_elements_keep_their_dtype(dtype, replace):
    elements = np.array([0, 0.5, 1.5]).astype(dtype)
    rng = RandomStreams(seed=1)
    drawn = ct.function([], rng.choice((3,), elements, replace))()
    assert drawn.dtype == dtype
    assert set(drawn.tolist()) <= set(elements.tolist())
    assert rng.choice((3,), elements, replace, dtype="complex128").dtype == "complex128"
    assert rng.choice((3,), 5, replace).dtype == "int64"


def test_integers_up_to_the_ends_of_their_dtype():
    drawn = ct.function([], RandomStream(1).integers(-128, 128, size=5000, dtype="int8"))()
    assert drawn.dtype == "int8"
    assert (drawn.min(), drawn.max()) == (-128, 127)


def test_mrg_streams():
    rng = MRG_RandomStreams()
    p = T.dmatrix("p")
    draws = [
        rng.uniform((3,), nstreams=4),
        rng.normal((1000,), truncate=True),
        rng.truncated_normal((1000,), avg=1.0, std=0.5),
        rng.binomial((3,), n=2, p=0.5),
        rng.multinomial(pvals=p),
        rng.multinomial(n=5, pvals=p),
        rng.choice(size=4, p=p),
        rng.choice(size=2, replace=False, p=p),
        rng.multinomial_wo_replacement(n=3, pvals=p),
    ]
    f = ct.function([p], draws)
    chances = np.array([[0.2, 0.3, 0.5], [0.0, 0.5, 0.5]])
    values = f(chances)
    assert [v.shape for v in values[3:]] == [(3,), (2, 3), (2, 3), (2, 4), (2, 2), (2, 3)]
    assert np.abs(values[1]).max() <= 2
    assert np.abs(values[2] - 1).max() <= 1
    np.testing.assert_array_equal(values[4].sum(axis=1), [1, 1])
    np.testing.assert_array_equal(values[5].sum(axis=1), [5, 5])
    assert values[5][1, 0] == 0
    np.testing.assert_array_equal(np.sort(values[7][1]), [1, 2])
    np.testing.assert_array_equal(np.sort(values[8], axis=1), [[0, 1, 2]] * 2)
    first = f(chances)[0]
    rng.set_rstate(12345)
    np.testing.assert_array_equal(f(chances)[0], values[0])
    np.testing.assert_array_equal(f(chances)[0], first)

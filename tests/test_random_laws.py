"""The laws of draws against SciPy's: Kolmogorov-Smirnov, chi-square and moments, by fixed seeds."""

import numpy as np
import pytest
import scipy.stats as st

import croton as ct
import croton.tensor as T
from croton.random import RandomStream
from croton.random.arrays import MOST_CATEGORIES

N = 40_000
LEAST = 1e-4  # the p-value below which a test fails: one seed of 10,000 would

# Method, arguments, SciPy's distribution.
CONTINUOUS = [
    ("random", (), st.uniform()),
    ("uniform", (2.0, 5.0), st.uniform(2, 3)),
    ("standard_normal", (), st.norm()),
    ("normal", (1.0, 2.0), st.norm(1, 2)),
    ("truncated_normal", (1.0, 2.0, -0.5, 3.0), st.truncnorm(-0.5, 3, 1, 2)),
    ("truncated_normal", (0.0, 1.0, 3.0, 4.0), st.truncnorm(3, 4)),
    ("truncated_normal", (0.0, 1.0, -9.0, -5.0), st.truncnorm(-9, -5)),
    ("lognormal", (0.3, 0.7), st.lognorm(0.7, scale=np.exp(0.3))),
    ("standard_exponential", (), st.expon()),
    ("exponential", (2.0,), st.expon(scale=2)),
    ("laplace", (1.0, 2.0), st.laplace(1, 2)),
    ("logistic", (1.0, 2.0), st.logistic(1, 2)),
    ("gumbel", (1.0, 2.0), st.gumbel_r(1, 2)),
    ("standard_cauchy", (), st.cauchy()),
    ("weibull", (1.7,), st.weibull_min(1.7)),
    ("weibull", (0.3,), st.weibull_min(0.3)),
    ("pareto", (5.5,), st.lomax(5.5)),
    ("power", (0.4,), st.powerlaw(0.4)),
    ("rayleigh", (2.0,), st.rayleigh(scale=2)),
    ("triangular", (1.0, 2.0, 5.0), st.triang(0.25, 1, 4)),
    ("wald", (2.0, 3.0), st.invgauss(2 / 3, scale=3)),
    ("wald", (200.0, 1.0), st.invgauss(200, scale=1)),
    ("vonmises", (0.0, 0.3), st.vonmises(0.3)),
    ("vonmises", (0.0, 20.0), st.vonmises(20)),
    ("vonmises", (0.0, 1e7), st.norm(0, 1e-7**0.5)),
    ("standard_gamma", (0.3,), st.gamma(0.3)),
    ("standard_gamma", (1.0,), st.expon()),
    ("standard_gamma", (1e6,), st.gamma(1e6)),
    ("gamma", (2.5, 3.0), st.gamma(2.5, scale=3)),
    ("chisquare", (1.5,), st.chi2(1.5)),
    ("noncentral_chisquare", (1.5, 2.0), st.ncx2(1.5, 2)),
    ("f", (3.0, 9.0), st.f(3, 9)),
    ("noncentral_f", (3.0, 9.0, 2.0), st.ncf(3, 9, 2)),
    ("beta", (0.5, 0.7), st.beta(0.5, 0.7)),
    ("beta", (20.0, 3.0), st.beta(20, 3)),
    ("standard_t", (5.5,), st.t(5.5)),
]
DISCRETE = [
    ("integers", (-3, 4), st.randint(-3, 4)),
    ("bernoulli", (0.3,), st.bernoulli(0.3)),
    ("binomial", (10, 0.3), st.binom(10, 0.3)),
    ("binomial", (100, 0.9), st.binom(100, 0.9)),
    ("binomial", (60, 0.45), st.binom(60, 0.45)),
    ("binomial", (10_000, 0.2), st.binom(10_000, 0.2)),
    ("negative_binomial", (2.5, 0.3), st.nbinom(2.5, 0.3)),
    ("poisson", (0.7,), st.poisson(0.7)),
    ("poisson", (9.5,), st.poisson(9.5)),
    ("poisson", (10.5,), st.poisson(10.5)),
    ("poisson", (17.0,), st.poisson(17)),
    ("poisson", (1000.0,), st.poisson(1000)),
    ("geometric", (0.3,), st.geom(0.3)),
    ("logseries", (0.7,), st.logser(0.7)),
    ("logseries", (0.05,), st.logser(0.05)),
    ("hypergeometric", (5, 7, 4), st.hypergeom(12, 5, 4)),
    ("hypergeometric", (50, 70, 40), st.hypergeom(120, 50, 40)),
    ("hypergeometric", (700, 30, 600), st.hypergeom(730, 700, 600)),
    ("hypergeometric", (3000, 5000, 900), st.hypergeom(8000, 3000, 900)),
    ("zipf", (3.5,), st.zipf(3.5)),
    ("zipf", (6.5,), st.zipf(6.5)),
]
# Where the whole numbers lie too close to count each.
LARGE = [
    ("poisson", (1e10,), st.norm(1e10, 1e5)),
    ("binomial", (10**10, 0.3), st.norm(3e9, 2.1e9**0.5)),
    ("hypergeometric", (10**9, 10**9, 10**9), st.norm(5e8, (1e9 / 8) ** 0.5)),
    ("integers", (2**62,), st.uniform(0, 2**62)),
]


def ids(rows):
    return [f"{name}{arguments}" for name, arguments, _ in rows]


def values(name, arguments, **options):
    draw = getattr(RandomStream(2026), name)(*arguments, size=(N,), **options)
    return ct.function([], draw)()


def check_moments(x, law):
    mean, variance, kurtosis = (float(m) for m in law.stats("mvk"))
    if np.isfinite(mean + variance + kurtosis):
        assert abs(x.mean() - mean) < 5 * np.sqrt(variance / N)
        assert abs(x.var() - variance) < 5 * variance * np.sqrt((kurtosis + 2) / N) + 1e-12


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", CONTINUOUS, ids=ids(CONTINUOUS))
def test_continuous(row, dtype):
    name, arguments, law = row
    x = values(name, arguments, dtype=dtype)
    assert x.dtype == dtype
    assert np.isfinite(x).all()
    x = x.astype("float64")
    assert st.kstest(x, law.cdf).pvalue > LEAST
    check_moments(x, law)


@pytest.mark.parametrize("row", DISCRETE, ids=ids(DISCRETE))
def test_discrete(row):
    name, arguments, law = row
    x = values(name, arguments)
    assert x.dtype == np.int64
    check_moments(x, law)
    low, high = int(law.ppf(1e-3)), int(law.ppf(1 - 1e-3))
    inner = np.arange(low, high + 1)
    expected = N * np.array([law.cdf(low - 1), *law.pmf(inner), law.sf(high)])
    observed = np.array([(x < low).sum(), *((x == k).sum() for k in inner), (x > high).sum()])
    assert observed[expected == 0].sum() == 0
    # Neighbours together until each bin has enough.
    bins, total = np.zeros(len(expected), int), 0.0
    for k in range(1, len(expected)):
        total += expected[k - 1]
        full = total >= 10 and expected[k:].sum() >= 10
        bins[k] = bins[k - 1] + full
        total = 0.0 if full else total
    observed, expected = (np.bincount(bins, weights=w) for w in (observed, expected))
    if len(expected) > 1:
        assert st.chisquare(observed, expected * (observed.sum() / expected.sum())).pvalue > LEAST


@pytest.mark.parametrize("row", LARGE, ids=ids(LARGE))
def test_large(row):
    name, arguments, law = row
    assert st.kstest(values(name, arguments).astype("float64"), law.cdf).pvalue > LEAST


@pytest.mark.parametrize("row", [*CONTINUOUS, *DISCRETE], ids=ids([*CONTINUOUS, *DISCRETE]))
def test_reference_mode_and_parameters_of_a_call(row):
    """The interpreter gives the same numbers, and parameters given in a call those of known ones."""
    name, arguments, _ = row
    kinds = [T.lscalar if isinstance(value, int) else T.dscalar for value in arguments]
    inputs = [kind(f"p{k}") for k, kind in enumerate(kinds)]
    results = []
    for mode in ("FAST_RUN", "reference"):
        draw = getattr(RandomStream(9), name)(*inputs, size=60)
        results.append(ct.function(inputs, draw, mode=mode)(*arguments))
    known = getattr(RandomStream(9), name)(*arguments, size=60).eval()
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(results[0], known, rtol=1e-12, atol=1e-300)


def test_neighbours_are_independent():
    x = values("random", ())
    for lag in (1, 2, 3, 64, 1000):
        assert abs(np.corrcoef(x[:-lag], x[lag:])[0, 1]) < 5 / np.sqrt(N)
    cells = np.floor(x.reshape(-1, 4) * 5).astype(int) @ [125, 25, 5, 1]
    assert st.chisquare(np.bincount(cells, minlength=625)).pvalue > LEAST
    a, b = ct.function([], [RandomStream(1).normal(size=N), RandomStream(1).spawn(1)[0].normal(size=N)])()
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(N)


def test_small_shapes_of_beta():
    """Where gamma draws underflow, their ratio does not."""
    x = values("beta", (0.01, 0.01))
    assert np.isfinite(x).all()
    assert abs((x < 0.5).mean() - 0.5) < 0.02
    assert abs(((x > 1e-12) & (x < 0.5)).mean() - np.diff(st.beta(0.01, 0.01).cdf([1e-12, 0.5]))[0]) < 0.01


@pytest.mark.parametrize(("name", "arguments", "want"), [
    ("draw_gamma", (0.0,), 0.0),
    ("draw_gamma", (np.inf,), np.inf),
    ("draw_gamma", (-1.0,), np.nan),
    ("draw_gamma", (np.nan,), np.nan),
    ("draw_poisson", (0.0,), 0),
    ("draw_poisson", (-1.0,), -1),
    ("draw_poisson", (np.nan,), -1),
    ("draw_poisson", (1e19,), -1),
    ("draw_binomial", (7.0, 0.0), 0),
    ("draw_binomial", (7.0, 1.0), 7),
    ("draw_binomial", (1e6, 1.0), 1e6),
    ("draw_binomial", (0.0, 0.5), 0),
    ("draw_binomial", (2.5, 0.5), -1),
    ("draw_binomial", (-1.0, 0.5), -1),
    ("draw_binomial", (3.0, np.nan), -1),
    ("draw_hypergeometric", (0.0, 5.0, 3.0), 0),
    ("draw_hypergeometric", (5.0, 0.0, 3.0), 3),
    ("draw_hypergeometric", (50.0, 0.0, 30.0), 30),
    ("draw_hypergeometric", (50.0, 40.0, 90.0), 50),
    ("draw_hypergeometric", (5.0, 4.0, 0.0), 0),
    ("draw_hypergeometric", (5.0, 4.0, 10.0), -1),
    ("draw_hypergeometric", (np.nan, 4.0, 1.0), -1),
    ("draw_zipf", (2000.0,), 1),
    ("draw_zipf", (1.0,), -1),
    ("draw_zipf", (np.nan,), -1),
    ("draw_vonmises", (-1.0,), np.nan),
    ("draw_vonmises", (np.nan,), np.nan),
])  # fmt: skip
def test_parameters_at_the_edge(name, arguments, want):
    inputs = [T.dscalar() for _ in arguments]
    bits = np.random.default_rng(1).integers(0, 2**64, 50, dtype="uint64")
    x = ct.function(inputs, getattr(T, name)(*inputs, bits))(*arguments)
    np.testing.assert_array_equal(x, np.full(50, want))


# ---- vectors
@pytest.mark.parametrize("count", [0, 1, 9, 20])
def test_multivariate_hypergeometric(count):
    colors = np.array([4, 0, 10, 6])
    x = RandomStream(5).multivariate_hypergeometric(colors, count, size=(N,)).eval()
    assert x.dtype == "int64"
    assert np.all(x.sum(axis=1) == count)
    assert np.all((x >= 0) & (x <= colors))
    share, left = colors / 20, (20 - count) / 19
    cov = count * left * (np.diag(share) - np.outer(share, share))
    np.testing.assert_allclose(x.mean(axis=0), count * share, atol=5 * np.sqrt(cov.max() / N) + 1e-12)
    np.testing.assert_allclose(np.cov(x.T), cov, atol=5 * 3 * cov.max() / np.sqrt(N) + 1e-12)


def test_multivariate_hypergeometric_of_rows():
    k, n = T.TensorType("int64", (None, 3))("k"), T.lvector("n")
    f = ct.function([k, n], RandomStream(5).multivariate_hypergeometric(k, n, dtype="int16"))
    x = f([[1, 2, 3], [9, 9, 9], [1, 1, 1], [0, 0, 0]], [6, 5, 4, 0])
    assert x.dtype == "int16"
    assert x[0].tolist() == [1, 2, 3]
    assert x[1].sum() == 5
    assert x[2].tolist() == [-1, -1, -1]  # more than there are
    assert x[3].tolist() == [0, 0, 0]
    assert RandomStream(5).multivariate_hypergeometric([2, 1], 2, size=(4, 3)).eval().shape == (4, 3, 2)


def test_multivariate_normal():
    mean, cov = np.array([1.0, -2.0, 0.5]), np.array([[2.0, 0.6, 0.1], [0.6, 1.0, -0.3], [0.1, -0.3, 0.5]])
    for method in ("cholesky", "eigh", "svd"):
        x = RandomStream(3).multivariate_normal(mean, cov, size=(N,), method=method).eval()
        np.testing.assert_allclose(x.mean(axis=0), mean, atol=5 * np.sqrt(2 / N))
        np.testing.assert_allclose(np.cov(x.T), cov, atol=5 * 3 / np.sqrt(N))
    flat = RandomStream(3).multivariate_normal([0.0, 0.0], np.ones((2, 2)), size=9, method="eigh").eval()
    np.testing.assert_allclose(flat[:, 0], flat[:, 1], atol=1e-6)


def test_dirichlet():
    alpha = np.array([0.05, 1.0, 3.0])
    x = RandomStream(3).dirichlet(alpha, size=(N,)).eval()
    np.testing.assert_allclose(x.sum(axis=1), 1, rtol=1e-12)
    for k in range(1, 3):
        assert st.kstest(x[:, k], st.beta(alpha[k], alpha.sum() - alpha[k]).cdf).pvalue > LEAST
    rows = RandomStream(3).dirichlet([[1.0, 1e9], [1e9, 1.0]]).eval()
    np.testing.assert_allclose(rows, [[0, 1], [1, 0]], atol=1e-6)


@pytest.mark.parametrize("categories_known", [True, False])
def test_multinomial(categories_known):
    p = np.array([0.1, 0.2, 0.0, 0.7])
    chances = T.dvector("p") if not categories_known else T.tensor("float64", shape=(4,), name="p")
    x = ct.function([chances], RandomStream(3).multinomial(12, chances, size=(N // 4,)))(p)
    np.testing.assert_array_equal(x.sum(axis=1), np.full(N // 4, 12))
    assert not x[:, 2].any()
    for k in (0, 1, 3):
        observed = np.bincount(x[:, k], minlength=13)
        expected = st.binom(12, p[k]).pmf(np.arange(13)) * len(x)
        keep = expected > 5
        observed, expected = ([*v[keep], v[~keep].sum()] for v in (observed, expected))
        assert st.chisquare(observed, expected).pvalue > LEAST
    want = 12 * (np.diag(p) - np.outer(p, p))
    np.testing.assert_allclose(np.cov(x.T), want, atol=5 * 12 / np.sqrt(N))


def test_multinomial_shapes():
    rng = RandomStream(1)
    trials = T.lvector("trials")
    f = ct.function([trials], rng.multinomial(trials, [0.5, 0.25, 0.25]))
    np.testing.assert_array_equal(f([3, 0, 100]).sum(axis=1), [3, 0, 100])
    many = rng.multinomial(3, np.full(MOST_CATEGORIES + 6, 1 / (MOST_CATEGORIES + 6)), size=5).eval()
    np.testing.assert_array_equal(many.sum(axis=1), [3] * 5)
    rows = rng.multinomial(1, [[1.0, 0.0], [0.0, 1.0]]).eval()
    np.testing.assert_array_equal(rows, [[1, 0], [0, 1]])


def test_categorical():
    p = np.array([0.1, 0.0, 0.6, 0.3])
    x = RandomStream(3).categorical(p, size=(N,)).eval()
    assert st.chisquare(np.bincount(x, minlength=4)[[0, 2, 3]], N * p[[0, 2, 3]]).pvalue > LEAST
    rows = RandomStream(3).categorical([[0.0, 1.0], [1.0, 0.0]]).eval()
    np.testing.assert_array_equal(rows, [1, 0])


# ---- draws from given elements
def orders(x):
    """How often each order of 0 to 3 occurs."""
    return np.unique(x @ [64, 16, 4, 1], return_counts=True)[1]


def test_permutations():
    x = RandomStream(3).permuted(np.tile(np.arange(4), (24000, 1)), axis=1).eval()
    counts = orders(x)
    assert len(counts) == 24
    assert st.chisquare(counts).pvalue > LEAST
    rng = RandomStream(3)
    f = ct.function([], rng.permutation(4))
    counts = orders(np.array([f() for _ in range(2400)]))
    assert len(counts) == 24
    assert st.chisquare(counts).pvalue > LEAST


def test_permutations_keep_slices():
    x = T.dmatrix("x")
    array = np.arange(12.0).reshape(4, 3)
    rng = RandomStream(5)
    f = ct.function(
        [x], [rng.permutation(x), rng.permutation(x, axis=1), rng.permuted(x), rng.permuted(x, 0)]
    )
    rows, columns, anywhere, own = f(array)
    assert sorted(map(tuple, rows)) == sorted(map(tuple, array))
    assert sorted(map(tuple, columns.T)) == sorted(map(tuple, array.T))
    np.testing.assert_array_equal(np.sort(anywhere, axis=None), np.arange(12.0))
    np.testing.assert_array_equal(np.sort(own, axis=0), array)
    assert f(np.zeros((0, 3)))[0].shape == (0, 3)


def test_gradient_of_a_shuffle():
    x = T.dmatrix("x")
    y = RandomStream(1).shuffle_row_elements(x)
    weight = np.arange(6.0).reshape(2, 3)
    value, gradient = ct.function([x], [y, ct.grad((weight * y).sum(), x)])(weight)
    np.testing.assert_array_equal((gradient * weight).sum(), (weight * value).sum())
    np.testing.assert_array_equal(np.sort(gradient, axis=1), weight)


def test_choice_with_replacement():
    rng = RandomStream(3)
    x = rng.choice(5, (N,)).eval()
    assert st.chisquare(np.bincount(x, minlength=5)).pvalue > LEAST
    letters = rng.choice(np.array([10, 20, 30]), (N,), p=[0.5, 0.0, 0.5]).eval()
    assert st.chisquare([(letters == 10).sum(), (letters == 30).sum()]).pvalue > LEAST
    assert not (letters == 20).any()
    assert rng.choice(T.arange(6).reshape((2, 3)), 4, axis=1).eval().shape == (2, 4)
    assert rng.choice(3).eval().shape == ()


def test_choice_without_replacement():
    """The first by the chances given, the second by those of what is left."""
    p = np.array([0.5, 0.3, 0.2])
    rng = RandomStream(3)
    f = ct.function([], [rng.choice(3, 2, replace=False, p=p), rng.choice(4, (2, 2), replace=False)])
    pairs, squares = zip(*(f() for _ in range(6000)), strict=True)
    counts = np.zeros((3, 3))
    np.add.at(counts, tuple(np.array(pairs).T), 1)
    expected = 6000 * np.outer(p, p) / (1 - p)[:, None]
    off = ~np.eye(3, dtype=bool)
    assert not counts[~off].any()
    assert st.chisquare(counts[off], expected[off]).pvalue > LEAST
    counts = orders(np.array(squares).reshape(-1, 4))
    assert len(counts) == 24
    assert st.chisquare(counts).pvalue > LEAST

"""Sorting and searching: every dtype and kind of input at the sizes where the routines change their way."""

import numpy as np
import pytest
from rows import ALL

import croton as ct
import croton.tensor as T

# Around one and several vectors, what the networks of registers hold, small and large partitions.
SIZES = [*range(20), 31, 33, 63, 65, 127, 128, 129, 255, 256, 257, 513, 600, 1025, 4097, 30_000]
SPECIAL = [np.inf, -np.inf, 0.0, -0.0, np.nan, 5e-324, -5e-324, 1.0]


def numbers(rng: np.random.Generator, dtype: str, n: int) -> np.ndarray:
    if dtype == "bool":
        return rng.integers(0, 2, n).astype(dtype)
    if dtype.startswith("float"):
        return rng.standard_normal(n).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, n, dtype, endpoint=True)


def largest(dtype: str) -> object:
    return True if dtype == "bool" else np.nan if dtype.startswith("float") else np.iinfo(dtype).max


def zigzag(x: np.ndarray) -> np.ndarray:
    return np.concatenate([np.sort(x[::2]), np.sort(x[1::2])[::-1]])


KINDS = {
    "random": lambda rng, x: x,
    "few values": lambda rng, x: rng.choice(x[:3], x.size) if x.size else x,
    "largest": lambda rng, x: np.where(rng.random(x.size) < 0.5, largest(x.dtype.name), x).astype(x.dtype),
    "ascending": lambda rng, x: np.sort(x),
    "descending": lambda rng, x: np.sort(x)[::-1].copy(),
    "up and down": lambda rng, x: zigzag(x),
    "equal but one": lambda rng, x: np.where(np.arange(x.size) == x.size // 3, x, x[:1]),
}


def in_order(x: np.ndarray) -> np.ndarray:
    # By the stable sort: NumPy's sort of float16 misplaces -0.0.
    return x[np.argsort(x, kind="stable")]


@pytest.mark.parametrize("dtype", ALL)
def test_sort_is_as_numpy(dtype):
    rng = np.random.default_rng(3)
    x = T.tensor(dtype, (False,))
    f, order = ct.function([x], T.sort(x)), ct.function([x], T.argsort(x))
    for n in SIZES:
        for kind, make in KINDS.items():
            array = make(rng, numbers(rng, dtype, n))
            np.testing.assert_array_equal(f(array), in_order(array), err_msg=f"{n} {kind}")
            np.testing.assert_array_equal(
                order(array), np.argsort(array, kind="stable"), err_msg=f"{n} {kind}"
            )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_sort_of_special_numbers(dtype):
    rng = np.random.default_rng(4)
    x = T.tensor(dtype, (False, False))
    f = ct.function([x], T.sort(x))
    for n in SIZES[:-1]:
        array = np.where(rng.random((3, n)) < 0.5, rng.choice(SPECIAL, (3, n)), rng.standard_normal((3, n)))
        got = f(array.astype(dtype))
        np.testing.assert_array_equal(got, np.stack([in_order(row) for row in array.astype(dtype)]))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("dtype", ALL)
def test_searchsorted_is_as_numpy(dtype, side):
    rng = np.random.default_rng(5)
    line, v = T.tensor(dtype, (False,)), T.tensor(dtype, (False, False))
    f = ct.function([line, v], T.searchsorted(line, v, side))
    for n in [0, 1, 2, 3, 7, 8, 100, 1000]:
        for kind in ("random", "few values", "largest"):
            array = in_order(KINDS[kind](rng, numbers(rng, dtype, n)))
            for shape in [(0, 3), (1, 1), (3, 7), (5, 16)]:
                other = numbers(rng, dtype, shape[0] * shape[1])
                known = rng.choice(array, other.size) if n else other
                sought = np.where(rng.random(other.size) < 0.5, known, other).reshape(shape)
                want = np.searchsorted(array, sought, side)
                np.testing.assert_array_equal(f(array, sought), want, err_msg=f"{n} {kind} {shape}")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_searchsorted_of_special_numbers(dtype):
    array = np.sort(np.array([*SPECIAL, *SPECIAL, 2, 3], dtype))
    sought = np.array(SPECIAL, dtype)
    for side in ("left", "right"):
        got = T.searchsorted(array, sought, side).eval()
        assert got.dtype == np.int64
        np.testing.assert_array_equal(got, np.searchsorted(array, sought, side))

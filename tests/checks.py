"""Comparisons and references that the tests share."""

from __future__ import annotations

import numpy as np
from rows import FLOATS, Row, result_dtype, to_inexact

import croton as ct
import croton.tensor as T


def variable(dtype: str, rank: int, name: str | None = None):
    return T.tensor(dtype, shape=(None,) * rank, name=name)


def variables(*arrays: np.ndarray) -> list:
    """Inputs for these arrays, of sizes that are not known."""
    return [variable(array.dtype.name, array.ndim, f"x{k}") for k, array in enumerate(arrays)]


def compute(build, *arrays: np.ndarray) -> np.ndarray:
    """`build` of inputs, compiled and called with the arrays."""
    inputs = variables(*arrays)
    return ct.function(inputs, build(*inputs), on_unused_input="ignore")(*arrays)


def check(symbolic, expected, *arrays, rtol=1e-12):
    """The symbolic function of inputs gives what `expected` gives of arrays, one result or several."""
    arrays = [np.asarray(array) for array in arrays]
    inputs = variables(*arrays)
    outputs = symbolic(*inputs)
    wanted = expected(*arrays)
    several = isinstance(outputs, list | tuple)
    f = ct.function(inputs, list(outputs) if several else [outputs], on_unused_input="ignore")
    for got, want in zip(f(*arrays), wanted if several else [wanted], strict=True):
        want = np.asarray(want)
        assert got.dtype == want.dtype
        assert got.shape == want.shape
        tolerance = 2e-6 if want.dtype == "float32" else rtol
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=1e-14)


def wide_reference(row: Row, arguments: list[np.ndarray]) -> tuple[np.ndarray, bool]:
    """The row's function in extended precision, or in float64 where SciPy knows no more."""
    for dtype in (np.longdouble, np.float64):
        try:
            return np.asarray(row.reference(*(x.astype(dtype) for x in arguments))), dtype is np.longdouble
        except TypeError:
            pass
    raise AssertionError(f"{row.name}: the reference takes no floats")


def ulp_distance(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """The distance in units of the last place of `want`; 0 for equal infinities and for NaN twice."""
    dtype = got.dtype
    with np.errstate(all="ignore"):
        rounded = want.astype(dtype)
        unit = np.spacing(np.abs(np.where(np.isfinite(rounded), rounded, np.finfo(dtype).max))).astype(
            want.dtype
        )
        distance = np.abs(got.astype(want.dtype) - want) / unit
    same = (got == rounded) & ~np.isfinite(rounded) | (np.isnan(got) & np.isnan(rounded))
    return np.where(same, 0, np.where(np.isnan(distance), np.inf, distance))


def assert_within(got: np.ndarray, want: np.ndarray, ulp: float, label: str) -> None:
    assert got.shape == want.shape, f"{label}: shape {got.shape}, required {want.shape}"
    if not got.size:
        return
    distance = ulp_distance(np.atleast_1d(got), np.atleast_1d(want))
    at = np.unravel_index(np.argmax(distance), distance.shape)
    worst = distance[at]
    assert worst <= ulp, (
        f"{label}: {np.atleast_1d(got)[at]!r} at {at} is off by {worst:.3g} ulp; "
        f"required {np.atleast_1d(want)[at]!r}"
    )


def assert_same(got: np.ndarray, want: np.ndarray, label: str, zero_sign: bool = True) -> None:
    """Equal bit for bit, all NaN being one."""
    assert got.dtype == want.dtype, f"{label}: {got.dtype}, required {want.dtype}"
    np.testing.assert_array_equal(got, want, err_msg=label)
    if zero_sign and got.dtype.kind == "f":
        number = ~np.isnan(want)
        np.testing.assert_array_equal(np.signbit(got)[number], np.signbit(want)[number], err_msg=label)


def assert_row(row: Row, arguments: list[np.ndarray], got: np.ndarray, zero_sign: bool = False) -> None:
    """`got` is the row's function of the arguments, in dtype, shape and value."""
    dtypes = [x.dtype.name for x in arguments]
    dtype = result_dtype(row, *dtypes)
    label = f"{row.name}({', '.join(dtypes)})"
    assert got.dtype.name == dtype, f"{label}: {got.dtype}, required {dtype}"
    discrete = not any(name in FLOATS for name in dtypes)
    with np.errstate(all="ignore"):
        if row.ulp == 0 or (discrete and dtype not in FLOATS):
            work = (
                [x.astype(to_inexact(np.result_type(*dtypes).name)) for x in arguments]
                if (row.result == "inexact")
                else arguments
            )
            assert_same(
                got, np.asarray(row.reference(*work)).astype(dtype), label, zero_sign and row.zero_sign
            )
            return
        want, is_wide = wide_reference(row, arguments)
    if dtype == "float16":
        assert_within(got, want, 0.51, label)
        return
    # The reference has an error of its own where it is no better than float64.
    assert_within(
        got, want, row.ulp + (row.reference_ulp if dtype == "float64" and not is_wide else 0), label
    )


def finite_difference(function, arguments: list[np.ndarray], k: int, step: float = 2e-4) -> np.ndarray:
    """The derivative of an elementwise function by argument `k`, to fourth order in `step`."""

    def at(count: int) -> np.ndarray:
        moved = list(arguments)
        moved[k] = moved[k] + count * step
        return function(*moved)

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)


def sum_to(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`x` summed over the axes along which an array of `shape` was broadcast to it."""
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    axes = tuple(k for k, size in enumerate(shape) if size == 1 and x.shape[k] != 1)
    return x.sum(axis=axes, keepdims=True)


def numeric_gradients(
    function, arguments: list[np.ndarray], seed: int = 0, step: float = 1e-5
) -> list[np.ndarray]:
    """Central differences of a scalar function, element by element."""
    gradients = []
    for k, x in enumerate(arguments):
        result = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            values = []
            for sign in (1, -1):
                moved = [y.copy() for y in arguments]
                moved[k][index] += sign * step
                values.append(function(*moved))
            result[index] = (values[0] - values[1]) / (2 * step)
        gradients.append(result)
    return gradients

"""Batches of every op against its reference item by item, alone and with operands that all items share."""

import numpy as np
import pytest
from checks import variable
from structure_rows import arguments
from test_structure import ALL_ROWS, expected

import croton as ct
from croton import _core

IDS = {"ids": lambda row: row.name}
MOST = 400  # elements of an argument: enough, for a batch is more of them


def test_every_op_has_a_rule_or_refuses():
    assert not [row["name"] for row in _core.op_rows() if not row["vectorizes"]]


def patterns(count):
    """Which operands are batched: all, and each alone."""
    return [None] if count == 1 else [None, *range(count)]


def batch_axes(count, alone):
    return tuple(0 if alone in (None, k) else None for k in range(count))


def batches(make, axes, size):
    """Arguments, those with an axis stacked from `size` items of make(seed)."""
    shared, several = make(0), [make(seed) for seed in range(1, size + 1)]
    return [
        x
        if axis is None
        else np.stack([one[k] for one in several])
        if several
        else np.empty((0, *x.shape), x.dtype)
        for k, (x, axis) in enumerate(zip(shared, axes, strict=True))
    ]


def items_of(values, axes, i):
    return [x if axis is None else x[i] for x, axis in zip(values, axes, strict=True)]


def vectorized(build, values, axes):
    inputs = [variable(x.dtype.name, x.ndim, f"x{k}") for k, x in enumerate(values)]
    return ct.function(inputs, ct.vectorize(build, axes)(*inputs), on_unused_input="ignore")


def assert_close(got, want, label, exact):
    rounded = got.dtype.kind in "fc" and not exact
    limit = float(np.finfo(got.dtype).eps) * 1e4 if rounded else 0
    np.testing.assert_allclose(got, want, rtol=limit, atol=limit, err_msg=label)


@pytest.mark.parametrize("row", ALL_ROWS, **IDS)
def test_structures(row):
    dtype = row.dtypes[-1]
    small = [s for s in row.shapes if all(np.prod(shape) <= MOST for shape in s)]
    for shapes in small[:1] + small[1:][-1:]:
        for alone in patterns(len(shapes)):
            axes = batch_axes(len(shapes), alone)

            def make(seed, shapes=shapes):
                return arguments(row, shapes, dtype, seed)

            f = vectorized(row.build, batches(make, axes, 3), axes)
            for size in (3, 1, 0):
                values = batches(make, axes, size)
                got = f(*values)
                wanted = [expected(row, items_of(values, axes, i)) for i in range(size)]
                label = f"{row.name} {shapes} {axes} {size}"
                assert got.shape == (size, *expected(row, make(0)).shape), label
                for one, want in zip(got, wanted, strict=True):
                    assert one.dtype == want.dtype, label
                    assert_close(one, want, label, row.exact)

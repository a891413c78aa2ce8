"""Test data of the functions that are made of others: shapes, products, statistics.

Rows as in `structure_rows.py`, most of them a function that NumPy has under the same name.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from structure_rows import CUBES, NOT_EMPTY, ONE, Shapes, Structure

import croton.tensor as T

MOVED = ("int8", "float32", "float64")
ROUNDED = {"dtypes": ("float32", "float64"), "exact": False}
LINES = [[(5,)], [(1,)], [(0,)], [(300,)]]
SQUARES = [[(4, 4)], [(1, 1)], [(0, 0)], [(40, 40)]]
PAIRS = [[(4, 3), (4, 3)], [(1, 3), (1, 3)], [(0, 3), (0, 3)]]


def like_numpy(
    call: str, function: Callable, shapes: Shapes, dtypes: tuple[str, ...] = MOVED, **options
) -> Structure:
    """A row whose function takes the module, T or np, and the arguments."""
    return Structure(
        call,
        lambda *x: function(T, *x),
        lambda *x: function(np, *x),
        shapes,
        dtypes,
        **options,
    )


def parts(values: list) -> object:
    """Several results as one vector."""
    module = np if isinstance(values[0], np.ndarray) else T
    return module.concatenate([value.ravel() for value in values])


VIEWS = [
    like_numpy("flip", lambda m, x: m.flip(x), CUBES),
    like_numpy("flip -1", lambda m, x: m.flip(x, -1), CUBES),
    like_numpy("flip (0, 2)", lambda m, x: m.flip(x, (0, 2)), CUBES),
    like_numpy("fliplr", lambda m, x: m.fliplr(x), ONE),
    like_numpy("flipud", lambda m, x: m.flipud(x), ONE),
    *(like_numpy(f"rot90 {k}", lambda m, x, k=k: m.rot90(x, k), ONE) for k in range(-1, 3)),
    like_numpy("rot90 (2, 0)", lambda m, x: m.rot90(x, 1, (2, 0)), CUBES),
    like_numpy("moveaxis (0, 1)", lambda m, x: m.moveaxis(x, (0, 1), (-1, 0)), CUBES),
    *(
        like_numpy(f"rollaxis {axis}", lambda m, x, axis=axis: m.rollaxis(x, *axis), CUBES)
        for axis in [(2,), (0, 2), (1, 3), (-1, 1), (0, -1)]
    ),
    like_numpy("atleast_1d", lambda m, x: m.atleast_1d(x), [[()]]),
    like_numpy("atleast_2d", lambda m, x: m.atleast_2d(x), LINES),
    like_numpy("atleast_3d", lambda m, x: m.atleast_3d(x), ONE),
    like_numpy("atleast_3d of a vector", lambda m, x: m.atleast_3d(x), LINES),
    like_numpy("expand_dims", lambda m, x: m.expand_dims(x, (0, -1)), ONE),
    like_numpy("squeeze (0, 2)", lambda m, x: m.squeeze(x, (0, -1)), [[(1, 3, 1)], [(1, 0, 1)]]),
    like_numpy("swapaxes -1", lambda m, x: m.swapaxes(x, -1, 0), CUBES),
    like_numpy("ravel", lambda m, x: m.ravel(x), [*CUBES, [(1, 1, 1)]]),
    Structure("mT", lambda x: x.mT, shapes=CUBES, dtypes=MOVED),
    Structure(
        "specify_shape",
        lambda x: T.specify_shape(x, (None, x.shape[1])),
        lambda x: x,
        ONE,
        MOVED,
    ),
    Structure("addbroadcast", lambda x: T.addbroadcast(x, 1), lambda x: x, [[(4, 1)], [(0, 1)]], MOVED),
    Structure(
        "patternbroadcast",
        lambda x, y: T.patternbroadcast(x, (False, True)) * y,
        lambda x, y: x * y,
        [[(4, 1), (4, 3)], [(0, 1), (0, 3)]],
        MOVED,
    ),
    like_numpy("broadcast_arrays", lambda m, x, y: m.broadcast_arrays(x, y)[1] * x, [[(4, 1), (3,)]]),
]

JOINED = [
    like_numpy("hstack", lambda m, x, y: m.hstack([x, y]), PAIRS),
    like_numpy("hstack of vectors", lambda m, x, y: m.hstack([x, y]), [[(4,), (3,)], [(0,), (1,)]]),
    like_numpy("vstack", lambda m, x, y: m.vstack([x, y]), [[(4, 3), (3,)], [(0, 3), (3,)]]),
    like_numpy("dstack", lambda m, x, y: m.dstack([x, y]), PAIRS),
    like_numpy("column_stack", lambda m, x, y: m.column_stack([x, y]), [[(4,), (4, 2)], [(0,), (0, 2)]]),
    like_numpy("concatenate None", lambda m, x, y: m.concatenate([x, y], None), [[(4, 3), (2, 5)]]),
    like_numpy("append", lambda m, x, y: m.append(x, y), [[(4, 3), (2,)], [(0, 3), (1,)]]),
    like_numpy("append 1", lambda m, x, y: m.append(x, y, 1), [[(4, 3), (4, 1)], [(4, 0), (4, 2)]]),
    like_numpy("insert one", lambda m, x: m.insert(x, 1, 7, 1), [[(4, 3)], [(0, 3)], [(1, 1)]]),
    like_numpy("insert slices", lambda m, x, y: m.insert(x, -1, y, 1), [[(4, 3), (2, 4)], [(1, 1), (3, 1)]]),
    like_numpy("insert a line", lambda m, x, y: m.insert(x, 1, y, 0), [[(4, 3), (3,)], [(2, 1), (1,)]]),
    like_numpy("insert several", lambda m, x, y: m.insert(x, [3, 0, 3], y, 0), [[(4, 2), (3, 2)]]),
    like_numpy("insert [1]", lambda m, x, y: m.insert(x, [1], y, 1), [[(4, 2), (4, 3)]]),
    like_numpy("insert flat", lambda m, x: m.insert(x, [0, 2], [7, 8]), [[(4, 3)], [(1, 2)]]),
    like_numpy("delete", lambda m, x: m.delete(x, 1, 0), [[(4, 3)], [(2, 1)], [(3, 0)]]),
    like_numpy("delete -1", lambda m, x: m.delete(x, -1, 1), [[(4, 3)], [(1, 1)], [(0, 2)]]),
    like_numpy("delete several", lambda m, x: m.delete(x, [2, 0, 2], 0), [[(4, 3)], [(3, 1)]]),
    like_numpy("delete flat", lambda m, x: m.delete(x, [0, 5]), [[(4, 3)], [(1, 6)]]),
    like_numpy("tile (2, 1, 3)", lambda m, x: m.tile(x, (2, 1, 3)), ONE[:6]),
    like_numpy("repeat by counts", lambda m, x: m.repeat(x, [2, 0, 3], 1), [[(4, 3)], [(0, 3)], [(60, 3)]]),
    like_numpy("repeat -2", lambda m, x: m.repeat(x, 2, -2), CUBES),
    like_numpy("repeat 0 times", lambda m, x: m.repeat(x, 0), ONE),
    *(
        like_numpy(f"roll {shift} {axis}", lambda m, x, s=shift, axis=axis: m.roll(x, s, axis), CUBES)
        for shift, axis in [(2, None), (-7, 1), ((1, -2), (0, 2)), (3, (0, 1)), ((1, 2), 0)]
    ),
]

SPLIT = [
    Structure(
        "split sizes",
        lambda x: parts(T.split(x, [1, x.shape[0] - 1], 2)[::-1]),
        lambda x: parts(np.split(x, [1])[::-1]),
        ONE[:4],
        MOVED,
    ),
    like_numpy("split sections", lambda m, x: parts(m.split(x, 2, axis=1)[::-1]), [[(3, 4)], [(3, 0)]]),
    *(
        like_numpy(f"array_split {k}", lambda m, x, k=k: parts(m.array_split(x, k, 1)[::-1]), ONE)
        for k in (1, 3, 7)
    ),
    like_numpy("array_split at", lambda m, x: parts(m.array_split(x, [1, 3, -1, 9])[::-1]), ONE),
    like_numpy("hsplit", lambda m, x: m.hsplit(x, [1, 2])[1], ONE),
    like_numpy("hsplit of a vector", lambda m, x: m.hsplit(x, [2])[1], LINES),
    like_numpy("vsplit", lambda m, x: m.vsplit(x, 2)[1], [[(4, 3)], [(2, 0)]]),
    like_numpy("dsplit", lambda m, x: m.dsplit(x, [1])[1], CUBES),
]

PAD_WIDTHS = ((2, 3), (0, 1))
PADDED = [
    like_numpy("pad constant", lambda m, x: m.pad(x, 2, "constant", constant_values=7), ONE),
    like_numpy(
        "pad constants",
        lambda m, x: m.pad(x, PAD_WIDTHS, "constant", constant_values=((1, 2), (3, 4))),
        ONE,
    ),
    *(
        like_numpy(f"pad {mode} {width}", lambda m, x, mode=mode, w=width: m.pad(x, w, mode), ONE[:4])
        for mode in ("edge", "reflect", "symmetric", "wrap")
        for width in (1, PAD_WIDTHS, (7, 11))
    ),
    *(
        like_numpy(
            f"pad {mode} odd",
            lambda m, x, mode=mode: m.pad(x, ((2, 5), (1, 0)), mode, reflect_type="odd"),
            ONE[:4],
            ("float64",),
            exact=False,
        )
        for mode in ("reflect", "symmetric")
    ),
    *(
        like_numpy(f"pad {mode}", lambda m, x, mode=mode: m.pad(x, PAD_WIDTHS, mode), ONE[:4])
        for mode in ("maximum", "minimum")
    ),
    like_numpy("pad mean", lambda m, x: m.pad(x, 2, "mean"), ONE[:4], **ROUNDED),
    like_numpy("pad mean of 2", lambda m, x: m.pad(x, 2, "mean", stat_length=2), ONE[:4], **ROUNDED),
    like_numpy(
        "pad linear_ramp", lambda m, x: m.pad(x, PAD_WIDTHS, "linear_ramp", end_values=5), ONE[:4], **ROUNDED
    ),
    like_numpy("pad linear_ramp of integers", lambda m, x: m.pad(x, 3, "linear_ramp"), ONE[:4], ("int32",)),
]

OFFSETS = (0, 1, -2, 9)
DIAGONALS = [
    *(like_numpy(f"diagonal {k}", lambda m, x, k=k: m.diagonal(x, k), ONE) for k in OFFSETS),
    like_numpy("diagonal of a cube", lambda m, x: m.diagonal(x, -1, 2, 0), CUBES),
    *(like_numpy(f"diag {k}", lambda m, x, k=k: m.diag(x, k), LINES) for k in (0, 2, -1)),
    like_numpy("diagflat", lambda m, x: m.diagflat(x, 1), [[(2, 3)], [(0, 3)]]),
    like_numpy("trace", lambda m, x: m.trace(x, 1), ONE, **ROUNDED),
    like_numpy("trace of a cube", lambda m, x: m.trace(x, 0, -1, 0), CUBES, **ROUNDED),
    like_numpy("tril", lambda m, x: m.tril(x, -1), CUBES),
    like_numpy("triu", lambda m, x: m.triu(x, 1), CUBES),
    Structure(
        "fill_diagonal",
        lambda x: T.fill_diagonal(x, 7),
        lambda x: np.where(np.eye(*x.shape, dtype=bool), x.dtype.type(7), x),
        ONE,
        MOVED,
    ),
    Structure(
        "fill_diagonal of a cube",
        lambda x: T.fill_diagonal(x, 7),
        lambda x: np.where(np.all(np.diff(np.indices(x.shape), axis=0) == 0, axis=0), x.dtype.type(7), x),
        [[(3, 3, 3)], [(1, 1, 1)], [(0, 0, 0)]],
        MOVED,
    ),
    Structure(
        "fill_diagonal_offset",
        lambda x: T.fill_diagonal_offset(x, 7, -1),
        lambda x: np.where(np.eye(*x.shape, -1, dtype=bool), x.dtype.type(7), x),
        ONE,
        MOVED,
    ),
]

SPACED = {"dtypes": ("float32", "float64"), "exact": False}
RANGES = [
    like_numpy("linspace", lambda m, x: m.linspace(x[0], x[-1], 7), LINES[:2], **SPACED),
    like_numpy("linspace open", lambda m, x, y: m.linspace(x, y, 4, False, axis=1), [[(3,), ()]], **SPACED),
    like_numpy(
        "linspace by size", lambda m, x: m.linspace(1, 2, x.shape[0]) * x, LINES, ("float64",), exact=False
    ),
    like_numpy(
        "logspace", lambda m, x: m.logspace(x[0], 2, 5, base=2.0), LINES[:2], ("float64",), exact=False
    ),
    like_numpy(
        "geomspace",
        lambda m, x: m.geomspace(m.exp(x), 2.5, 5),
        [[(3,)]],
        ("float64",),
        exact=False,
    ),
    like_numpy("meshgrid", lambda m, x, y: parts(m.meshgrid(x, y)), [[(3,), (4,)], [(0,), (4,)]]),
    like_numpy("meshgrid ij", lambda m, x, y: parts(m.meshgrid(x, y, indexing="ij")), [[(3,), (4,)]]),
    like_numpy("meshgrid of a scalar", lambda m, x, y: parts(m.meshgrid(x, y, x)), [[(3,), ()]]),
    like_numpy("meshgrid sparse", lambda m, x, y: math.prod(m.meshgrid(x, y, sparse=True)), [[(3,), (4,)]]),
]

SUMS = [
    (
        "ij,jk->ik",
        [[(4, 3), (3, 5)], [(1, 3), (3, 1)], [(0, 3), (3, 2)], [(4, 0), (0, 5)], [(40, 30), (30, 50)]],
    ),
    ("ij,jk", [[(4, 3), (3, 5)]]),
    ("ba,ab", [[(4, 3), (3, 4)]]),
    ("ij->ji", ONE),
    ("ij->", ONE),
    ("ij->j", ONE),
    ("ii", SQUARES),
    ("ii->i", SQUARES),
    ("iij->ji", [[(3, 3, 4)], [(0, 0, 4)]]),
    ("iii->i", [[(3, 3, 3)]]),
    ("i,i", [[(5,), (5,)], [(0,), (0,)], [(1,), (1,)]]),
    ("i,j->ij", [[(5,), (3,)], [(0,), (3,)]]),
    ("i,j->", [[(5,), (3,)], [(0,), (3,)]]),
    ("bi,bi->b", [[(4, 3), (4, 3)], [(4, 0), (4, 0)]]),
    ("bij,bjk->bik", [[(2, 4, 3), (2, 3, 5)], [(0, 4, 3), (0, 3, 5)]]),
    ("bij,bjk->kib", [[(2, 4, 3), (2, 3, 5)]]),
    ("bhqd,bhkd->bhqk", [[(2, 3, 4, 5), (2, 3, 6, 5)]]),
    ("abcd,cdef->fabe", [[(2, 3, 4, 2), (4, 2, 3, 2)]]),
    ("...ij,...jk->...ik", [[(2, 4, 3), (2, 3, 5)], [(1, 4, 3), (2, 3, 5)]]),
    ("...ij,jk...->...ik", [[(6, 4, 3), (3, 5)]]),
    ("i...,i...->...", [[(3, 2, 4), (3, 4)]]),
    ("...i,...i", [[(3,), (3,)]]),
    ("...", CUBES),
    ("ij,ij,ij->ij", [[(4, 3), (4, 3), (4, 3)]]),
    ("ij,jk,k->i", [[(4, 3), (3, 5), (5,)], [(4, 3), (3, 0), (0,)]]),
    ("ij,jk,kl,lm->im", [[(4, 3), (3, 5), (5, 2), (2, 3)]]),
    ("a,b,c,d,e,f,g->", [[(2,)] * 7]),
    ("ij,jk,kl,lm,mn,no,op->ip", [[(2, 3), (3, 2), (2, 2), (2, 3), (3, 1), (1, 2), (2, 4)]]),
    ("ik,kj,->ij", [[(4, 3), (3, 5), ()]]),
    ("i,ij,ji->", [[(3,), (3, 4), (4, 3)]]),
]
PRODUCTS = [
    *(
        like_numpy(
            f"einsum {text}",
            lambda m, *x, t=text: m.einsum(t, *x),
            shapes,
            ("float32", "float64"),
            exact=False,
        )
        for text, shapes in SUMS
    ),
    like_numpy(
        "einsum of lists",
        lambda m, x, y: m.einsum(x, [0, 1, Ellipsis], y, [1, 5], [5, Ellipsis, 0]),
        [[(4, 3, 2), (3, 5)]],
        **ROUNDED,
    ),
    like_numpy(
        "einsum of integers",
        lambda m, x, y: m.einsum("ij,jk,ik->i", x, y, x[:, :1]),
        [[(4, 3), (3, 1)]],
        ("int32",),
    ),
    like_numpy(
        "inner",
        lambda m, x, y: m.inner(x, y),
        [[(4, 3), (2, 3)], [(0, 3), (2, 3)], [(4, 0), (2, 0)]],
        **ROUNDED,
    ),
    like_numpy("inner of scalars", lambda m, x, y: m.inner(x, y), [[(4, 3), ()]], **ROUNDED),
    like_numpy("cross", lambda m, x, y: m.cross(x, y), [[(4, 3), (3,)], [(0, 3), (3,)]], **ROUNDED),
    like_numpy("cross 0", lambda m, x, y: m.cross(x, y, 0, -1, 0), [[(3, 4), (4, 3)]], **ROUNDED),
    like_numpy("vdot", lambda m, x, y: m.vdot(x, y), [[(4, 3), (3, 4)], [(0, 3), (2, 0)]], **ROUNDED),
    like_numpy(
        "kron",
        lambda m, x, y: m.kron(x, y),
        [[(2, 3), (3, 2)], [(1, 1), (3, 2)], [(0, 3), (2, 2)]],
        **ROUNDED,
    ),
    like_numpy("kron of ranks", lambda m, x, y: m.kron(x, y), [[(3,), (3, 2)]], **ROUNDED),
    Structure(
        "vecdot",
        lambda x, y: T.vecdot(x, y, axis=0),
        lambda x, y: (x * y).sum(0),
        [[(3, 4), (3, 4)], [(3, 1), (3, 4)], [(0, 4), (0, 4)]],
        **ROUNDED,
    ),
    Structure(
        "matvec",
        lambda x, y: T.matvec(x, y),
        lambda x, y: np.einsum("...ij,...j->...i", x, y),
        [[(2, 4, 3), (2, 3)], [(2, 4, 0), (2, 0)]],
        **ROUNDED,
    ),
    Structure("matvec of one", T.matvec, np.matmul, [[(2, 4, 3), (3,)]], **ROUNDED),
    Structure(
        "vecmat", T.vecmat, lambda x, y: np.einsum("...i,...ij->...j", x, y), [[(2, 3), (2, 3, 4)]], **ROUNDED
    ),
    *(
        Structure(
            f"batched_tensordot {axes}",
            lambda x, y, axes=axes: T.batched_tensordot(x, y, axes),
            lambda x, y, k=k: np.stack([np.tensordot(a, b, k) for a, b in zip(x, y, strict=True)]),
            [shapes, [(1, *shape[1:]) for shape in shapes]],
            **ROUNDED,
        )
        for axes, k, shapes in [
            (2, 2, [(3, 2, 4, 5), (3, 4, 5, 2)]),
            (1, 1, [(3, 4), (3, 4, 2)]),
            ([[1, 3], [2, 1]], [[0, 2], [1, 0]], [(3, 2, 4, 5), (3, 5, 2)]),
            (0, 0, [(3, 2), (3, 4)]),
        ]
    ),
]

STATISTICS = [
    like_numpy("average", lambda m, x: m.average(x, axis=1), NOT_EMPTY, **ROUNDED),
    like_numpy(
        "average by weights",
        lambda m, x, w: m.average(x, axis=1, weights=w**2 + 1),
        [[(4, 3), (3,)], [(4, 1), (1,)], [(1, 3), (3,)]],
        **ROUNDED,
    ),
    like_numpy(
        "average by all weights",
        lambda m, x, w: m.average(x, weights=w**2 + 1, returned=True)[0],
        [[(4, 3), (4, 3)]],
        **ROUNDED,
    ),
    like_numpy(
        "average by sums",
        lambda m, x, w: math.prod(m.average(x, axis=0, weights=w**2 + 1, returned=True)),
        [[(4, 3), (4,)]],
        **ROUNDED,
    ),
    like_numpy("cov", lambda m, x: m.cov(x), [[(4, 9)], [(2, 2)]], ("float64",), exact=False),
    like_numpy("cov of a vector", lambda m, x: m.cov(x), [[(9,)]], ("float64",), exact=False),
    like_numpy(
        "cov of columns",
        lambda m, x, y: m.cov(x, y, rowvar=False, bias=True),
        [[(9, 3), (9, 2)]],
        ("float64",),
        exact=False,
    ),
    like_numpy("corrcoef", lambda m, x: m.corrcoef(x), [[(3, 9)]], ("float64",), exact=False),
    like_numpy("diff", lambda m, x: m.diff(x), [*ONE, [(3, 2)]], ("bool", "float64")),
    like_numpy("diff 2 0", lambda m, x: m.diff(x, 2, 0), ONE, ("int32", "float64")),
    like_numpy("trapezoid", lambda m, x: m.trapezoid(x, axis=0), ONE, ("float64",), exact=False),
    like_numpy(
        "trapezoid at points",
        lambda m, y, x: m.trapezoid(y, x),
        [[(4, 3), (3,)], [(1, 1), (1,)]],
        ("float64",),
        exact=False,
    ),
    like_numpy("ptp", lambda m, x: m.ptp(x, 1), NOT_EMPTY, ("float32", "float64")),
    like_numpy(
        "count_nonzero",
        lambda m, x: m.count_nonzero(m.round(x), axis=0),
        ONE,
        ("float32", "float64"),
        gradient=False,
    ),
]

ROWS = VIEWS + JOINED + SPLIT + PADDED + DIAGONALS + RANGES + PRODUCTS + STATISTICS

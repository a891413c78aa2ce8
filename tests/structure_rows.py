"""Test data of the ops that are not elementwise: reductions, movement, indexing, products, softmax.

A row builds an expression from inputs, says what NumPy makes of arrays of the same shapes, and lists shapes
to try, those with 0 and 1 among them. `test_structure.py` runs every row through every test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.special as sp
from rows import ALL, FLOATS, NUMBERS

import croton.tensor as T

Shapes = Sequence[Sequence[tuple[int, ...]]]


@dataclass(frozen=True)
class Structure:
    """How to test one op, or one way of calling it.

    Attributes
    ----------
    name : what it is called in test reports; its first word is the op in the engine's table, if it is there
    build : makes the expression from inputs
    reference : the same from arrays; by default `build` itself, where both have the same methods
    shapes : the shapes of the arguments, one list for each call
    dtypes : element types of all arguments
    exact : whether the result has NumPy's very bits, as where elements only move
    gradient : whether it has one
    values : makes the arguments' values, from a generator and a shape; by default standard normal ones
    """

    name: str
    build: Callable
    reference: Callable | None = None
    shapes: Shapes = (((4, 3),),)
    dtypes: tuple[str, ...] = ("bool", "int8", "uint64", "float16", "float32", "float64")
    exact: bool = True
    gradient: bool = True
    values: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray] | None = None

    def expected(self, *arrays: np.ndarray) -> np.ndarray:
        return np.asarray((self.reference or self.build)(*arrays))


def arguments(
    row: Structure, shapes: Sequence[tuple[int, ...]], dtype: str, seed: int = 0
) -> list[np.ndarray]:
    """Values for one call: different ones, so that extremes are unique."""
    rng = np.random.default_rng([seed, *row.name.encode()])
    make = row.values or (lambda rng, shape: 3 * rng.standard_normal(shape))
    arrays = []
    for shape in shapes:
        value = np.asarray(make(rng, shape))
        if dtype == "bool":
            value = value > 0
        elif dtype.startswith("uint"):
            value = np.abs(value)
        arrays.append(value.astype(dtype))
    return arrays


ONE = [[(4, 3)], [(1, 5)], [(5, 1)], [(1, 1)], [(0, 3)], [(3, 0)], [(70, 130)]]
CUBES = [[(2, 3, 4)], [(1, 3, 1)], [(2, 1, 4)], [(2, 0, 4)], [(9, 17, 33)]]
NOT_EMPTY = [[(2, 3, 4)], [(1, 3, 1)], [(2, 1, 4)], [(9, 17, 33)]]

# ---- reductions
AXES = [None, 0, 1, -1, (0, 1), (0, 2), (1, 2)]
REDUCED = {
    "sum": (T.sum, np.sum, ALL, True),
    "prod": (T.prod, np.prod, ("bool", "int32", "float32", "float64"), True),
    "max": (T.max, np.max, NUMBERS, True),
    "min": (T.min, np.min, NUMBERS, True),
    "mean": (T.mean, np.mean, ("bool", "int8", *FLOATS), True),
    "var": (T.var, np.var, ("float32", "float64"), True),
    "std": (T.std, np.std, ("float32", "float64"), True),
    "any": (T.any, np.any, ("bool", "int32", "float64"), False),
    "all": (T.all, np.all, ("bool", "int32", "float64"), False),
    "logsumexp": (T.logsumexp, sp.logsumexp, ("float32", "float64"), True),
}


def near_one(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Factors whose product stays in range."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.9, 1.1, shape)


def reduction(name: str, axis: int | tuple[int, ...] | None, keepdims: bool) -> Structure:
    function, reference, dtypes, gradient = REDUCED[name]
    shapes = [*CUBES, [(0, 3, 2)], [(2, 3, 0)]] if name in ("sum", "prod", "any", "all") else NOT_EMPTY
    # Where all elements are equal, their standard deviation has no derivative.
    shapes = [[(2, 3, 4)], [(9, 17, 33)]] if name == "std" else shapes
    return Structure(
        f"{name} {axis}{' kept' if keepdims else ''}",
        lambda x: function(x, axis=axis, keepdims=keepdims),
        lambda x: reference(x, axis=axis, keepdims=keepdims),
        shapes,
        dtypes,
        exact=name in ("max", "min", "any", "all"),
        gradient=gradient,
        values=near_one if name == "prod" else None,
    )


REDUCTIONS = [
    reduction(name, axis, keepdims)
    for name in REDUCED
    for axis in AXES
    for keepdims in (False, True)[: 1 + (axis == 1)]
]
for _name, _function, _reference in [("argmax", T.argmax, np.argmax), ("argmin", T.argmin, np.argmin)]:
    for _axis in (None, 0, -1):
        REDUCTIONS.append(
            Structure(
                f"{_name} {_axis}",
                lambda x, f=_function, axis=_axis: f(x, axis=axis),
                lambda x, f=_reference, axis=_axis: f(x, axis=axis),
                NOT_EMPTY,
                ("int8", "uint32", "float32", "float64"),
                gradient=False,
            )
        )
REDUCTIONS += [
    Structure("sum of a square", lambda x: (x * x).sum(axis=0), shapes=ONE, dtypes=("float64",), exact=False),
    Structure("sum of a transpose", lambda x: x.T.sum(axis=0), shapes=ONE, dtypes=("float32",), exact=False),
    Structure(
        "max of a sum",
        lambda x: x.sum(axis=1).max(),
        shapes=[[(4, 3)], [(3, 0)]],
        dtypes=("float64",),
        exact=False,
    ),
    Structure("ptp", lambda x: T.ptp(x, axis=1), lambda x: np.ptp(x, axis=1), [[(4, 3)]], ("float64",)),
    Structure(
        "norm",
        lambda x: T.norm(x, 2, axis=1),
        lambda x: np.linalg.norm(x, axis=1),
        [[(4, 3)]],
        ("float64",),
        exact=False,
    ),
]

# ---- movement
MOVEMENT = [
    Structure("dimshuffle reversed", lambda x: x.dimshuffle(1, 0), lambda x: x.T, ONE),
    Structure(
        "dimshuffle inserted", lambda x: x.dimshuffle("x", 1, "x", 0), lambda x: x.T[None, :, None], ONE
    ),
    Structure("transpose", lambda x: x.transpose(2, 0, 1), shapes=CUBES),
    Structure("swapaxes", lambda x: x.swapaxes(0, 2), shapes=CUBES),
    Structure("moveaxis", lambda x: T.moveaxis(x, 0, 2), lambda x: np.moveaxis(x, 0, 2), CUBES),
    Structure("reshape to a vector", lambda x: x.reshape((-1,)), shapes=ONE),
    Structure("reshape of a transpose", lambda x: x.T.reshape((-1,)), shapes=ONE),
    Structure(
        "reshape to a matrix", lambda x: x.reshape((x.shape[0] * x.shape[1], x.shape[2])), shapes=CUBES
    ),
    Structure("reshape with ones", lambda x: x.reshape((1, x.shape[0], 1, -1)), shapes=ONE[:4]),
    Structure(
        "flatten", lambda x: T.flatten(x, 2), lambda x: x.reshape(x.shape[0], x.shape[1] * x.shape[2]), CUBES
    ),
    Structure("squeeze", lambda x: T.squeeze(x, 1), lambda x: np.squeeze(x, 1), [[(2, 1, 4)], [(0, 1, 3)]]),
    Structure(
        "broadcast_to",
        lambda x: T.broadcast_to(x, (5, x.shape[0], 3)),
        lambda x: np.broadcast_to(x, (5, len(x), 3)),
        [[(4, 3)], [(4, 1)], [(0, 3)]],
    ),
    Structure(
        "concatenate 0",
        lambda x, y: T.concatenate([x, y, x]),
        lambda x, y: np.concatenate([x, y, x]),
        [[(2, 3), (4, 3)], [(0, 3), (1, 3)], [(2, 0), (1, 0)], [(50, 70), (1, 70)]],
    ),
    Structure(
        "concatenate 1",
        lambda x, y: T.concatenate([x, y.T], 1),
        lambda x, y: np.concatenate([x, y.T], 1),
        [[(2, 3), (4, 2)], [(2, 0), (1, 2)], [(60, 50), (50, 60)]],
    ),
    Structure(
        "stack",
        lambda x, y: T.stack([x, y, x], axis=1),
        lambda x, y: np.stack([x, y, x], axis=1),
        [[(2, 3), (2, 3)], [(0, 3), (0, 3)]],
    ),
    Structure("repeat", lambda x: x.repeat(3, axis=1), lambda x: x.repeat(3, axis=1), ONE[:6]),
    Structure("tile", lambda x: T.tile(x, (2, 3)), lambda x: np.tile(x, (2, 3)), ONE[:6]),
    Structure(
        "views of views",
        lambda x: x.T[::-1, 1:].reshape((-1,))[::-2],
        shapes=[[(4, 3)], [(1, 5)], [(2, 1)], [(60, 50)]],
    ),
]

# ---- indexing
INDEXING = [
    Structure("slice first", lambda x: x[1:3], shapes=ONE),
    Structure("slice last", lambda x: x[:, -2:], shapes=ONE),
    Structure("slice reversed", lambda x: x[::-1, ::-1], shapes=ONE),
    Structure("slice with steps", lambda x: x[::2, 3:0:-2], shapes=ONE),
    Structure("slice backwards", lambda x: x[-1:0:-1, -2::-3], shapes=ONE),
    Structure("slice that is empty", lambda x: x[3:1, 2:2], shapes=ONE),
    Structure("slice beyond the end", lambda x: x[-100:100:3, 90:95], shapes=ONE),
    Structure("slice by sizes", lambda x: x[: x.shape[1], x.shape[0] // 2 :], shapes=ONE),
    Structure("slice of a slice", lambda x: x[1:][::-1][1:][::2], shapes=ONE),
    Structure("index one row", lambda x: x[-1], shapes=[[(4, 3)], [(1, 5)], [(3, 0)]]),
    Structure("index one element", lambda x: x[1, -1], shapes=[[(4, 3)], [(2, 1)]]),
    Structure("index new axes", lambda x: x[..., None, 1:, 0], shapes=[[(4, 3)], [(1, 1)], [(0, 3)]]),
    Structure("take rows", lambda x: x[np.array([2, 0, -1, 2])], shapes=[[(4, 3)], [(3, 0)], [(80, 70)]]),
    Structure(
        "take columns",
        lambda x: T.take(x, np.array([[2, 0], [-1, 1]]), axis=1),
        lambda x: np.take(x, np.array([[2, 0], [-1, 1]]), axis=1),
        [[(4, 3)], [(0, 3)], [(80, 70)]],
    ),
    Structure("take nothing", lambda x: x[np.zeros(0, "int64")], shapes=[[(4, 3)], [(0, 3)]]),
    Structure("take pairs", lambda x: x[np.array([0, 1, 1]), np.array([2, -1, 2])], shapes=[[(4, 3)]]),
    Structure("take of a transpose", lambda x: x.T[np.array([1, 1, 0])], shapes=[[(4, 3)], [(1, 2)]]),
]

# ---- products
SIZES = [
    (4, 3, 5),
    (1, 3, 5),
    (4, 1, 5),
    (4, 3, 1),
    (0, 3, 5),
    (4, 0, 5),
    (4, 3, 0),
    (1, 1, 1),
    (65, 33, 47),
    (7, 300, 9),
]
SQUARE = {"dtypes": ("float16", "float32", "float64", "int32"), "exact": False}
PRODUCTS = [
    Structure("matmul", lambda x, y: x @ y, shapes=[[(m, k), (k, n)] for m, k, n in SIZES], **SQUARE),
    Structure(
        "matmul with transposes",
        lambda x, y: (y.T @ x.T).T,
        shapes=[[(m, k), (k, n)] for m, k, n in SIZES],
        **SQUARE,
    ),
    Structure(
        "matmul of slices",
        lambda x, y: x[:, ::2] @ y[::-2],
        shapes=[[(4, 6), (6, 5)], [(40, 60), (60, 50)]],
        **SQUARE,
    ),
    Structure(
        "matmul plus bias",
        lambda x, y, b: x @ y + b,
        shapes=[[(m, k), (k, n), (n,)] for m, k, n in SIZES],
        **SQUARE,
    ),
    Structure(
        "matmul in batches",
        lambda x, y: x @ y,
        shapes=[
            [(2, 4, 3), (2, 3, 5)],
            [(1, 4, 3), (2, 3, 5)],
            [(2, 4, 3), (1, 3, 5)],
            [(0, 4, 3), (0, 3, 5)],
            [(3, 40, 30), (3, 30, 50)],
        ],
        **SQUARE,
    ),
    Structure(
        "matmul broadcast",
        lambda x, y: x @ y,
        shapes=[[(2, 3, 4, 3), (3, 3, 5)], [(2, 1, 4, 3), (3, 3, 5)]],
        **SQUARE,
    ),
    Structure(
        "dot of vectors",
        lambda x, y: T.dot(x, y),
        np.dot,
        [[(5,), (5,)], [(0,), (0,)], [(1,), (1,)], [(3000,), (3000,)]],
        **SQUARE,
    ),
    Structure(
        "dot by a vector",
        lambda x, y: T.dot(x, y),
        np.dot,
        [[(4, 3), (3,)], [(0, 3), (3,)], [(4, 0), (0,)], [(400, 300), (300,)]],
        **SQUARE,
    ),
    Structure(
        "dot of a vector",
        lambda x, y: T.dot(x, y),
        np.dot,
        [[(4,), (4, 3)], [(0,), (0, 3)], [(300,), (300, 200)]],
        **SQUARE,
    ),
    Structure("dot of cubes", lambda x, y: T.dot(x, y), np.dot, [[(2, 4, 3), (5, 3, 2)]], **SQUARE),
    Structure(
        "tensordot",
        lambda x, y: T.tensordot(x, y, [[0, 2], [1, 0]]),
        lambda x, y: np.tensordot(x, y, [[0, 2], [1, 0]]),
        [[(2, 3, 4), (4, 2, 5)], [(2, 0, 4), (4, 2, 1)]],
        **SQUARE,
    ),
    Structure("outer", lambda x, y: T.outer(x, y), np.outer, [[(4,), (3,)], [(0,), (3,)]], **SQUARE),
    Structure(
        "batched_dot",
        lambda x, y: T.batched_dot(x, y),
        np.matmul,
        [[(2, 4, 3), (2, 3, 5)], [(0, 4, 3), (0, 3, 5)]],
        **SQUARE,
    ),
]

# ---- the softmax family
FLOATING = {
    "dtypes": ("float32", "float64"),
    "exact": False,
    "shapes": [*NOT_EMPTY, [(3, 4, 2000)]],
}
SOFTMAX = []
for _axis in (0, 1, -1):
    SOFTMAX += [
        Structure(
            f"softmax {_axis}",
            lambda x, axis=_axis: T.nnet.softmax(x, axis),
            lambda x, axis=_axis: sp.softmax(x, axis),
            **FLOATING,
        ),
        Structure(
            f"log_softmax {_axis}",
            lambda x, axis=_axis: T.nnet.log_softmax(x, axis),
            lambda x, axis=_axis: sp.log_softmax(x, axis),
            **FLOATING,
        ),
    ]

# ---- sorting
EVERY = {"dtypes": tuple(ALL)}
FEW = {"values": lambda rng, shape: rng.integers(-2, 3, shape), "gradient": False}
SORTING = []
for _axis in (0, 1, -1, None):
    SORTING += [
        Structure(
            f"sort {_axis}",
            lambda x, axis=_axis: T.sort(x, axis),
            lambda x, axis=_axis: np.sort(x, axis),
            CUBES,
            **EVERY,
        ),
        Structure(
            f"sort ties {_axis}",
            lambda x, axis=_axis: T.sort(x, axis),
            lambda x, axis=_axis: np.sort(x, axis),
            [*CUBES, [(3, 400, 2)]],
            **EVERY,
            **FEW,
        ),
        Structure(
            f"argsort ties {_axis}",
            lambda x, axis=_axis: T.argsort(x, axis),
            lambda x, axis=_axis: np.argsort(x, axis, kind="stable"),
            [*CUBES, [(3, 400, 2)]],
            **EVERY,
            **FEW,
        ),
    ]

STRUCTURES = REDUCTIONS + MOVEMENT + INDEXING + PRODUCTS + SOFTMAX + SORTING

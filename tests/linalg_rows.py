"""Test data of linear algebra. Matrices that must be positive definite, or have real eigenvalues, are made of
arbitrary ones inside the row; what is not unique (the sign or the phase of a vector) is made so. Most rows
are there for complex matrices, too: they take the real and the imaginary parts as two arguments.
"""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import scipy.linalg as sl
from structure_rows import Structure

import croton.tensor as T

SQUARES = [[(3, 3)], [(1, 1)], [(0, 0)], [(4, 2, 2)], [(0, 3, 3)], [(2, 0, 0)], [(2, 1, 5, 5)], [(40, 40)]]
SMALL = SQUARES[:-1]
FILLED = [shapes for shapes in SMALL if 0 not in shapes[0]]
LARGER = [[(3, 3)], [(4, 2, 2)], [(0, 0)], [(0, 3, 3)]]  # not (1, 1), where it is constant
TALL_AND_WIDE = [[(5, 3)], [(3, 5)], [(4, 4)], [(1, 4)], [(4, 1)], [(2, 3, 4)], [(3, 4, 3)], [(30, 20)]]
EMPTY = [[(0, 3)], [(3, 0)], [(2, 0, 3)]]


def well_conditioned(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Far from singular, also as 2 x - 1."""
    noise = rng.standard_normal(shape)
    side = min(shape[-2:]) if len(shape) > 1 else 0
    return ((0.6 * noise / max(side, 1) ** 0.5 + 3 * np.eye(*shape[-2:])) + 1) / 2 if side else noise


REAL = {"dtypes": ("float32", "float64"), "exact": False, "values": well_conditioned}


def t(x):
    return x.swapaxes(-1, -2)


def h(x):
    return t(x.conj())


def eye(x):
    if isinstance(x, np.ndarray):
        return np.eye(x.shape[-1])
    return T.eye(x.shape[-1], dtype=x.dtype)


def positive(x):
    return x @ h(x) + 0.5 * eye(x)


def symmetric(m, x):
    """With eigenvalues far from each other."""
    return x + h(x) + eye(x) * (4 * m.arange(x.shape[-1])).astype(x.dtype)


def real_spectrum(m, x):
    """Not symmetric, but similar to a symmetric matrix."""
    line = 1 + 0.3 * (x[..., :1, :] ** 2)
    return symmetric(m, x) * line / t(line)


def of_both(name, build, shapes=SQUARES, **options):
    """`build(module, linalg, arrays...)` with croton's modules, and with NumPy's."""
    return Structure(
        name,
        lambda *x: build(T, T.linalg, *x),
        lambda *x: build(np, np.linalg, *x),
        shapes,
        **{**REAL, **options},
    )


def of_complex(name, build, shapes=SQUARES, arity=1):
    """`build` on complex arrays, of which the real and then the imaginary parts are the arguments."""

    def on_parts(m, la):
        def run(*parts):
            y = build(m, la, *(re + 1j * im for re, im in zip(parts[:arity], parts[arity:], strict=True)))
            return m.stack([y.real, y.imag]) if np.dtype(y.dtype).kind == "c" else y

        return run

    doubled = [[*given, *given] for given in shapes]
    return Structure(f"{name} complex", on_parts(T, T.linalg), on_parts(np, np.linalg), doubled, **REAL)


def slogdet(m, la, x):
    sign, size = la.slogdet(x)
    return m.stack([sign, size])


def lu(reference):
    def build(x):
        p, lower, upper = (sl.lu if reference else T.linalg.lu)(x)
        return t(p) @ x + abs(lower) @ (upper * upper)

    return build


def qr(mode):
    def build(m, la, x):
        q, r = la.qr(x, mode)
        k = min(x.shape[-2:]) if m is np else m.minimum(x.shape[-2], x.shape[-1])
        first, rest = q[..., :k], q[..., k:]
        return (
            first[..., :1] * r[..., :1, :]
            + rest @ (h(rest) @ x)
            + (first * r[..., :k, :k].sum()) @ r[..., :k, :]
        )

    return build


def svd(full):
    def build(m, la, x):
        u, s, v = la.svd(x, full)
        k = min(x.shape[-2:]) if m is np else m.minimum(x.shape[-2], x.shape[-1])
        values = m.sin(s)[..., None, :]
        rest = u[..., k:] @ (h(u[..., k:]) @ m.cos(x)), (m.cos(x) @ h(v[..., k:, :])) @ v[..., k:, :]
        return (u[..., :k] * values) @ v[..., :k, :] + rest[0] + rest[1]

    return build


def eigh(uplo):
    def build(m, la, x):
        w, v = la.eigh(symmetric(m, x), uplo)
        w = w[..., None, :] / 8
        return (v * m.sin(w)) @ h(v) + abs(v) * w

    return build


def eig(m, la, x):
    """Of real eigenvalues."""
    w, v = la.eig(real_spectrum(m, x))
    return m.stack([m.sort(w.real), m.sum(v * v * v * v * w[..., None, :], axis=-1).real])


def turning(m, x):
    """With complex eigenvalues far from each other."""
    ones = m.ones_like(x)
    return x + 3 * (m.triu(ones, 1) - m.tril(ones, -1))


def eig_general(m, la, x):
    w, v = la.eig(turning(m, x))
    whole = (v * m.exp(w / 4)[..., None, :]) @ la.inv(v)
    return whole.real - 2 * whole.imag + m.sum(abs(v) ** 2 * m.sin(w.imag)[..., None, :], axis=-1)[..., None]


def eigvals(m, la, x):
    return m.sum(m.exp(la.eigvals(turning(m, x)) / 4), axis=-1).real


def expm(x):
    """In many digits: SciPy is less exact for matrices that have to be scaled."""
    if not x.size:
        return x
    with mpmath.workdps(60):
        parts = [mpmath.expm(mpmath.matrix(m.tolist())).tolist() for m in x.reshape(-1, *x.shape[-2:])]
    return np.array(parts, dtype=complex if np.iscomplexobj(x) else float).reshape(x.shape)


def lstsq(m, la, x, y):
    return la.lstsq(x, y)[0] if m is T or x.ndim == 2 else la.pinv(x) @ y


def residuals(m, la, x, y):
    return la.lstsq(x, y)[1] if m is T else np.sum(abs(x @ lstsq(np, la, x, y) - y) ** 2, axis=-2)


def cofactor(m, la, x):
    """The gradient of the determinant, which is not conjugated."""
    if m is np:
        return np.linalg.det(x)[..., None, None] * t(np.linalg.inv(x))
    return T.grad(T.sum(T.linalg.det(x)).real, x).conj()


RIGHT = [
    [(3, 3), (3, 2)],
    [(1, 1), (1, 4)],
    [(0, 0), (0, 2)],
    [(3, 3), (3, 0)],
    [(4, 2, 2), (4, 2, 3)],
    [(2, 2), (5, 2, 3)],
    [(3, 1, 2, 2), (4, 2, 1)],
    [(40, 40), (40, 7)],
]
LSTSQ = [[(5, 3), (5, 2)], [(3, 5), (3, 1)], [(4, 4), (4, 3)], [(2, 4, 3), (2, 4, 2)]]


def triangular(lower, trans, unit):
    def build(m, la, a, b):
        if m is T:
            return la.solve_triangular(a, b, trans, lower, unit)
        half = np.tril(a) if lower else np.triu(a)
        if unit:
            half = half - half * np.eye(half.shape[-1]) + np.eye(half.shape[-1])
        return np.linalg.solve((half, t(half), h(half))[trans], b)

    return f"solve_triangular {lower} {trans} {unit}", build


REAL_ONLY = [
    Structure("lu", lu(False), lu(True), [*TALL_AND_WIDE, *SQUARES[:3]], **REAL),
    of_both("eigh triangle", lambda m, la, x: la.eigvalsh(x) + la.eigvalsh(x, "U")),
    of_both("eig", eig, FILLED),
    of_both("solve vector", lambda m, la, a, b: la.solve(a, b), [[(3, 3), (3,)], [(2, 4, 4), (4,)]]),
    Structure("lstsq vector", lambda a, b: T.linalg.lstsq(a, b)[0], lambda a, b: np.linalg.pinv(a) @ b,
              [[(4, 3), (4,)], [(2, 4, 3), (4,)]], **REAL),
    Structure("expm large", lambda x: T.linalg.expm(-9 * x), lambda x: expm(-9 * x), [[(3, 3)]], **REAL),
    of_both(
        "matrix_rank",
        lambda m, la, x: la.matrix_rank(x @ t(x)).astype(x.dtype),
        [[(5, 3)], [(3, 3)], [(2, 4, 2)]],
        gradient=False,
        dtypes=("float64",),
    ),
    of_both(
        "kron",
        lambda m, la, a, b: m.kron(a, b) if m is np else la.kron(a, b),
        [[(2, 3), (4, 5)], [(2,), (3,)], [(2,), (3, 4)], [(1, 1), (0, 2)]],
    ),
    of_both(
        "tensorinv",
        lambda m, la, x: la.tensorinv(x),
        [[(2, 3, 6)], [(2, 2, 1, 4)]],
        values=lambda rng, shape: rng.standard_normal(shape),
    ),
    of_both(
        "tensorsolve",
        lambda m, la, a, b: la.tensorsolve(a, b),
        [[(2, 3, 6), (2, 3)], [(3, 3), (3,)]],
        values=lambda rng, shape: rng.standard_normal(shape),
    ),
    of_both("matrix_power 5", lambda m, la, x: la.matrix_power(x, 5)),
    of_both("multi_dot", lambda m, la, a, b, c: la.multi_dot([a, b, c]), [[(2, 3), (3, 4), (4, 5)]]),
]  # fmt: skip
OF_ONE = [
    ("cholesky", lambda m, la, x: la.cholesky(positive(x)), SQUARES),
    ("cholesky upper", lambda m, la, x: la.cholesky(positive(x), upper=True), SQUARES),
    ("qr", qr("reduced"), TALL_AND_WIDE),
    ("qr complete", qr("complete"), TALL_AND_WIDE),
    ("qr r", lambda m, la, x: h(la.qr(x, "r")) @ la.qr(x, "r"), [*TALL_AND_WIDE, *EMPTY]),
    ("svd", svd(False), TALL_AND_WIDE),
    ("svd full", svd(True), TALL_AND_WIDE),
    ("svd values", lambda m, la, x: la.svd(x, compute_uv=False), [*TALL_AND_WIDE, *EMPTY]),
    ("eigh L", eigh("L"), SMALL),
    ("eigh U", eigh("U"), SMALL),
    ("eig general", eig_general, FILLED),
    ("eig values", eigvals, SMALL),
    ("inv", lambda m, la, x: la.inv(x), SQUARES),
    ("pinv", lambda m, la, x: la.pinv(x), [*TALL_AND_WIDE, *EMPTY]),
    ("pinv deficient", lambda m, la, x: la.pinv(x @ (h(x) @ x), 1e-4), [[(3, 5)], [(4, 2, 3)]]),
    ("det", lambda m, la, x: la.det(x), SQUARES),
    ("log_abs_det slogdet", slogdet, SQUARES),
    ("cofactor", cofactor, LARGER),
    ("expm", lambda m, la, x: la.expm(x) if m is T else expm(x), SMALL),
    *((f"matrix_power {n}", lambda m, la, x, n=n: la.matrix_power(x, n), SQUARES) for n in (1, 2, -1, -3)),
    ("trace", lambda m, la, x: m.trace(x, axis1=-2, axis2=-1) if m is np else la.trace(x), TALL_AND_WIDE),
    *((f"cond {p}", lambda m, la, x, p=p: la.cond(x, p), LARGER[:2]) for p in (None, -2, 1, "fro")),
]
OF_TWO = [
    ("solve", lambda m, la, a, b: la.solve(a, b), RIGHT),
    *(
        (*triangular(*case), RIGHT)
        for case in [(1, 0, 0), (1, 1, 0), (0, 0, 0), (0, 1, 0), (1, 0, 1), (0, 2, 1)]
    ),
    ("lstsq", lstsq, LSTSQ),
    ("lstsq residuals", residuals, LSTSQ),
]
NORMS = [
    (
        f"norm {order} {axis}",
        lambda m, la, x, order=order, axis=axis: la.norm(x, order, axis),
        [[(3, 4, 5)], [(1, 2, 1)]],
    )
    for order, axis in [
        (None, None),
        (None, 1),
        (2, 0),
        (1, 1),
        (0, 1),
        (3.5, 2),
        (np.inf, 1),
        (-np.inf, 1),
        ("fro", (0, 1)),
        ("nuc", (1, 2)),
        (2, (2, 0)),
        (-2, (0, 2)),
        (1, (0, 1)),
        (-1, (1, 0)),
        (np.inf, (0, 1)),
        (-np.inf, (2, 1)),
    ]
]
ROWS = REAL_ONLY + [
    row
    for arity, kind in [(1, OF_ONE + NORMS), (2, OF_TWO)]
    for case in kind
    for row in (of_both(*case), of_complex(*case, arity=arity))
]


def by_rank(row: Structure) -> list[Structure]:
    """One row for each combination of ranks, since a function takes one."""
    ranks = sorted({tuple(map(len, shapes)) for shapes in row.shapes})
    return [
        replace(
            row,
            name=f"{row.name} {key}",
            shapes=[shapes for shapes in row.shapes if tuple(map(len, shapes)) == key],
        )
        for key in ranks
    ]


LINALG = [part for row in ROWS for part in by_rank(row)]

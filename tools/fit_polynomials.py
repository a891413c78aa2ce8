"""Derives the polynomials of the elementary functions and writes cpp/ops/math_coefficients.h.

Each entry states a function on an interval and the weight of its error. The best polynomial is found by
Lawson's iteration (least squares on Chebyshev points, reweighted by the error until it is level), and its
coefficients are rounded to the machine type one after the other, the rest being fitted again each time.

    python tools/fit_polynomials.py [name ...] > cpp/ops/math_coefficients.h
"""

import sys

import numpy as np
from mpmath import mp, mpf

mp.dps = 50


def solve(nodes, values, weights, powers):
    """Weighted least squares for sum(c[k] * x**powers[k])."""
    rows = [[w * x**p for p in powers] for x, w in zip(nodes, weights, strict=True)]
    right = [w * v for w, v in zip(weights, values, strict=True)]
    n = len(powers)
    gram, moment = mp.matrix(n, n), mp.matrix(n, 1)
    for i in range(n):
        for j in range(i, n):
            gram[i, j] = gram[j, i] = mp.fdot((row[i], row[j]) for row in rows)
        moment[i] = mp.fdot((row[i], b) for row, b in zip(rows, right, strict=True))
    return list(mp.lu_solve(gram, moment))


def lawson(nodes, values, weights, powers, steps):
    """Level the weighted error by multiplying the squared weights with its size."""
    scale = [mpf(1)] * len(nodes)
    best, best_error = None, mp.inf
    for _ in range(steps):
        c = solve(nodes, values, [w * mp.sqrt(s) for w, s in zip(weights, scale, strict=True)], powers)
        errors = [
            abs(w * (mp.fdot((ck, x**p) for ck, p in zip(c, powers, strict=True)) - v))
            for x, v, w in zip(nodes, values, weights, strict=True)
        ]
        worst = max(errors)
        if worst < best_error:
            best, best_error = c, worst
        total = mp.fsum(s * e for s, e in zip(scale, errors, strict=True))
        if total == 0:
            break
        scale = [s * e / total * len(nodes) + mpf(10) ** -30 for s, e in zip(scale, errors, strict=True)]
    return best, best_error


def rounded(x, single):
    return mpf(float(np.float32(float(x)))) if single else mpf(float(x))


def fit(f, weight, low, high, count, single, exact=6):
    """Coefficients of x**0 ... x**(count-1), rounded, and the weighted error."""
    size = 5 * count + 20
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    nodes = [middle + half * mp.cos(mp.pi * (2 * k + 1) / (2 * size)) for k in range(size)]
    mp.dps = 80
    values = [mpf(f(x)) for x in nodes]
    weights = [mpf(weight(x)) for x in nodes]
    mp.dps = 50
    fixed = []
    for k in range(count):
        rest = [
            v - mp.fdot((c, x**p) for p, c in enumerate(fixed)) for x, v in zip(nodes, values, strict=True)
        ]
        if k == 0 or k <= exact:
            free, _ = lawson(nodes, rest, weights, list(range(k, count)), 12 if k == 0 else 5)
            fixed.append(rounded(free[0], single))
        else:
            fixed += [rounded(c, single) for c in free[1:]]
            break
    error = max(
        abs(w * (mp.fdot((c, x**p) for p, c in enumerate(fixed)) - v))
        for x, v, w in zip(nodes, values, weights, strict=True)
    )
    return fixed, error


def make_exact_at_half_pi(c, single):
    """Moves the last coefficient until sin(pi/2), as evaluated, is 1: cos(0) and its like."""

    def chop(x):
        return rounded(x, single)

    def value(c):
        r = chop(mp.pi / 2)
        u = chop(r * r)
        tail = c[-1]
        for ck in reversed(c[:-1]):
            tail = chop(tail * u + ck)
        return chop(chop(u * r) * tail + r)

    step = c[-1] * mpf(2) ** (-23 if single else -52) * 16
    for k in range(100000):
        for sign in (1, -1):
            moved = [*c[:-1], chop(c[-1] + sign * k * step)]
            if value(moved) == 1:
                return moved
    raise ValueError("no coefficient makes sin(pi/2) exact")


def series(f):
    """`f` evaluated with digits to spare for the cancellation in numerators such as sin(x) - x."""

    def careful(x):
        digits = mp.dps
        try:
            mp.dps = 3 * digits
            return f(x)
        finally:
            mp.dps = digits

    return careful


ln2 = mp.log(2)
root = mp.sqrt


def even(f):
    """A function of r as one of u = r*r."""
    return series(lambda u: f(root(u)))


def log_tail(f):
    return (mp.log1p(f) - f + f * f / 2) / f**3


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def by_shifted_ratio(pivot):
    """x from t = (x - pivot) / (x + pivot)."""
    return lambda t: pivot * (1 + t) / (1 - t)


def erfinv_ratio(w):
    """erfinv(y) / y where w = -log(1 - y*y)."""
    y = root(-mp.expm1(-w))
    return inverse_erf(y, w) / y


def erfinv_rest(s):
    """The ratio less its leading term, s = sqrt(w)."""
    return erfinv_ratio(s * s) - s


def inverse_erf(y, w):
    """erfinv(y) by Newton's method on log(erfc), whose argument 1-y comes from w without cancellation."""
    target = mp.log(mp.exp(-w) / (1 + y))
    x = root(w - mp.log(mp.pi * w) / 2) if w > 3 else y
    for _ in range(100):
        tail = mp.erfc(x)
        step = (mp.log(tail) - target) * tail * root(mp.pi) / 2 * mp.exp(x * x)
        x += step
        if abs(step) < abs(x) * mpf(10) ** (-mp.dps + 5):
            break
    return x


quarter = (mp.pi / 4 + mpf("0.004")) ** 2
half_turn = (mp.pi / 2 + mpf("0.008")) ** 2
low_log, high_log = root(mpf(1) / 2) - 1 - mpf("1e-6"), root(mpf(2)) - 1 + mpf("1e-6")
s_max = ((root(2) - 1) / (root(2) + 1) * mpf("1.00001")) ** 2

# Chosen near round numbers so that the constant term is a machine number to within 0.01 ulp: its rounding
# would be the largest error.
PIVOT_F32, PIVOT_F64 = mpf(1.9996452331542969), mpf(4.000000053085387)
CENTRE_F32, CENTRE_F64 = mpf(2.4999465942382812), mpf(3.1249999087303877)

# name: (function, weight, low, high, count for float32, count for float64)
TABLE = {
    # exp(r) = 1 + r + r*r*P(r), |r| <= ln2/2
    "exp_narrow": (
        series(lambda r: (mp.expm1(r) - r) / r**2),
        lambda r: r * r / mp.exp(r),
        -ln2 / 2 * mpf("1.0001"),
        ln2 / 2 * mpf("1.0001"),
        5,
        10,
    ),
    # the same for |r| <= ln2
    "exp_wide": (
        series(lambda r: (mp.expm1(r) - r) / r**2),
        lambda r: r * r / mp.exp(r),
        -ln2 * mpf("1.0001"),
        ln2 * mpf("1.0001"),
        6,
        12,
    ),
    # the same for expm1, |r| <= ln2
    "expm1_wide": (
        series(lambda r: (mp.expm1(r) - r) / r**2),
        lambda r: r * r / mp.expm1(r),
        -ln2 * mpf("1.0001"),
        ln2 * mpf("1.0001"),
        7,
        13,
    ),
    # for expm1, |r| <= ln2/2
    "expm1_narrow": (
        series(lambda r: (mp.expm1(r) - r) / r**2),
        lambda r: r * r / mp.expm1(r),
        -ln2 / 2 * mpf("1.0001"),
        ln2 / 2 * mpf("1.0001"),
        5,
        11,
    ),
    # exp2(r) = 1 + r*P(r), |r| <= 1/2
    "exp2_narrow": (
        series(lambda r: (2**r - 1) / r),
        lambda r: r / 2**r,
        -mpf("0.50001"),
        mpf("0.50001"),
        6,
        11,
    ),
    # log1p(f) = f - f*f/2 + f**3*P(f)
    "log_tail": (series(log_tail), lambda f: f**3 / mp.log1p(f), low_log, high_log, 8, 19),
    # atanh(s) = s + s**3*P(s*s)
    "atanh_tail": (
        even(lambda s: (mp.atanh(s) - s) / s**3),
        even(lambda s: s**3 / mp.atanh(s)),
        mpf("1e-12"),
        s_max,
        4,
        9,
    ),
    # atanh(s) = s + s**3/3 + s**5*P(s*s)
    "atanh_tail5": (
        even(lambda s: (mp.atanh(s) - s - s**3 / 3) / s**5),
        even(lambda s: s**5 / mp.atanh(s)),
        mpf("1e-12"),
        s_max,
        3,
        9,
    ),
    # sin(r) = r + r**3*P(r*r), |r| <= pi/2
    "sin_tail": (
        even(lambda r: (mp.sin(r) - r) / r**3),
        even(lambda r: r**3 / mp.sin(r)),
        mpf("1e-12"),
        half_turn,
        4,
        8,
    ),
    # tan(r) = r + r**3*P(r*r), |r| <= pi/4
    "tan_tail": (
        even(lambda r: (mp.tan(r) - r) / r**3),
        even(lambda r: r**3 / mp.tan(r)),
        mpf("1e-12"),
        quarter,
        6,
        14,
    ),
    # asin(s) = s + s**3*P(s*s), |s| <= 1/2
    "asin_tail": (
        even(lambda s: (mp.asin(s) - s) / s**3),
        even(lambda s: s**3 / mp.asin(s)),
        mpf("1e-12"),
        mpf("0.2501"),
        5,
        12,
    ),
    # atan(t) = t + t**3*P(t*t), |t| <= 1
    "atan_tail": (
        even(lambda t: (mp.atan(t) - t) / t**3),
        even(lambda t: t**3 / mp.atan(t)),
        mpf("1e-12"),
        mpf(1),
        9,
        20,
    ),
    # sinh(r) = r + r**3*P(r*r), cosh(r) = 1 + r*r*Q(r*r), |r| <= ln2/2
    "sinh_tail": (
        even(lambda r: (mp.sinh(r) - r) / r**3),
        even(lambda r: r**3 / mp.sinh(r)),
        mpf("1e-12"),
        (ln2 / 2 * mpf("1.0001")) ** 2,
        3,
        5,
    ),
    "cosh_tail": (
        even(lambda r: (mp.cosh(r) - 1) / r**2),
        even(lambda r: r**2 / mp.cosh(r)),
        mpf("1e-12"),
        (ln2 / 2 * mpf("1.0001")) ** 2,
        3,
        5,
    ),
    # erf(x) = x + x*P(x*x), |x| <= 1
    "erf_small": (
        even(lambda x: mp.erf(x) / x - 1),
        even(lambda x: x / mp.erf(x)),
        mpf("1e-12"),
        mpf(1),
        7,
        13,
    ),
    # erf(x) = 1 - exp(P(x)) beyond
    "erf_large": (
        lambda x: mp.log(mp.erfc(x)),
        lambda x: mp.erfc(x) / mp.erf(x),
        mpf(1),
        (mpf("4.0"), mpf("6.0")),
        6,
        17,
    ),
    # erfc(x) = exp(-x*x) / (x + K) * P((x - K) / (x + K)), 1 <= x
    "erfc_ratio": (
        (
            lambda t: erfcx(by_shifted_ratio(PIVOT_F32)(t)) * (by_shifted_ratio(PIVOT_F32)(t) + PIVOT_F32),
            lambda t: erfcx(by_shifted_ratio(PIVOT_F64)(t)) * (by_shifted_ratio(PIVOT_F64)(t) + PIVOT_F64),
        ),
        (
            lambda t: (
                1 / erfcx(by_shifted_ratio(PIVOT_F32)(t)) / (by_shifted_ratio(PIVOT_F32)(t) + PIVOT_F32)
            ),
            lambda t: (
                1 / erfcx(by_shifted_ratio(PIVOT_F64)(t)) / (by_shifted_ratio(PIVOT_F64)(t) + PIVOT_F64)
            ),
        ),
        (mpf("-0.3335"), mpf("-0.6001")),
        (mpf("0.68"), mpf("0.746")),
        9,
        22,
    ),
    # erfinv(y) = y * P(w), w = -log(1 - y*y), by shifted w; then y * (s + P(s)), s = sqrt(w), by shifted s
    "erfinv_centre": (
        (lambda t: erfinv_ratio(t + CENTRE_F32), lambda t: erfinv_ratio(t + CENTRE_F64)),
        (lambda t: 1 / erfinv_ratio(t + CENTRE_F32), lambda t: 1 / erfinv_ratio(t + CENTRE_F64)),
        (mpf("-2.4999"), mpf("-3.12499")),
        (mpf("2.5001"), mpf("3.12501")),
        12,
        26,
    ),
    "erfinv_middle": (
        lambda t: erfinv_rest(t + mpf("3.25")),
        lambda t: 1 / erfinv_ratio((t + mpf("3.25")) ** 2),
        (mpf("-1.0150"), mpf("-0.75005")),
        mpf("0.75001"),
        10,
        21,
    ),
    "erfinv_tail": (
        lambda t: erfinv_rest(t + mpf("5.25")),
        lambda t: 1 / erfinv_ratio((t + mpf("5.25")) ** 2),
        mpf("-1.25001"),
        mpf("1.25001"),
        7,
        20,
    ),
    "erfinv_far": (
        (lambda t: erfinv_rest(t + mpf("8.25")), lambda t: erfinv_rest(t + mpf("9.25"))),
        (
            lambda t: 1 / erfinv_ratio((t + mpf("8.25")) ** 2),
            lambda t: 1 / erfinv_ratio((t + mpf("9.25")) ** 2),
        ),
        (mpf("-1.7501"), mpf("-2.7501")),
        (mpf("2.05"), mpf("2.7501")),
        7,
        20,
    ),
    "erfinv_farthest": (
        lambda t: erfinv_rest(t + mpf("19.75")),
        lambda t: 1 / erfinv_ratio((t + mpf("19.75")) ** 2),
        mpf("-7.7501"),
        mpf("7.7501"),
        7,
        21,
    ),
    # log(gamma(2 + t)) = t * P(t)
    "gammaln_near": (
        series(lambda t: mp.loggamma(2 + t) / t),
        series(lambda t: t / mp.loggamma(2 + t)),
        mpf("-0.75"),
        mpf("0.25"),
        11,
        21,
    ),
}


def pick(item, single):
    return item[0 if single else 1] if isinstance(item, tuple) else item


def main():
    names = sys.argv[1:] or list(TABLE)
    print("// Written by tools/fit_polynomials.py, which says what each polynomial approximates.")
    print("#pragma once\n\nnamespace croton::math::coefficients {\n")
    for name in names:
        f, weight, low, high, count32, count64 = TABLE[name]
        for single, count in ((True, count32), (False, count64)):
            c, error = fit(
                pick(f, single), pick(weight, single), pick(low, single), pick(high, single), count, single
            )
            if name == "sin_tail":
                c = make_exact_at_half_pi(c, single)
            suffix = "f32" if single else "f64"
            print(f"// error 2^{float(mp.log(error, 2)):.1f}")
            body = ", ".join(f"{float(x):.9g}" if single else repr(float(x)) for x in c)
            print(f"inline constexpr double {name}_{suffix}[] = {{{body}}};", flush=True)
    print("\n}  // namespace croton::math::coefficients")


if __name__ == "__main__":
    main()

"""What croton.tensor makes from tables. tools/stubs.py writes this file: `make stubs`."""

from typing import Any

from croton.tensor.types import TensorType
from croton.tensor.variable import Variable

def abs(x: Any) -> Variable:
    """The absolute value of x."""
def add(x: Any, *others: Any) -> Variable:
    """x + y; for bools, logical or."""
def arccos(x: Any) -> Variable:
    """The angle in [0, pi] whose cosine is x; NaN outside [-1, 1]."""
def arccosh(x: Any) -> Variable:
    """The inverse hyperbolic cosine of x; NaN below 1."""
def arcsin(x: Any) -> Variable:
    """The angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1]."""
def arcsinh(x: Any) -> Variable:
    """The inverse hyperbolic sine of x."""
def arctan(x: Any) -> Variable:
    """The angle in [-pi/2, pi/2] whose tangent is x."""
def arctan2(x: Any, y: Any) -> Variable:
    """The angle of the point (y, x) in [-pi, pi]: the quadrant by both signs."""
def arctanh(x: Any) -> Variable:
    """The inverse hyperbolic tangent of x; NaN outside [-1, 1]."""
bcol: TensorType
def bcols(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, 1) for each name, or as many as a number says."""
def beta(x: Any, y: Any) -> Variable:
    """gamma(x) gamma(y) / gamma(x + y)."""
def betainc(x: Any, y: Any, z: Any) -> Variable:
    """The regularized incomplete beta function: the integral of t**(x-1) (1-t)**(y-1) from 0 to z, divided by beta(x, y)."""
def betainc_da(x: Any, y: Any, z: Any) -> Variable:
    """The derivative of betainc(x, y, z) by x."""
def betainc_db(x: Any, y: Any, z: Any) -> Variable:
    """The derivative of betainc(x, y, z) by y."""
def betainc_dx(x: Any, y: Any, z: Any) -> Variable:
    """The derivative of betainc(x, y, z) by z: the density of the beta distribution."""
def betaincc(x: Any, y: Any, z: Any) -> Variable:
    """1 - betainc(x, y, z), precise where that is small."""
def betainccinv(x: Any, y: Any, z: Any) -> Variable:
    """The inverse of betaincc by its third argument."""
def betaincinv(x: Any, y: Any, z: Any) -> Variable:
    """The inverse of betainc by its third argument: betainc(x, y, betaincinv(x, y, z)) is z."""
def betaln(x: Any, y: Any) -> Variable:
    """The logarithm of the absolute value of beta(x, y)."""
def binom(x: Any, y: Any) -> Variable:
    """The binomial coefficient of x and y, for real numbers too."""
def bitwise_and(x: Any, *others: Any) -> Variable:
    """x & y, bit by bit."""
def bitwise_or(x: Any, *others: Any) -> Variable:
    """x | y, bit by bit."""
def bitwise_xor(x: Any, y: Any) -> Variable:
    """x ^ y, bit by bit."""
def bmatrices(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, any) for each name, or as many as a number says."""
bmatrix: TensorType
brow: TensorType
def brows(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (1, any) for each name, or as many as a number says."""
bscalar: TensorType
def bscalars(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape () for each name, or as many as a number says."""
btensor3: TensorType
def btensor3s(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, any, any) for each name, or as many as a number says."""
btensor4: TensorType
def btensor4s(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, any, any, any) for each name, or as many as a number says."""
btensor5: TensorType
def btensor5s(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
btensor6: TensorType
def btensor6s(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
btensor7: TensorType
def btensor7s(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
bvector: TensorType
def bvectors(*names: Any, **options: Any) -> Any:
    """One new int8 input with shape (any) for each name, or as many as a number says."""
def cbrt(x: Any) -> Variable:
    """The real cube root of x."""
ccol: TensorType
def ccols(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, 1) for each name, or as many as a number says."""
def ceil(x: Any) -> Variable:
    """The smallest integer not below x."""
def cmatrices(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, any) for each name, or as many as a number says."""
cmatrix: TensorType
def col(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, 1)."""
def cols(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, 1) for each name, or as many as a number says."""
def copysign(x: Any, y: Any) -> Variable:
    """The magnitude of x with the sign of y."""
def cos(x: Any) -> Variable:
    """The cosine of x radians."""
def cosh(x: Any) -> Variable:
    """The hyperbolic cosine of x."""
crow: TensorType
def crows(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (1, any) for each name, or as many as a number says."""
cscalar: TensorType
def cscalars(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape () for each name, or as many as a number says."""
ctensor3: TensorType
def ctensor3s(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, any, any) for each name, or as many as a number says."""
ctensor4: TensorType
def ctensor4s(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, any, any, any) for each name, or as many as a number says."""
ctensor5: TensorType
def ctensor5s(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
ctensor6: TensorType
def ctensor6s(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
ctensor7: TensorType
def ctensor7s(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
cvector: TensorType
def cvectors(*names: Any, **options: Any) -> Any:
    """One new complex64 input with shape (any) for each name, or as many as a number says."""
dcol: TensorType
def dcols(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, 1) for each name, or as many as a number says."""
def deg2rad(x: Any) -> Variable:
    """x degrees in radians."""
def digamma(x: Any) -> Variable:
    """The derivative of gammaln at x."""
def dmatrices(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, any) for each name, or as many as a number says."""
dmatrix: TensorType
def draw_binomial(x: Any, y: Any, z: Any) -> Variable:
    """How many of x trials succeed, each with probability y, by the random bits z; -1 for no such."""
def draw_exponential(x: Any) -> Variable:
    """A draw from the exponential distribution of mean 1, by the random bits x."""
def draw_gamma(x: Any, y: Any) -> Variable:
    """A draw from the gamma distribution of shape x and scale 1, by the random bits y."""
def draw_hypergeometric(x: Any, y: Any, z: Any, w: Any) -> Variable:
    """How many of z things drawn from x marked and y other ones are marked, by the random bits w; -1 for no such."""
def draw_poisson(x: Any, y: Any) -> Variable:
    """A draw from the Poisson distribution of mean x, by the random bits y; -1 for no mean."""
def draw_vonmises(x: Any, y: Any) -> Variable:
    """An angle in [-pi, pi] around 0 of concentration x, by the random bits y."""
def draw_zipf(x: Any, y: Any) -> Variable:
    """A draw from the zeta distribution of exponent x > 1, by the random bits y; -1 for others."""
drow: TensorType
def drows(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (1, any) for each name, or as many as a number says."""
dscalar: TensorType
def dscalars(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape () for each name, or as many as a number says."""
dtensor3: TensorType
def dtensor3s(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, any, any) for each name, or as many as a number says."""
dtensor4: TensorType
def dtensor4s(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, any, any, any) for each name, or as many as a number says."""
dtensor5: TensorType
def dtensor5s(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
dtensor6: TensorType
def dtensor6s(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
dtensor7: TensorType
def dtensor7s(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
dvector: TensorType
def dvectors(*names: Any, **options: Any) -> Any:
    """One new float64 input with shape (any) for each name, or as many as a number says."""
def ellipe(x: Any) -> Variable:
    """The complete elliptic integral of the second kind of parameter x, the square of the modulus."""
def ellipk(x: Any) -> Variable:
    """The complete elliptic integral of the first kind of parameter x, the square of the modulus."""
def ellipkm1(x: Any) -> Variable:
    """ellipk(1 - x), precise where x is small."""
def elliprd(x: Any, y: Any, z: Any) -> Variable:
    """Carlson's symmetric elliptic integral of the second kind, R_D(x, y, z)."""
def eq(x: Any, y: Any) -> Variable:
    """Whether x equals y."""
def erf(x: Any) -> Variable:
    """The error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x."""
def erfc(x: Any) -> Variable:
    """1 - erf(x), precise for large x."""
def erfcinv(x: Any) -> Variable:
    """The inverse of erfc; infinite at 0 and 2, NaN outside."""
def erfcx(x: Any) -> Variable:
    """exp(x**2) erfc(x), which does not underflow."""
def erfinv(x: Any) -> Variable:
    """The inverse of erf; infinite at -1 and 1, NaN outside."""
def exp(x: Any) -> Variable:
    """e ** x."""
def exp1(x: Any) -> Variable:
    """The exponential integral E1: the integral of exp(-x t) / t from 1 to inf; NaN below 0."""
def exp2(x: Any) -> Variable:
    """2 ** x."""
def expi(x: Any) -> Variable:
    """The exponential integral Ei: the integral of exp(t) / t from -inf to x."""
def expm1(x: Any) -> Variable:
    """exp(x) - 1, precise near 0."""
def expn(x: Any, y: Any) -> Variable:
    """The integral of exp(-y t) / t**x from 1 to inf, for whole x of 0 or more."""
fcol: TensorType
def fcols(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, 1) for each name, or as many as a number says."""
def floor(x: Any) -> Variable:
    """The largest integer not above x."""
def floor_div(x: Any, y: Any) -> Variable:
    """The largest integer not above x / y, as Python's //; integers divided by 0 give 0."""
def fmatrices(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, any) for each name, or as many as a number says."""
fmatrix: TensorType
def fmax(x: Any, y: Any) -> Variable:
    """The larger of x and y; the other one if one is NaN."""
def fmin(x: Any, y: Any) -> Variable:
    """The smaller of x and y; the other one if one is NaN."""
frow: TensorType
def frows(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (1, any) for each name, or as many as a number says."""
fscalar: TensorType
def fscalars(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape () for each name, or as many as a number says."""
ftensor3: TensorType
def ftensor3s(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, any, any) for each name, or as many as a number says."""
ftensor4: TensorType
def ftensor4s(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, any, any, any) for each name, or as many as a number says."""
ftensor5: TensorType
def ftensor5s(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
ftensor6: TensorType
def ftensor6s(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
ftensor7: TensorType
def ftensor7s(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
fvector: TensorType
def fvectors(*names: Any, **options: Any) -> Any:
    """One new float32 input with shape (any) for each name, or as many as a number says."""
def gamma(x: Any) -> Variable:
    """The gamma function of x."""
def gammainc(x: Any, y: Any) -> Variable:
    """The regularized lower incomplete gamma function: the integral of t**(x-1) exp(-t) from 0 to y, divided by gamma(x)."""
def gammainc_da(x: Any, y: Any) -> Variable:
    """The derivative of gammainc(x, y) by x."""
def gammainc_dx(x: Any, y: Any) -> Variable:
    """The derivative of gammainc(x, y) by y: the density of the gamma distribution of shape x."""
def gammaincc(x: Any, y: Any) -> Variable:
    """The regularized upper incomplete gamma function, 1 - gammainc(x, y)."""
def gammainccinv(x: Any, y: Any) -> Variable:
    """The inverse of gammaincc by its second argument."""
def gammaincinv(x: Any, y: Any) -> Variable:
    """The inverse of gammainc by its second argument: gammainc(x, gammaincinv(x, y)) is y."""
def gammaln(x: Any) -> Variable:
    """The logarithm of the absolute value of the gamma function of x."""
def ge(x: Any, y: Any) -> Variable:
    """Whether x >= y."""
def gt(x: Any, y: Any) -> Variable:
    """Whether x > y."""
def hurwitz_zeta(x: Any, y: Any) -> Variable:
    """The sum of 1 / (y + k)**x over k = 0, 1, ..., for x > 1."""
def hyp2f1(x: Any, y: Any, z: Any, w: Any) -> Variable:
    """Gauss's hypergeometric function F(x, y; z; w) of real numbers, DLMF 15.2; NaN for w > 1."""
def hypot(x: Any, y: Any) -> Variable:
    """sqrt(x**2 + y**2) without overflow."""
def i0(x: Any) -> Variable:
    """The modified Bessel function of the first kind of order 0."""
def i0e(x: Any) -> Variable:
    """exp(-|x|) i0(x), which does not overflow."""
def i1(x: Any) -> Variable:
    """The modified Bessel function of the first kind of order 1."""
def i1e(x: Any) -> Variable:
    """exp(-|x|) i1(x), which does not overflow."""
icol: TensorType
def icols(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, 1) for each name, or as many as a number says."""
def imatrices(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, any) for each name, or as many as a number says."""
imatrix: TensorType
def invert(x: Any) -> Variable:
    """~x: every bit flipped; logical not for bools."""
irow: TensorType
def irows(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (1, any) for each name, or as many as a number says."""
iscalar: TensorType
def iscalars(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape () for each name, or as many as a number says."""
def isfinite(x: Any) -> Variable:
    """Whether x is neither infinite nor NaN."""
def isinf(x: Any) -> Variable:
    """Whether x is infinite."""
def isnan(x: Any) -> Variable:
    """Whether x is NaN."""
itensor3: TensorType
def itensor3s(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, any, any) for each name, or as many as a number says."""
itensor4: TensorType
def itensor4s(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, any, any, any) for each name, or as many as a number says."""
itensor5: TensorType
def itensor5s(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
itensor6: TensorType
def itensor6s(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
itensor7: TensorType
def itensor7s(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
def iv(x: Any, y: Any) -> Variable:
    """The modified Bessel function of the first kind of order x, at y."""
def ive(x: Any, y: Any) -> Variable:
    """exp(-|y|) iv(x, y), which does not overflow."""
ivector: TensorType
def ivectors(*names: Any, **options: Any) -> Any:
    """One new int32 input with shape (any) for each name, or as many as a number says."""
def j0(x: Any) -> Variable:
    """The Bessel function of the first kind of order 0."""
def j1(x: Any) -> Variable:
    """The Bessel function of the first kind of order 1."""
def jv(x: Any, y: Any) -> Variable:
    """The Bessel function of the first kind of order x, at y."""
def k0(x: Any) -> Variable:
    """The modified Bessel function of the second kind of order 0; inf at 0."""
def k0e(x: Any) -> Variable:
    """exp(x) k0(x), which does not underflow."""
def k1(x: Any) -> Variable:
    """The modified Bessel function of the second kind of order 1; inf at 0."""
def k1e(x: Any) -> Variable:
    """exp(x) k1(x), which does not underflow."""
def kv(x: Any, y: Any) -> Variable:
    """The modified Bessel function of the second kind of order x, at y."""
def kve(x: Any, y: Any) -> Variable:
    """exp(y) kv(x, y), which does not underflow."""
lcol: TensorType
def lcols(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, 1) for each name, or as many as a number says."""
def le(x: Any, y: Any) -> Variable:
    """Whether x <= y."""
def left_shift(x: Any, y: Any) -> Variable:
    """x * 2**y, wrapping around; 0 where y is not less than the width."""
def lmatrices(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, any) for each name, or as many as a number says."""
lmatrix: TensorType
def log(x: Any) -> Variable:
    """The natural logarithm of x; -inf at 0, NaN below."""
def log10(x: Any) -> Variable:
    """The logarithm of x to base 10; -inf at 0, NaN below."""
def log1p(x: Any) -> Variable:
    """log(1 + x), precise near 0."""
def log2(x: Any) -> Variable:
    """The logarithm of x to base 2; -inf at 0, NaN below."""
def logaddexp(x: Any, y: Any) -> Variable:
    """log(exp(x) + exp(y)) without overflow."""
def loghypot(x: Any, y: Any) -> Variable:
    """log(sqrt(x**2 + y**2)) without overflow, precise where it is near 0."""
def logical_and(x: Any, *others: Any) -> Variable:
    """Whether x and y are both nonzero."""
def logical_not(x: Any) -> Variable:
    """Whether x is zero."""
def logical_or(x: Any, *others: Any) -> Variable:
    """Whether x or y is nonzero."""
def logical_xor(x: Any, y: Any) -> Variable:
    """Whether exactly one of x and y is nonzero."""
lrow: TensorType
def lrows(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (1, any) for each name, or as many as a number says."""
lscalar: TensorType
def lscalars(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape () for each name, or as many as a number says."""
def lt(x: Any, y: Any) -> Variable:
    """Whether x < y."""
ltensor3: TensorType
def ltensor3s(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, any, any) for each name, or as many as a number says."""
ltensor4: TensorType
def ltensor4s(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, any, any, any) for each name, or as many as a number says."""
ltensor5: TensorType
def ltensor5s(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
ltensor6: TensorType
def ltensor6s(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
ltensor7: TensorType
def ltensor7s(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
lvector: TensorType
def lvectors(*names: Any, **options: Any) -> Any:
    """One new int64 input with shape (any) for each name, or as many as a number says."""
def matrices(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, any) for each name, or as many as a number says."""
def matrix(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, any)."""
def maximum(x: Any, *others: Any) -> Variable:
    """The larger of x and y; NaN if either is NaN."""
def minimum(x: Any, *others: Any) -> Variable:
    """The smaller of x and y; NaN if either is NaN."""
def mod(x: Any, y: Any) -> Variable:
    """x - y * floor(x / y), with the sign of y, as Python's %; integers modulo 0 give 0."""
def mul(x: Any, *others: Any) -> Variable:
    """x * y; for bools, logical and."""
def mul_high(x: Any, y: Any) -> Variable:
    """The upper 64 bits of the product of x and y as uint64."""
def ne(x: Any, y: Any) -> Variable:
    """Whether x differs from y; true where either is NaN."""
def neg(x: Any) -> Variable:
    """-x; unsigned integers wrap around."""
def owens_t(x: Any, y: Any) -> Variable:
    """Owen's T: the integral of exp(-x**2 (1 + t**2) / 2) / (1 + t**2) from 0 to y, over 2 pi."""
def philox(x: Any, y: Any, z: Any) -> Variable:
    """64 random bits: words 0 and 1 of Philox 4x32-10 of counter x, key y and upper counter words z."""
def philox_second(x: Any, y: Any, z: Any) -> Variable:
    """Words 2 and 3 of the same block as philox(x, y, z)."""
def poch(x: Any, y: Any) -> Variable:
    """The rising factorial of x by y, gamma(x + y) / gamma(x)."""
def polygamma(x: Any, y: Any) -> Variable:
    """The derivative of order x of digamma, at y, for whole x of 0 or more."""
def pow(x: Any, y: Any) -> Variable:
    """x ** y; a negative integer power of an integer is 0, unless x is 1 or -1."""
def rad2deg(x: Any) -> Variable:
    """x radians in degrees."""
def reciprocal(x: Any) -> Variable:
    """1 / x."""
def relu(x: Any) -> Variable:
    """max(x, 0)."""
def riemann_zeta(x: Any) -> Variable:
    """The sum of 1 / k**x over k = 1, 2, ..., and its continuation below 1; inf at 1."""
def right_shift(x: Any, y: Any) -> Variable:
    """x // 2**y; the sign alone remains where y is not less than the width."""
def round_half_away_from_zero(x: Any) -> Variable:
    """The integer nearest to x; halves go away from zero."""
def row(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (1, any)."""
def rows(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (1, any) for each name, or as many as a number says."""
def rsqrt(x: Any) -> Variable:
    """1 / sqrt(x)."""
def scalar(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape ()."""
def scalars(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape () for each name, or as many as a number says."""
def sigmoid(x: Any) -> Variable:
    """1 / (1 + exp(-x))."""
def sign(x: Any) -> Variable:
    """-1, 0 or 1 by the sign of x, NaN for NaN; of complex numbers x / |x|."""
def sin(x: Any) -> Variable:
    """The sine of x radians."""
def sinh(x: Any) -> Variable:
    """The hyperbolic sine of x."""
def softplus(x: Any) -> Variable:
    """log(1 + exp(x)) without overflow."""
def sqrt(x: Any) -> Variable:
    """The non-negative square root of x; NaN for negative x."""
def square(x: Any) -> Variable:
    """x * x."""
def sub(x: Any, y: Any) -> Variable:
    """x - y; unsigned integers wrap around."""
def tan(x: Any) -> Variable:
    """The tangent of x radians."""
def tanh(x: Any) -> Variable:
    """The hyperbolic tangent of x."""
def tensor3(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, any, any)."""
def tensor3s(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, any, any) for each name, or as many as a number says."""
def tensor4(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, any, any, any)."""
def tensor4s(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, any, any, any) for each name, or as many as a number says."""
def tensor5(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, any, any, any, any)."""
def tensor5s(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, any, any, any, any) for each name, or as many as a number says."""
def tensor6(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, any, any, any, any, any)."""
def tensor6s(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
def tensor7(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any, any, any, any, any, any, any)."""
def tensor7s(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
def trigamma(x: Any) -> Variable:
    """The second derivative of gammaln at x."""
def true_div(x: Any, y: Any) -> Variable:
    """x / y in floating point."""
def trunc(x: Any) -> Variable:
    """x without its fraction."""
ubcol: TensorType
def ubcols(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, 1) for each name, or as many as a number says."""
def ubmatrices(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, any) for each name, or as many as a number says."""
ubmatrix: TensorType
ubrow: TensorType
def ubrows(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (1, any) for each name, or as many as a number says."""
ubscalar: TensorType
def ubscalars(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape () for each name, or as many as a number says."""
ubtensor3: TensorType
def ubtensor3s(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, any, any) for each name, or as many as a number says."""
ubtensor4: TensorType
def ubtensor4s(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, any, any, any) for each name, or as many as a number says."""
ubtensor5: TensorType
def ubtensor5s(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
ubtensor6: TensorType
def ubtensor6s(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
ubtensor7: TensorType
def ubtensor7s(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
ubvector: TensorType
def ubvectors(*names: Any, **options: Any) -> Any:
    """One new uint8 input with shape (any) for each name, or as many as a number says."""
uicol: TensorType
def uicols(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, 1) for each name, or as many as a number says."""
def uimatrices(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, any) for each name, or as many as a number says."""
uimatrix: TensorType
uirow: TensorType
def uirows(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (1, any) for each name, or as many as a number says."""
uiscalar: TensorType
def uiscalars(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape () for each name, or as many as a number says."""
uitensor3: TensorType
def uitensor3s(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, any, any) for each name, or as many as a number says."""
uitensor4: TensorType
def uitensor4s(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, any, any, any) for each name, or as many as a number says."""
uitensor5: TensorType
def uitensor5s(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
uitensor6: TensorType
def uitensor6s(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
uitensor7: TensorType
def uitensor7s(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
uivector: TensorType
def uivectors(*names: Any, **options: Any) -> Any:
    """One new uint32 input with shape (any) for each name, or as many as a number says."""
ulcol: TensorType
def ulcols(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, 1) for each name, or as many as a number says."""
def ulmatrices(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, any) for each name, or as many as a number says."""
ulmatrix: TensorType
ulrow: TensorType
def ulrows(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (1, any) for each name, or as many as a number says."""
ulscalar: TensorType
def ulscalars(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape () for each name, or as many as a number says."""
ultensor3: TensorType
def ultensor3s(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, any, any) for each name, or as many as a number says."""
ultensor4: TensorType
def ultensor4s(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, any, any, any) for each name, or as many as a number says."""
ultensor5: TensorType
def ultensor5s(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
ultensor6: TensorType
def ultensor6s(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
ultensor7: TensorType
def ultensor7s(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
ulvector: TensorType
def ulvectors(*names: Any, **options: Any) -> Any:
    """One new uint64 input with shape (any) for each name, or as many as a number says."""
uwcol: TensorType
def uwcols(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, 1) for each name, or as many as a number says."""
def uwmatrices(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, any) for each name, or as many as a number says."""
uwmatrix: TensorType
uwrow: TensorType
def uwrows(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (1, any) for each name, or as many as a number says."""
uwscalar: TensorType
def uwscalars(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape () for each name, or as many as a number says."""
uwtensor3: TensorType
def uwtensor3s(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, any, any) for each name, or as many as a number says."""
uwtensor4: TensorType
def uwtensor4s(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, any, any, any) for each name, or as many as a number says."""
uwtensor5: TensorType
def uwtensor5s(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
uwtensor6: TensorType
def uwtensor6s(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
uwtensor7: TensorType
def uwtensor7s(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
uwvector: TensorType
def uwvectors(*names: Any, **options: Any) -> Any:
    """One new uint16 input with shape (any) for each name, or as many as a number says."""
def vector(name: str | None = None, dtype: Any = None) -> Variable:
    """A new floatX input with shape (any)."""
def vectors(*names: Any, **options: Any) -> Any:
    """One new floatX input with shape (any) for each name, or as many as a number says."""
wcol: TensorType
def wcols(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, 1) for each name, or as many as a number says."""
def where(condition: Any, x: Any, y: Any) -> Variable:
    """`x` where `condition` is true, else `y`, element by element."""
def wmatrices(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, any) for each name, or as many as a number says."""
wmatrix: TensorType
wrow: TensorType
def wrows(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (1, any) for each name, or as many as a number says."""
wscalar: TensorType
def wscalars(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape () for each name, or as many as a number says."""
wtensor3: TensorType
def wtensor3s(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, any, any) for each name, or as many as a number says."""
wtensor4: TensorType
def wtensor4s(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, any, any, any) for each name, or as many as a number says."""
wtensor5: TensorType
def wtensor5s(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
wtensor6: TensorType
def wtensor6s(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
wtensor7: TensorType
def wtensor7s(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
wvector: TensorType
def wvectors(*names: Any, **options: Any) -> Any:
    """One new int16 input with shape (any) for each name, or as many as a number says."""
def xlogy(x: Any, y: Any) -> Variable:
    """x * log(y); 0 where x is 0."""
def y0(x: Any) -> Variable:
    """The Bessel function of the second kind of order 0; -inf at 0."""
def y1(x: Any) -> Variable:
    """The Bessel function of the second kind of order 1; -inf at 0."""
def yv(x: Any, y: Any) -> Variable:
    """The Bessel function of the second kind of order x, at y."""
zcol: TensorType
def zcols(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, 1) for each name, or as many as a number says."""
def zmatrices(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, any) for each name, or as many as a number says."""
zmatrix: TensorType
zrow: TensorType
def zrows(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (1, any) for each name, or as many as a number says."""
zscalar: TensorType
def zscalars(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape () for each name, or as many as a number says."""
ztensor3: TensorType
def ztensor3s(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, any, any) for each name, or as many as a number says."""
ztensor4: TensorType
def ztensor4s(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, any, any, any) for each name, or as many as a number says."""
ztensor5: TensorType
def ztensor5s(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, any, any, any, any) for each name, or as many as a number says."""
ztensor6: TensorType
def ztensor6s(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, any, any, any, any, any) for each name, or as many as a number says."""
ztensor7: TensorType
def ztensor7s(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any, any, any, any, any, any, any) for each name, or as many as a number says."""
zvector: TensorType
def zvectors(*names: Any, **options: Any) -> Any:
    """One new complex128 input with shape (any) for each name, or as many as a number says."""
abs_ = abs
absolute = abs
acos = arccos
acosh = arccosh
and_ = bitwise_and
arctan2_ = arctan2
asin = arcsin
asinh = arcsinh
atan = arctan
atan2 = arctan2
atanh = arctanh
bitwise_invert = invert
bitwise_left_shift = left_shift
bitwise_not = invert
bitwise_right_shift = right_shift
degrees = rad2deg
divide = true_div
equal = eq
floor_divide = floor_div
greater = gt
greater_equal = ge
int_div = floor_div
inv = reciprocal
isinf_ = isinf
isnan_ = isnan
jn = jv
kn = kv
largest = maximum
less = lt
less_equal = le
mod_check = mod
multiply = mul
negative = neg
neq = ne
not_equal = ne
or_ = bitwise_or
power = pow
psi = digamma
radians = deg2rad
remainder = mod
round_half_to_even = round
sgn = sign
smallest = minimum
sqr = square
subtract = sub
switch = where
tri_gamma = trigamma
true_divide = true_div
xor = bitwise_xor
yn = yv

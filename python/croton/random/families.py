"""Distributions made of draws from gamma distributions.

Those repeat until one is accepted, which is exact, but has no derivative: no gradient flows to shapes and
degrees of freedom.
"""

from __future__ import annotations

from typing import Any

from croton.random.base import StreamBase
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import TensorLike
from croton.tensor.variable import Variable

Size = Any


class GammaFamily(StreamBase):
    """Draws of floats. `dtype` is by default floatX, or a wider dtype of the parameters.

    All distributions take `size`, `dtype` and `ndim` as in `croton.random.continuous.Continuous`.
    """

    def standard_gamma(
        self, shape: TensorLike, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Gamma of scale 1 (Marsaglia and Tsang, 2000).

        Parameters
        ----------
        shape : array_like or Variable
            0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (a,) = self._begin("standard_gamma", size, ndim, dtype, {"shape": (shape, "scale")})
        return draw.finish(draw.gamma(a))

    def gamma(
        self,
        shape: TensorLike,
        scale: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Gamma of mean shape * scale; the gradient flows to `scale` alone.

        Parameters
        ----------
        shape, scale : array_like or Variable
            Both 0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For constants below 0.
        """
        given = {"shape": (shape, "scale"), "scale": (scale, "scale")}
        draw, (a, b) = self._begin("gamma", size, ndim, dtype, given)
        return draw.finish(b * draw.gamma(a))

    def chisquare(
        self, df: TensorLike, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """The sum of `df` squares of normal draws, which need not be a whole number.

        Parameters
        ----------
        df : array_like or Variable
            Above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (n,) = self._begin("chisquare", size, ndim, dtype, {"df": (df, "positive")})
        return draw.finish(2.0 * draw.gamma(0.5 * n))

    def noncentral_chisquare(
        self,
        df: TensorLike,
        nonc: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """A chi-square draw of df + 2 k degrees of freedom, k being Poisson of mean nonc / 2.

        Parameters
        ----------
        df : array_like or Variable
            Above 0.
        nonc : array_like or Variable
            The noncentrality, 0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For constants outside these ranges.
        """
        given = {"df": (df, "positive"), "nonc": (nonc, "scale")}
        draw, (n, c) = self._begin("noncentral_chisquare", size, ndim, dtype, given)
        extra = cast(apply("draw_poisson", 0.5 * c, draw.bits(1)), draw.work)
        return draw.finish(2.0 * draw.gamma(0.5 * n + extra))

    def f(
        self,
        dfnum: TensorLike,
        dfden: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """F: the ratio of two chi-square draws, each over its degrees of freedom.

        Parameters
        ----------
        dfnum, dfden : array_like or Variable
            Degrees of freedom above and below the line, above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For constants of 0 or less.
        """
        given = {"dfnum": (dfnum, "positive"), "dfden": (dfden, "positive")}
        draw, (m, n) = self._begin("f", size, ndim, dtype, given)
        ratio = apply("exp", draw.log_gamma(0.5 * m, 0) - draw.log_gamma(0.5 * n, 2))
        return draw.finish(ratio * (n / m))

    def noncentral_f(
        self,
        dfnum: TensorLike,
        dfden: TensorLike,
        nonc: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """`f` with a noncentral chi-square draw above.

        Parameters
        ----------
        dfnum, dfden : array_like or Variable
            Degrees of freedom above and below the line, above 0.
        nonc : array_like or Variable
            The noncentrality, 0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For constants outside these ranges.
        """
        given = {"dfnum": (dfnum, "positive"), "dfden": (dfden, "positive"), "nonc": (nonc, "scale")}
        draw, (m, n, c) = self._begin("noncentral_f", size, ndim, dtype, given)
        extra = cast(apply("draw_poisson", 0.5 * c, draw.bits(4)), draw.work)
        ratio = apply("exp", draw.log_gamma(0.5 * m + extra, 0) - draw.log_gamma(0.5 * n, 2))
        return draw.finish(ratio * (n / m))

    def beta(
        self,
        a: TensorLike,
        b: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Beta: x / (x + y) for gamma draws x and y of shapes `a` and `b`.

        Parameters
        ----------
        a, b : array_like or Variable
            Above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Returns
        -------
        Variable
            Floats of shape `size`, from 0 to 1.

        Raises
        ------
        ValueError
            For constants of 0 or less.
        """
        draw, (m, n) = self._begin("beta", size, ndim, dtype, {"a": (a, "positive"), "b": (b, "positive")})
        return draw.finish(apply("sigmoid", draw.log_gamma(m, 0) - draw.log_gamma(n, 2)))

    def standard_t(
        self, df: TensorLike, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Student's t: a normal draw over the root of a chi-square one by `df`.

        Parameters
        ----------
        df : array_like or Variable
            Above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (n,) = self._begin("standard_t", size, ndim, dtype, {"df": (df, "positive")})
        half = apply("exp", -0.5 * draw.log_gamma(0.5 * n, 2)) * apply("sqrt", 0.5 * n)
        return draw.finish(draw.normal() * half)

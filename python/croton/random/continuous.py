"""Distributions of real numbers on the line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from croton.random.base import StreamBase
from croton.tensor.elementwise import apply, cast, where
from croton.tensor.expression import TensorLike
from croton.tensor.special import ndtr, ndtri
from croton.tensor.variable import Variable

Size = Any


class Continuous(StreamBase):
    """Draws of floats. `dtype` is by default floatX, or a wider dtype of the parameters.

    All distributions take these arguments beside their parameters.

    Parameters
    ----------
    size : int, sequence of int and scalars, or vector, optional
        The shape; by default that to which the parameters broadcast.
    dtype : optional
        Of floats. float16 and bfloat16 are rounded from float32.
    ndim : int, optional
        The number of axes, for a vector `size` of unknown length.

    Raises
    ------
    TypeError
        For a dtype that is not of floats, and parameters that are no real numbers.
    ValueError
        For constants as parameters that make no distribution (what a call brings is not checked), and
        sizes to which the parameters do not broadcast.
    """

    def random(self, size: Size = None, dtype: Any = None, *, ndim: int | None = None) -> Variable:
        """Uniform in [0, 1).

        Parameters
        ----------
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, _ = self._begin("random", size, ndim, dtype, {})
        return draw.finish(draw.uniform())

    def uniform(
        self,
        low: TensorLike = 0.0,
        high: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Uniform in [low, high); rounding may give `high` itself.

        Parameters
        ----------
        low, high : array_like or Variable
            Both have gradients.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Returns
        -------
        Variable
            Floats of shape `size`.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> low = T.dvector("low")
        >>> x = rng.uniform(low, 2 * low)
        >>> ct.function([low], ct.grad(x.sum(), low))([3.0]).shape
        (1,)
        """
        given = {"low": (low, ""), "high": (high, "")}
        draw, (a, b) = self._begin("uniform", size, ndim, dtype, given)
        return draw.finish(a + (b - a) * draw.uniform())

    def standard_normal(self, size: Size = None, dtype: Any = None, *, ndim: int | None = None) -> Variable:
        """Normal of mean 0 and variance 1.

        Parameters
        ----------
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, _ = self._begin("standard_normal", size, ndim, dtype, {})
        return draw.finish(draw.normal())

    def normal(
        self,
        loc: TensorLike = 0.0,
        scale: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Normal of mean `loc` and standard deviation `scale`; both have gradients.

        Parameters
        ----------
        loc, scale : array_like or Variable
            `scale` is 0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Returns
        -------
        Variable
            Floats of shape `size`.

        Raises
        ------
        ValueError
            For a constant `scale` below 0.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> rng.normal(size=(2, 3)).eval().shape
        (2, 3)
        """
        draw, (a, b) = self._begin("normal", size, ndim, dtype, {"loc": (loc, ""), "scale": (scale, "scale")})
        return draw.finish(a + b * draw.normal())

    def truncated_normal(
        self,
        loc: TensorLike = 0.0,
        scale: TensorLike = 1.0,
        low: TensorLike = -2.0,
        high: TensorLike = 2.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Normal, among the numbers from `low` to `high` standard deviations off `loc`.

        By the inverse of the distribution function, which is 0 beyond 37 standard deviations below the mean
        (13 in float32): of an interval that far out, the draw is its end.

        Parameters
        ----------
        loc, scale : array_like or Variable
            Of the normal distribution; `scale` is 0 or more.
        low, high : array_like or Variable
            The ends, in standard deviations from `loc`.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Returns
        -------
        Variable
            Floats of shape `size`.

        Raises
        ------
        ValueError
            For a constant `scale` below 0.
        """
        given = {"loc": (loc, ""), "scale": (scale, "scale"), "low": (low, ""), "high": (high, "")}
        draw, (a, b, first, last) = self._begin("truncated_normal", size, ndim, dtype, given)
        # On the side where the tail is small, and so precise.
        flip = first > 0
        left, right = where(flip, -last, first), where(flip, -first, last)
        small, upper = draw.tail()
        share = where(upper, 1 - small, small)
        z = ndtri(ndtr(left) + share * (ndtr(right) - ndtr(left)))
        z = apply("minimum", apply("maximum", z, left), right)
        return draw.finish(a + b * where(flip, -z, z))

    def lognormal(
        self,
        mean: TensorLike = 0.0,
        sigma: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """exp of a normal draw of mean `mean` and standard deviation `sigma`.

        Parameters
        ----------
        mean, sigma : array_like or Variable
            Of the logarithm; `sigma` is 0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For a constant `sigma` below 0.
        """
        given = {"mean": (mean, ""), "sigma": (sigma, "scale")}
        draw, (a, b) = self._begin("lognormal", size, ndim, dtype, given)
        return draw.finish(apply("exp", a + b * draw.normal()))

    def standard_exponential(
        self, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Exponential of mean 1.

        Parameters
        ----------
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, _ = self._begin("standard_exponential", size, ndim, dtype, {})
        return draw.finish(draw.exponential())

    def exponential(
        self, scale: TensorLike = 1.0, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Exponential of mean `scale`.

        Parameters
        ----------
        scale : array_like or Variable
            0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (b,) = self._begin("exponential", size, ndim, dtype, {"scale": (scale, "scale")})
        return draw.finish(b * draw.exponential())

    def laplace(
        self,
        loc: TensorLike = 0.0,
        scale: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Laplace: exponential to both sides of `loc`.

        Parameters
        ----------
        loc, scale : array_like or Variable
            Both have gradients; `scale` is 0 or more. The variance is 2 scale**2.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For a constant `scale` below 0.
        """
        draw, (a, b) = self._begin(
            "laplace", size, ndim, dtype, {"loc": (loc, ""), "scale": (scale, "scale")}
        )
        small, upper = draw.tail()
        z = apply("log", 2.0 * small)
        return draw.finish(a + b * where(upper, -z, z))

    def logistic(
        self,
        loc: TensorLike = 0.0,
        scale: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Logistic: log(u / (1 - u)) for uniform u, times `scale`, plus `loc`.

        Parameters
        ----------
        loc, scale : array_like or Variable
            Both have gradients; `scale` is 0 or more. The variance is (pi scale)**2 / 3.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For a constant `scale` below 0.
        """
        draw, (a, b) = self._begin(
            "logistic", size, ndim, dtype, {"loc": (loc, ""), "scale": (scale, "scale")}
        )
        small, upper = draw.tail()
        z = apply("log", small) - apply("log1p", -small)
        return draw.finish(a + b * where(upper, -z, z))

    def gumbel(
        self,
        loc: TensorLike = 0.0,
        scale: TensorLike = 1.0,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Gumbel: -log of an exponential draw, times `scale`, plus `loc`.

        Parameters
        ----------
        loc, scale : array_like or Variable
            Both have gradients; `scale` is 0 or more. The mean is loc + 0.5772 scale.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For a constant `scale` below 0.
        """
        draw, (a, b) = self._begin("gumbel", size, ndim, dtype, {"loc": (loc, ""), "scale": (scale, "scale")})
        return draw.finish(a - b * apply("log", draw.exponential()))

    def standard_cauchy(self, size: Size = None, dtype: Any = None, *, ndim: int | None = None) -> Variable:
        """Cauchy: the ratio of two normal draws.

        Parameters
        ----------
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, _ = self._begin("standard_cauchy", size, ndim, dtype, {})
        small, upper = draw.tail()
        z = 1.0 / apply("tan", math.pi * small)
        return draw.finish(where(upper, -z, z))

    def weibull(
        self, a: TensorLike, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Weibull of shape `a`: an exponential draw to the power 1/a.

        Parameters
        ----------
        a : array_like or Variable
            Above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (shape,) = self._begin("weibull", size, ndim, dtype, {"a": (a, "positive")})
        return draw.finish(draw.exponential() ** (1.0 / shape))

    def pareto(
        self, a: TensorLike, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Lomax, or Pareto of the second kind, of shape `a`: of density a / (1 + x)**(a + 1).

        Parameters
        ----------
        a : array_like or Variable
            Above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (shape,) = self._begin("pareto", size, ndim, dtype, {"a": (a, "positive")})
        return draw.finish(apply("expm1", draw.exponential() / shape))

    def power(
        self, a: TensorLike, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """In [0, 1], of density a * x**(a - 1).

        Parameters
        ----------
        a : array_like or Variable
            Above 0.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (shape,) = self._begin("power", size, ndim, dtype, {"a": (a, "positive")})
        return draw.finish(apply("exp", -draw.exponential() / shape))

    def rayleigh(
        self, scale: TensorLike = 1.0, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """Rayleigh: the length of two normal draws of standard deviation `scale`.

        Parameters
        ----------
        scale : array_like or Variable
            0 or more.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        draw, (b,) = self._begin("rayleigh", size, ndim, dtype, {"scale": (scale, "scale")})
        return draw.finish(b * apply("sqrt", 2.0 * draw.exponential()))

    def triangular(
        self,
        left: TensorLike,
        mode: TensorLike,
        right: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Of a density that rises from `left` to `mode` and falls to `right`.

        Parameters
        ----------
        left, mode, right : array_like or Variable
            With left <= mode <= right, which is not checked.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.
        """
        given = {"left": (left, ""), "mode": (mode, ""), "right": (right, "")}
        draw, (a, m, b) = self._begin("triangular", size, ndim, dtype, given)
        u, rises = draw.uniform(), draw.uniform(1) * (b - a) < m - a
        # Each side is the larger of two uniform draws; sqrt of 1 - u, which is not 0, has a derivative.
        root = apply("sqrt", 1 - u)
        return draw.finish(where(rises, a + (m - a) * root, b - (b - m) * root))

    def wald(
        self,
        mean: TensorLike,
        scale: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Wald, or inverse Gaussian (Michael, Schucany and Haas, 1976).

        Parameters
        ----------
        mean, scale : array_like or Variable
            Both above 0; the variance is mean**3 / scale.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For constants of 0 or less.
        """
        given = {"mean": (mean, "positive"), "scale": (scale, "positive")}
        draw, (mu, b) = self._begin("wald", size, ndim, dtype, given)
        z = draw.normal()
        t = 0.5 * mu * z * z / b
        # The smaller root over mu is the reciprocal of the larger one.
        larger = 1.0 + t + apply("sqrt", t * (t + 2.0))
        small = draw.uniform(2) * (1.0 + 1.0 / larger) < 1.0
        return draw.finish(mu * where(small, 1.0 / larger, larger))

    def vonmises(
        self,
        mu: TensorLike,
        kappa: TensorLike,
        size: Size = None,
        dtype: Any = None,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Angles in [-pi, pi] around `mu`, of concentration `kappa` below 1e150.

        Parameters
        ----------
        mu : array_like or Variable
            An angle.
        kappa : array_like or Variable
            0 or more; 0 is uniform.
        size, dtype, ndim
            See `croton.random.continuous.Continuous`.

        Raises
        ------
        ValueError
            For a constant `kappa` below 0.
        """
        draw, (m, k) = self._begin("vonmises", size, ndim, dtype, {"mu": (mu, ""), "kappa": (kappa, "scale")})
        turned = m + cast(apply("draw_vonmises", k, draw.bits()), draw.work)
        return draw.finish(turned - 2 * np.pi * apply("round", turned / (2 * np.pi)))

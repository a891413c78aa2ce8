"""Distributions of whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.random.base import StreamBase, sizes_of_draw
from croton.random.draw import count_dtype
from croton.tensor.elementwise import apply, cast, where
from croton.tensor.expression import TensorLike, as_node, describe, is_weak, wrap
from croton.tensor.types import kind_of
from croton.tensor.variable import Variable

Size = Any


class Discrete(StreamBase):
    """Draws of counts, int64 unless `dtype` says otherwise. Counts have no gradients.

    All distributions take these arguments beside their parameters.

    Parameters
    ----------
    size : int, sequence of int and scalars, or vector, optional
        The shape; by default that to which the parameters broadcast.
    dtype : optional
        Of real numbers.
    ndim : int, optional
        The number of axes, for a vector `size` of unknown length.

    Raises
    ------
    TypeError
        For a complex dtype, and parameters that are no real numbers.
    ValueError
        For constants as parameters that make no distribution (what a call brings is not checked), and
        sizes to which the parameters do not broadcast.
    """

    def integers(
        self,
        low: TensorLike,
        high: TensorLike = None,
        size: Size = None,
        dtype: Any = "int64",
        endpoint: bool = False,
        *,
        ndim: int | None = None,
    ) -> Variable:
        """Integers from `low` up to, but without, `high`, or with it if `endpoint`; all equally likely.

        With one bound, from 0 to that. The chances of two numbers differ by 2**-64 of them at most.

        Parameters
        ----------
        low, high : array_like or Variable
            Integers.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.
        endpoint : bool

        Returns
        -------
        Variable
            Of shape `size`.

        Raises
        ------
        TypeError
            For bounds that are no integers.
        ValueError
            For constant bounds with no integer between them, or beyond the range of an integer dtype.

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> bool((rng.integers(6, size=100).eval() < 6).all())
        True
        """
        if high is None:
            low, high = 0, low
        dtype = count_dtype("integers", dtype)
        first, last = (_integer(value, dtype) for value in (low, high))
        least, most = (x._node._value() if x._node._op == "constant" else None for x in (first, last))
        if least is not None and most is not None and np.any(least > most if endpoint else least >= most):
            required = "low <= high" if endpoint else "low < high"
            raise ValueError(complaint("integers", required, f"low = {low}, high = {high}"))
        _check_range(dtype, least, None if most is None else most - (0 if endpoint else 1))
        sizes = sizes_of_draw("integers", size, ndim, [first, last])
        base, end = (wrap(_core.broadcast_to(x._node, sizes)) if x.ndim else x for x in (first, last))
        draw = self._draw(sizes, dtype)
        start = cast(base, "uint64")
        count = cast(end, "uint64") - start + np.uint64(endpoint)
        # The upper 64 of the 192 bits of random number times count; a count of 2**64 reads as 0.
        upper, lower = draw.bits(0), draw.bits(1)
        middle = upper * count
        carry = cast(middle + apply("mul_high", lower, count) < middle, "uint64")
        offset = apply("mul_high", upper, count) + carry
        offset = where(apply("eq", count, 0), upper, offset) if endpoint else offset
        return draw.finish(cast(start + offset, first.dtype))

    def bernoulli(
        self, p: TensorLike = 0.5, size: Size = None, dtype: Any = "int64", *, ndim: int | None = None
    ) -> Variable:
        """1 with probability `p`, else 0.

        Parameters
        ----------
        p : array_like or Variable
            From 0 to 1.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.
        """
        draw, (chance,) = self._begin("bernoulli", size, ndim, dtype, {"p": (p, "chance")}, counts=True)
        return draw.finish(draw.uniform() < chance)

    def dropout_mask(
        self, p: TensorLike = 0.5, size: Size = None, dtype: Any = None, *, ndim: int | None = None
    ) -> Variable:
        """0 with probability `p`, else 1 / (1 - p): what dropout multiplies activations by.

        Parameters
        ----------
        p : array_like or Variable
            From 0 to 1.
        size, ndim
            See `croton.random.discrete.Discrete`.
        dtype : optional
            Of floats; by default floatX, or a wider one of `p`.

        Returns
        -------
        Variable
            Floats of shape `size`.

        Raises
        ------
        ValueError
            For a constant `p` beyond [0, 1].

        Examples
        --------
        >>> rng = ct.random.RandomStream(1)
        >>> x = T.fmatrix("x")
        >>> f = ct.function([x], x * rng.dropout_mask(0.5, x.shape, x.dtype))
        >>> sorted(set(f(np.ones((9, 9), "float32")).ravel().tolist()))
        [0.0, 2.0]
        """
        draw, (chance,) = self._begin("dropout_mask", size, ndim, dtype, {"p": (p, "chance")})
        return draw.finish(where(draw.uniform() < chance, 0.0, 1.0 / (1.0 - chance)))

    def binomial(
        self,
        n: TensorLike,
        p: TensorLike,
        size: Size = None,
        dtype: Any = "int64",
        *,
        ndim: int | None = None,
    ) -> Variable:
        """How many of `n` trials succeed, each with probability `p`; -1 for impossible parameters.

        Parameters
        ----------
        n : array_like or Variable
            Whole numbers of 0 or more.
        p : array_like or Variable
            From 0 to 1.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.

        Raises
        ------
        ValueError
            For constants outside these ranges.
        """
        given = {"n": (n, "count"), "p": (p, "chance")}
        draw, (count, chance) = self._begin("binomial", size, ndim, dtype, given, counts=True)
        return draw.finish(apply("draw_binomial", count, chance, draw.bits()))

    def negative_binomial(
        self,
        n: TensorLike,
        p: TensorLike,
        size: Size = None,
        dtype: Any = "int64",
        *,
        ndim: int | None = None,
    ) -> Variable:
        """How many trials fail before `n` succeed, each with probability `p`: Poisson with a gamma mean.

        Parameters
        ----------
        n : array_like or Variable
            Above 0; it need not be a whole number.
        p : array_like or Variable
            Above 0, up to 1.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.

        Raises
        ------
        ValueError
            For constants outside these ranges.
        """
        given = {"n": (n, "positive"), "p": (p, "share")}
        draw, (count, chance) = self._begin("negative_binomial", size, ndim, dtype, given, counts=True)
        mean = draw.gamma(count) * ((1.0 - chance) / chance)
        return draw.finish(apply("draw_poisson", mean, draw.bits(1)))

    def poisson(
        self, lam: TensorLike = 1.0, size: Size = None, dtype: Any = "int64", *, ndim: int | None = None
    ) -> Variable:
        """Poisson of mean `lam` below 9e18; -1 for impossible means.

        Parameters
        ----------
        lam : array_like or Variable
            0 or more.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.
        """
        draw, (mean,) = self._begin("poisson", size, ndim, dtype, {"lam": (lam, "scale")}, counts=True)
        return draw.finish(apply("draw_poisson", mean, draw.bits()))

    def geometric(
        self, p: TensorLike, size: Size = None, dtype: Any = "int64", *, ndim: int | None = None
    ) -> Variable:
        """How many trials it takes until one succeeds, each with probability `p`.

        Parameters
        ----------
        p : array_like or Variable
            Above 0, up to 1.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.
        """
        draw, (chance,) = self._begin("geometric", size, ndim, dtype, {"p": (p, "share")}, counts=True)
        return draw.finish(apply("floor", draw.exponential() / -apply("log1p", -chance)) + 1.0)

    def logseries(
        self, p: TensorLike, size: Size = None, dtype: Any = "int64", *, ndim: int | None = None
    ) -> Variable:
        """k = 1, 2, ... with probability proportional to p**k / k (Kemp, 1981).

        Parameters
        ----------
        p : array_like or Variable
            Above 0, below 1.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.
        """
        draw, (share,) = self._begin("logseries", size, ndim, dtype, {"p": (p, "part")}, counts=True)
        # Geometric, with the chance of failure 1 - (1 - p)**u.
        exponent = apply("log1p", -share) * _above_zero(draw.uniform())
        failure = apply("log", -apply("expm1", exponent))
        return draw.finish(apply("floor", draw.exponential(1) / -failure) + 1.0)

    def hypergeometric(
        self,
        ngood: TensorLike,
        nbad: TensorLike,
        nsample: TensorLike,
        size: Size = None,
        dtype: Any = "int64",
        *,
        ndim: int | None = None,
    ) -> Variable:
        """How many of `nsample` things drawn from `ngood` and `nbad` are good; -1 for impossible numbers.

        Parameters
        ----------
        ngood, nbad, nsample : array_like or Variable
            Whole numbers of 0 or more, with nsample <= ngood + nbad.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.

        Raises
        ------
        ValueError
            For constants that are no whole numbers of 0 or more.
        """
        given = {"ngood": (ngood, "count"), "nbad": (nbad, "count"), "nsample": (nsample, "count")}
        draw, (good, bad, count) = self._begin("hypergeometric", size, ndim, dtype, given, counts=True)
        return draw.finish(apply("draw_hypergeometric", good, bad, count, draw.bits()))

    def zipf(
        self, a: TensorLike, size: Size = None, dtype: Any = "int64", *, ndim: int | None = None
    ) -> Variable:
        """k = 1, 2, ..., below 2**63, with probability proportional to k**-a.

        Parameters
        ----------
        a : array_like or Variable
            Above 1.
        size, dtype, ndim
            See `croton.random.discrete.Discrete`.
        """
        draw, (exponent,) = self._begin("zipf", size, ndim, dtype, {"a": (a, "exponent")}, counts=True)
        return draw.finish(apply("draw_zipf", exponent, draw.bits()))


def _above_zero(uniform: Variable) -> Variable:
    """Uniform in (0, 1), from steps of 2**-53 in [0, 1)."""
    return uniform + 2.0**-54


def _check_range(dtype: str, least: Any, most: Any) -> None:
    if kind_of(dtype) not in "iu":
        return
    limits = np.iinfo(dtype)
    for bound in (least, most):
        if bound is not None and np.any((bound < limits.min) | (bound > limits.max)):
            required = f"bounds within {limits.min} to {limits.max} for {dtype}"
            raise ValueError(complaint("integers", required, f"{bound}", "ask for a wider dtype"))


def _integer(value: TensorLike, dtype: str) -> Variable:
    """A bound: as `dtype` if it is a plain number, in 64 bits in any case."""
    wide = "uint64" if dtype == "uint64" else "int64"
    if is_weak(value) and isinstance(value, int):
        kind = np.uint64 if wide == "uint64" or value > np.iinfo("int64").max else np.int64
        value = kind(value)
    node = as_node(value)
    if kind_of(node.dtype) not in "biu":
        raise TypeError(complaint("integers", "integer bounds", describe(wrap(node))))
    return wrap(_core.cast(node, "uint64" if node.dtype == "uint64" else wide))

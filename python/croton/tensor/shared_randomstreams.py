"""Theano's random streams: `croton.random.RandomStream` with Theano's names and arguments.

The numbers are not those of Theano, which takes them from NumPy's RandomState.
"""

from __future__ import annotations

from typing import Any

from croton.random.stream import RandomStream
from croton.tensor.expression import TensorLike
from croton.tensor.variable import Variable

__all__ = ["RandomStreams"]


class RandomStreams(RandomStream):
    """Random draws as expressions.

    Examples
    --------
    >>> from croton.tensor.shared_randomstreams import RandomStreams
    >>> srng = RandomStreams(seed=234)
    >>> ct.function([], srng.uniform((2, 2)))().shape
    (2, 2)
    """

    def uniform(  # type: ignore[override]
        self,
        size: Any = None,
        low: TensorLike = 0.0,
        high: TensorLike = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Variable:
        """Uniform in [low, high).

        Parameters
        ----------
        size : int, sequence of int and int scalars, or integer vector, optional
            The shape; without it that to which the parameters broadcast.
        low, high : array_like or Variable
            Broadcast to the shape.
        ndim : int, optional
            The length of `size`, where that is a vector of unknown length.
        dtype : optional
            By default floatX.

        Raises
        ------
        ValueError
            If `size` has not `ndim` entries.
        TypeError
            For a dtype that is not of real floats.

        Examples
        --------
        >>> from croton.tensor.shared_randomstreams import RandomStreams
        >>> RandomStreams(seed=1).uniform((2, 3), -1.0, 1.0).type
        float64[2, 3]
        """
        return super().uniform(low, high, size, dtype, ndim=ndim)

    def normal(  # type: ignore[override]
        self,
        size: Any = None,
        avg: TensorLike = 0.0,
        std: TensorLike = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Variable:
        """Normal of mean `avg` and standard deviation `std`.

        Parameters
        ----------
        size, ndim, dtype
            As for `uniform`.
        avg, std : array_like or Variable
            Broadcast to the shape.
        """
        return super().normal(avg, std, size, dtype, ndim=ndim)

    def binomial(  # type: ignore[override]
        self,
        size: Any = None,
        n: TensorLike = 1,
        p: TensorLike = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        prob: TensorLike = None,
    ) -> Variable:
        """How many of `n` trials succeed.

        Parameters
        ----------
        size, ndim
            As for `uniform`.
        n, p : array_like or Variable
            The number of trials and the chance of each; they broadcast to the shape.
        dtype : optional
        prob : array_like or Variable, optional
            An older name of `p`.
        """
        return super().binomial(n, p if prob is None else prob, size, dtype, ndim=ndim)

    def random_integers(
        self,
        size: Any = None,
        low: TensorLike = 0,
        high: TensorLike = 1,
        ndim: int | None = None,
        dtype: Any = "int64",
    ) -> Variable:
        """Integers from `low` to `high`, both included.

        Parameters
        ----------
        size, ndim
            As for `uniform`.
        low, high : array_like or Variable
            Integers, broadcast to the shape.
        dtype : optional
        """
        return super().integers(low, high, size, dtype, endpoint=True, ndim=ndim)

    def poisson(  # type: ignore[override]
        self, size: Any = None, lam: TensorLike = 1.0, ndim: int | None = None, dtype: Any = "int64"
    ) -> Variable:
        """Poisson of mean `lam`.

        Parameters
        ----------
        size, ndim
            As for `uniform`.
        lam : array_like or Variable
            Broadcast to the shape.
        dtype : optional
        """
        return super().poisson(lam, size, dtype, ndim=ndim)

    def choice(  # type: ignore[override]
        self,
        size: Any = None,
        a: TensorLike = 2,
        replace: bool = True,
        p: TensorLike = None,
        ndim: int | None = None,
        dtype: Any = None,
    ) -> Variable:
        """Elements of the vector `a`, or of range(a).

        Parameters
        ----------
        size : int or sequence of int and int scalars, optional
            The shape; without it a single element is drawn.
        a : int, int scalar or vector
        replace : bool
            Whether an element may come more than once.
        p : array_like or Variable, optional
            The chance of each element; equal ones without it.
        ndim : int, optional
            Accepted as in Theano.
        dtype : optional
            To which the elements are cast; by default they keep their dtype. Positions are int64.
        """
        return _cast(super().choice(a, size, replace, p), dtype)

    def permutation(
        self, size: Any = None, n: TensorLike = 1, ndim: int | None = None, dtype: Any = "int64"
    ) -> Variable:
        """Permutations of range(n), one along the last axis for each element of an array of `size`.

        Parameters
        ----------
        size, ndim
            As for `uniform`; without a size there is one permutation.
        n : int or int scalar
        dtype : optional
        """
        return _cast(self._permutations(size, n, ndim), dtype)

    def multinomial(  # type: ignore[override]
        self,
        size: Any = None,
        n: TensorLike = 1,
        pvals: TensorLike = (0.5, 0.5),
        ndim: int | None = None,
        dtype: Any = "int64",
    ) -> Variable:
        """How often each outcome comes in `n` trials.

        Parameters
        ----------
        size : int or sequence of int and int scalars, optional
            The shape but for the last axis, which counts the outcomes.
        n : array_like or Variable
            The number of trials.
        pvals : array_like or Variable
            Chances that add up to 1 along the last axis.
        ndim : int, optional
            Accepted as in Theano.
        dtype : optional
        """
        return super().multinomial(n, pvals, size, dtype)


def _cast(drawn: Variable, dtype: Any) -> Variable:
    if dtype is None or drawn.dtype == dtype:
        return drawn
    result = drawn.astype(dtype)
    result.__dict__.update(rng=drawn.rng, update=drawn.update)  # type: ignore[attr-defined]
    return result

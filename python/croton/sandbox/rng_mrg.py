"""Theano's MRG streams by name: the numbers come from `croton.random.RandomStream`."""

from __future__ import annotations

from typing import Any

from croton.errors import complaint
from croton.random.stream import RandomStream
from croton.tensor.expression import TensorLike, as_variable, describe
from croton.tensor.shared_randomstreams import RandomStreams
from croton.tensor.variable import Variable

__all__ = ["MRG_RandomStream", "MRG_RandomStreams"]


class MRG_RandomStreams(RandomStreams):
    """Random draws as expressions; `nstreams`, which says how draws run in parallel, makes no difference.

    Examples
    --------
    >>> from croton.sandbox.rng_mrg import MRG_RandomStreams
    >>> srng = MRG_RandomStreams(seed=1)
    >>> ct.function([], srng.multinomial(pvals=[[1.0, 0.0], [0.0, 1.0]]))()
    array([[1, 0],
           [0, 1]])
    """

    def __init__(self, seed: Any = 12345) -> None:
        super().__init__(seed)

    def set_rstate(self, seed: Any) -> None:
        """`seed`, by Theano's name."""
        self.seed(seed)

    def uniform(  # type: ignore[override]
        self,
        size: Any = None,
        low: TensorLike = 0.0,
        high: TensorLike = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """Uniform in [low, high).

        Parameters
        ----------
        size : int, sequence of int and scalars, or vector, optional
            The shape; by default that to which the parameters broadcast.
        low, high : array_like or Variable
        ndim, dtype
            As in `croton.random.RandomStream`.
        nstreams
            Accepted as in Theano.

        Returns
        -------
        Variable
            Floats of shape `size`.
        """
        return super().uniform(size, low, high, ndim, dtype)

    def normal(  # type: ignore[override]
        self,
        size: Any = None,
        avg: TensorLike = 0.0,
        std: TensorLike = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: Any = None,
        truncate: bool = False,
        **kwargs: Any,
    ) -> Variable:
        """Normal; with `truncate`, within two standard deviations of the mean.

        Parameters
        ----------
        size : int, sequence of int and scalars, or vector, optional
            The shape; by default that to which the parameters broadcast.
        avg, std : array_like or Variable
            Mean and standard deviation.
        ndim, dtype
            As in `croton.random.RandomStream`.
        nstreams
            Accepted as in Theano.
        truncate : bool

        Returns
        -------
        Variable
            Floats of shape `size`.
        """
        if truncate:
            return self.truncated_normal(size, avg, std, ndim, dtype)
        return super().normal(size, avg, std, ndim, dtype)

    def truncated_normal(  # type: ignore[override]
        self,
        size: Any = None,
        avg: TensorLike = 0.0,
        std: TensorLike = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """Normal, within two standard deviations of the mean.

        Parameters
        ----------
        size : int, sequence of int and scalars, or vector, optional
            The shape; by default that to which the parameters broadcast.
        avg, std : array_like or Variable
            Mean and standard deviation of the normal distribution.
        ndim, dtype
            As in `croton.random.RandomStream`.
        nstreams
            Accepted as in Theano.

        Returns
        -------
        Variable
            Floats of shape `size`.
        """
        return RandomStream.truncated_normal(self, avg, std, -2.0, 2.0, size, dtype, ndim=ndim)

    def binomial(  # type: ignore[override]
        self,
        size: Any = None,
        n: TensorLike = 1,
        p: TensorLike = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """How many of `n` trials succeed.

        Parameters
        ----------
        size : int, sequence of int and scalars, or vector, optional
            The shape; by default that to which the parameters broadcast.
        n : array_like or Variable
            The number of trials.
        p : array_like or Variable
            The probability of success.
        ndim, dtype
            As in `croton.random.RandomStream`.
        nstreams
            Accepted as in Theano.

        Returns
        -------
        Variable
            Of shape `size`, int64 by default.
        """
        return super().binomial(size, n, p, ndim, dtype)

    def multinomial(  # type: ignore[override]
        self,
        size: Any = None,
        n: TensorLike = 1,
        pvals: TensorLike = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """How often each outcome comes in `n` trials, for each row of the matrix `pvals`.

        Parameters
        ----------
        size : optional
            The shape before the outcomes; by default the rows of `pvals`.
        n : array_like or Variable
            The number of trials.
        pvals : array_like or Variable
            A matrix (rows, outcomes) of probabilities.
        ndim, dtype
            As in `croton.random.RandomStream`.
        nstreams
            Accepted as in Theano.

        Returns
        -------
        Variable
            Of shape size + (outcomes,), int64 by default.

        Raises
        ------
        TypeError
            If `pvals` is no matrix.
        """
        return super().multinomial(size, n, _matrix("multinomial", "pvals", pvals), ndim, dtype)

    def choice(  # type: ignore[override]
        self,
        size: Any = 1,
        a: TensorLike = None,
        replace: bool = True,
        p: TensorLike = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """`size` positions for each row of the matrix of chances `p`; `a` must be None.

        Parameters
        ----------
        size : int or scalar
            The number of positions for each row.
        a : None
        replace : bool
            Whether a position may be drawn again.
        p : array_like or Variable
            A matrix (rows, positions) of chances, which need not add up to 1.
        ndim
            Accepted as in Theano.
        dtype : optional
        nstreams
            Accepted as in Theano.

        Returns
        -------
        Variable
            Of shape (rows, size), int64 by default.

        Raises
        ------
        TypeError
            For an `a`, or if `p` is no matrix.
        ValueError
            For more positions than there are, without `replace`.
        """
        if a is not None:
            remedy = "index it with the positions that are drawn"
            raise TypeError(complaint("choice", "a=None", f"{a!r:.60}", remedy))
        return self._row_positions(_matrix("choice", "p", p), size, replace, dtype)

    def multinomial_wo_replacement(
        self,
        size: Any = None,
        n: TensorLike = 1,
        pvals: TensorLike = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: Any = None,
        **kwargs: Any,
    ) -> Variable:
        """`n` different positions for each row of `pvals`: `choice` without replacement.

        Parameters
        ----------
        size
            Accepted as in Theano.
        n : int or scalar
            The number of positions for each row.
        pvals : array_like or Variable
            A matrix (rows, positions) of chances.
        ndim, dtype, nstreams
            As in `choice`.

        Returns
        -------
        Variable
            Of shape (rows, n), int64 by default.

        Raises
        ------
        TypeError, ValueError
            As `choice`.
        """
        return self.choice(n, None, False, pvals, ndim, dtype)


def _matrix(operation: str, name: str, value: TensorLike) -> Variable:
    if value is None or as_variable(value).ndim != 2:
        given = "None" if value is None else describe(as_variable(value))
        raise TypeError(complaint(operation, f"a matrix as {name}", given))
    return as_variable(value)


MRG_RandomStream = MRG_RandomStreams

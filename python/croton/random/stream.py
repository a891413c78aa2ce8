"""The generator that programs use."""

from __future__ import annotations

from typing import Any

from croton.random.arrays import Arrays
from croton.random.continuous import Continuous
from croton.random.families import GammaFamily


class RandomStream(Continuous, GammaFamily, Arrays):
    """Random draws as expressions, with the names of NumPy's Generator.

    Parameters
    ----------
    seed : int, sequence of int or numpy.random.SeedSequence, optional
        The same seed gives the same numbers, on every device and for every number of threads. By default one
        from the operating system.

    Each method returns an expression. A function that computes it draws anew in every call, since it moves
    the state of the draw on (`no_default_updates=True` keeps it from doing so); within one call the draw has
    one value, wherever it is used. Different draws of a stream have different random bits.

    Examples
    --------
    >>> rng = ct.random.RandomStream(7)
    >>> x = rng.normal(size=(2, 3))
    >>> f = ct.function([], [x, x + 1])
    >>> first, second = f()
    >>> bool((second == first + 1).all()), bool((f()[0] == first).any())
    (True, False)
    """


def default_rng(seed: Any = None) -> RandomStream:
    """A `RandomStream`, or `seed` itself if it is one."""
    return seed if isinstance(seed, RandomStream) else RandomStream(seed)

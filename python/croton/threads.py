"""How many threads a call may use."""

from __future__ import annotations

from croton import _core
from croton.config import on_change
from croton.errors import complaint


def set_num_threads(count: int) -> None:
    """Sets the number of threads that calls use, this one included. Results do not depend on it.

    The environment variable CROTON_NUM_THREADS sets the number to start with.

    Parameters
    ----------
    count : int

    Raises
    ------
    ValueError
        If it is no int of 1 or more.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(complaint("set_num_threads", "a number of 1 or more", repr(count)))
    _core.set_num_threads(count)


def num_threads() -> int:
    """The number of threads that calls use."""
    return _core.num_threads()


on_change("num_threads", lambda count: set_num_threads(count) if count else None)

"""The everyday loops: maps and folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton.scan_module.scan import scan
from croton.scan_module.steps import as_list

__all__ = ["foldl", "foldr", "map", "reduce"]


def map(
    fn: Callable[..., Any],
    sequences: Any,
    non_sequences: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """`scan` without outputs that later steps read: `fn` of the rows of the sequences.

    Parameters
    ----------
    fn : callable
        Gets a row of each sequence, then the non_sequences.
    sequences, non_sequences, truncate_gradient, go_backwards, mode, name
        As in `scan`.

    Returns
    -------
    outputs, updates
        The results of all steps along a new first axis, as from `scan`, and the updates for `function`.

    Examples
    --------
    >>> squares, _ = ct.map(lambda x: x**2, T.arange(4))
    >>> squares.eval()
    array([0, 1, 4, 9])
    """
    return scan(
        fn,
        sequences,
        [],
        non_sequences,
        truncate_gradient=truncate_gradient,
        go_backwards=go_backwards,
        mode=mode,
        name=name,
    )


def reduce(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """`scan` of which only the last step's outputs are kept.

    Parameters
    ----------
    fn : callable
        Gets a row of each sequence, the state before, then the non_sequences.
    sequences, outputs_info, non_sequences, go_backwards, mode, name
        As in `scan`.

    Returns
    -------
    outputs, updates
        The results of the last step, and the updates for `function`.

    Examples
    --------
    >>> total, _ = ct.reduce(lambda x, s: s + x, T.arange(5), T.constant(0))
    >>> total.eval()
    array(10)
    """
    outputs, updates = scan(
        fn, sequences, outputs_info, non_sequences, go_backwards=go_backwards, mode=mode, name=name
    )
    last = [x[-1] for x in as_list(outputs)]
    return (last if isinstance(outputs, list) else last[0]), updates


def foldl(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """`reduce` from the first row on.

    Parameters
    ----------
    fn, sequences, outputs_info, non_sequences, mode, name
        As in `reduce`.

    Returns
    -------
    outputs, updates
        As from `reduce`.
    """
    return reduce(fn, sequences, outputs_info, non_sequences, mode=mode, name=name)


def foldr(
    fn: Callable[..., Any],
    sequences: Any,
    outputs_info: Any,
    non_sequences: Any = None,
    mode: Any = None,
    name: str | None = None,
) -> Any:
    """`reduce` from the last row on.

    Parameters
    ----------
    fn, sequences, outputs_info, non_sequences, mode, name
        As in `reduce`.

    Returns
    -------
    outputs, updates
        As from `reduce`.

    Examples
    --------
    >>> digits, _ = ct.foldr(lambda x, s: 10 * s + x, T.arange(1, 4), T.constant(0))
    >>> digits.eval()
    array(321)
    """
    return reduce(fn, sequences, outputs_info, non_sequences, go_backwards=True, mode=mode, name=name)

"""Loops that keep few of their values for the gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton.errors import complaint
from croton.scan_module.scan import scan
from croton.scan_module.steps import as_list
from croton.tensor.creation import zeros
from croton.tensor.elementwise import apply
from croton.tensor.expression import describe
from croton.tensor.joining import concatenate
from croton.tensor.variable import Variable, as_variable

__all__ = ["scan_checkpoints"]


def _blocks(x: Variable, steps: Variable, blocks: Variable, size: int, padding: bool) -> Variable:
    """The first `steps` rows of `x` as blocks of `size` rows, filled up with zeros."""
    x = x[:steps]
    rest = [x.shape[axis] for axis in range(1, x.ndim)]
    if padding:
        x = concatenate([x, zeros((blocks * size - steps, *rest), x.dtype)], axis=0)
    return x.reshape((blocks, size, *rest))


def scan_checkpoints(
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    name: str | None = None,
    n_steps: Any = None,
    save_every_N: int = 10,
    padding: bool = True,
) -> Any:
    """`scan` whose gradient stores every `save_every_N`-th state only and computes the others again.

    For N steps and `save_every_N` of about sqrt(N) it takes about sqrt(N) states of memory, for one more
    forward pass.

    Parameters
    ----------
    fn : callable
        As in `scan`; without taps.
    sequences : list of array_like or Variable
    outputs_info : list of Variable
        The value of each output before the first step.
    non_sequences, n_steps, name
        As in `scan`.
    save_every_N : int
    padding : bool
        Sequences are filled up with zeros to a multiple of `save_every_N` rows. False requires one.

    Returns
    -------
    outputs : Variable, or list of them
        Every `save_every_N`-th output, along a new first axis.
    updates : OrderedUpdates

    Raises
    ------
    ValueError
        Without states or a number of steps; for a `save_every_N` that is no int of 1 or more; without
        padding, for sequences whose length is no multiple of it (here if that is known, else in the call).
    TypeError
        For sequences that are scalars.

    Examples
    --------
    >>> x = T.dvector("x")
    >>> sums, _ = ct.scan_checkpoints(lambda r, s: s + r, [x], [T.constant(0.0)], save_every_N=2)
    >>> ct.function([x], sums)([1.0, 2.0, 3.0, 4.0])
    array([ 3., 10.])
    """
    if not isinstance(save_every_N, int) or save_every_N < 1:
        required = "save_every_N as an integer of 1 or more"
        raise ValueError(complaint("scan_checkpoints", required, repr(save_every_N)))
    states = [as_variable(state) for state in as_list(outputs_info)]
    arrays = [as_variable(x) for x in as_list(sequences)]
    if not states or not (arrays or n_steps is not None):
        given = f"{len(states)} states, {len(arrays)} sequences"
        raise ValueError(complaint("scan_checkpoints", "states, and sequences or n_steps", given))
    for x in arrays:
        if x.ndim == 0:
            raise TypeError(complaint("scan_checkpoints", "sequences with one axis or more", describe(x)))
    steps = as_variable(n_steps if n_steps is not None else arrays[0].shape[0]).astype("int64")
    blocks = apply("neg", apply("floor_div", apply("neg", steps), save_every_N))
    inner = [_blocks(x, steps, blocks, save_every_N, padding) for x in arrays]

    def block(*arguments: Any) -> Any:
        rows, before = list(arguments[: len(arrays)]), list(arguments[len(arrays) :])
        outputs, updates = scan(
            fn, rows, before, as_list(non_sequences), n_steps=save_every_N, return_list=True, name=name
        )
        return [x[-1] for x in outputs], updates

    outputs, updates = scan(block, inner, states, n_steps=blocks, return_list=True)
    return (outputs if len(outputs) > 1 else outputs[0]), updates

"""Theano's Fourier transforms of real arrays, with complex numbers as pairs of reals.

The functions of numpy.fft, on complex numbers, are in `croton.fft`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton import fft as transforms
from croton.errors import complaint
from croton.tensor.complex_numbers import complex
from croton.tensor.expression import TensorLike, as_variable, describe
from croton.tensor.joining import stack

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["irfft", "rfft"]

FORWARD = {None: "backward", "ortho": "ortho", "no_norm": "backward"}
INVERSE = {None: "backward", "ortho": "ortho", "no_norm": "forward"}


def _norm(operation: str, table: dict[str | None, str], norm: str | None) -> str:
    if norm not in table:
        raise ValueError(complaint(operation, "a norm of None, 'ortho' or 'no_norm'", repr(norm)))
    return table[norm]


def rfft(inp: TensorLike, norm: str | None = None) -> Variable:
    """The transform along all axes but the first, of real numbers.

    Parameters
    ----------
    inp : array_like or Variable
        Floats of shape (m, ..., n): m arrays.
    norm : {None, "ortho", "no_norm"}
        "ortho" divides by the root of the number of elements.

    Returns
    -------
    Variable
        Of shape (m, ..., n//2 + 1, 2): real and imaginary parts.

    Raises
    ------
    TypeError
        For fewer than two axes.
    ValueError
        For another `norm`.

    Examples
    --------
    >>> T.fft.rfft([[1.0, 2.0, 3.0, 4.0]]).eval()
    array([[[10.,  0.],
            [-2.,  2.],
            [-2.,  0.]]])
    """
    x = as_variable(inp)
    if x.ndim < 2:
        raise TypeError(complaint("rfft", "an array of arrays: two axes or more", describe(x)))
    z = transforms.rfftn(x, axes=range(1, x.ndim), norm=_norm("rfft", FORWARD, norm))
    return stack([z.real, z.imag], axis=-1)


def irfft(inp: TensorLike, norm: str | None = None, is_odd: bool = False) -> Variable:
    """The inverse of `rfft`: arrays with a last axis of even length, of odd length with `is_odd`.

    Parameters
    ----------
    inp : array_like or Variable
        Floats of shape (m, ..., n//2 + 1, 2).
    norm : {None, "ortho", "no_norm"}
        None divides by the number of elements, "ortho" by its root.
    is_odd : bool

    Returns
    -------
    Variable
        Of shape (m, ..., n).

    Raises
    ------
    TypeError
        For fewer than three axes, or a last one that is not of size 2.
    ValueError
        For another `norm`.

    Examples
    --------
    >>> T.fft.irfft(T.fft.rfft([[1.0, 2.0, 3.0]]), is_odd=True).eval().round(6)
    array([[1., 2., 3.]])
    """
    x = as_variable(inp)
    if x.ndim < 3 or x.type.shape[-1] not in (2, None):
        raise TypeError(
            complaint("irfft", "pairs of floats along a last axis, the third or later", describe(x))
        )
    z, options = complex(x[..., 0], x[..., 1]), _norm("irfft", INVERSE, norm)
    for axis in range(1, z.ndim - 1):
        z = transforms.ifft(z, axis=axis, norm=options)
    return transforms.irfft(z, 2 * (z.shape[-1] - 1) + 1 if is_odd else None, -1, options)

"""Discrete Fourier transforms with the names and arguments of numpy.fft.

All of them have gradients, which are transforms again. Theano's functions on pairs of reals are in
`croton.tensor.fft`. Arguments that are common to all:

a : array_like or Variable
    Real numbers count as complex where complex ones are transformed. float16 and float32 are computed in 32
    bits a part, integers in 64.
n, s : int or scalar, or a sequence with one for each axis, optional
    The length: elements beyond are left out, missing ones are 0. It need not be known before the call. By
    default that of the axis.
axis, axes : int, or a sequence of int
    Along which to transform: by default the last, or all (with lengths `s`, so many of the last).
norm : {"backward", "ortho", "forward"}, optional
    Where the factor 1/n stands: in the inverse ("backward", the default), in both as 1/sqrt(n) ("ortho"), or
    in the forward transform ("forward").

Another norm, a length below 1, another number of lengths than of axes and axes that do not exist raise
ValueError; complex numbers where real ones are transformed raise TypeError.
"""

from croton.fft.frequencies import fftfreq, fftshift, ifftshift, rfftfreq
from croton.fft.one_axis import fft, hfft, ifft, ihfft, irfft, rfft
from croton.fft.several_axes import fft2, fftn, ifft2, ifftn, irfft2, irfftn, rfft2, rfftn

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

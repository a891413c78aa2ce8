"""Signals and images: pooling and convolution over the last axes."""

from croton.tensor.signal import conv as conv
from croton.tensor.signal import downsample as downsample
from croton.tensor.signal import pool as pool

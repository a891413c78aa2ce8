"""Activations, losses and normalisations of neural networks."""

from croton.tensor.nnet.blocksparse import *
from croton.tensor.nnet.bn import *
from croton.tensor.nnet.classes import *
from croton.tensor.nnet.nnet import *
from croton.tensor.nnet.normalization import *

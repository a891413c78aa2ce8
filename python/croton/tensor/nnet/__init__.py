"""Activations, losses, normalisations and convolutions of neural networks."""

from croton.tensor.nnet.abstract_conv import *
from croton.tensor.nnet.activations import *
from croton.tensor.nnet.attention import *
from croton.tensor.nnet.blocksparse import *
from croton.tensor.nnet.bn import *
from croton.tensor.nnet.classes import *
from croton.tensor.nnet.ctc import *
from croton.tensor.nnet.neighbours import *
from croton.tensor.nnet.nnet import *
from croton.tensor.nnet.normalization import *

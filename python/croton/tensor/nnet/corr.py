"""CorrMM, under the module name that Theano has for it."""

from croton.tensor.nnet.conv_classes import CorrMM as CorrMM

"""Corr3dMM, under the module name that Theano has for it."""

from croton.tensor.nnet.conv_classes import Corr3dMM as Corr3dMM

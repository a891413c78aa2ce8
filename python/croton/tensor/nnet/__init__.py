"""Activations, losses, normalisations and convolutions of neural networks."""

from typing import TYPE_CHECKING

from croton.lazy import lazily as _lazily
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

if TYPE_CHECKING:
    from croton.tensor.nnet import corr as corr
    from croton.tensor.nnet import corr3d as corr3d
    from croton.tensor.nnet.op_classes import *
else:
    __getattr__ = _lazily(__name__, ["croton.tensor.nnet.op_classes"], ["corr", "corr3d"])

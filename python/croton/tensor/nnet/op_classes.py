"""Theano's ops of neural networks as objects: made with their options, called with operands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from croton.tensor.expression import TensorLike, as_variable
from croton.tensor.nnet import abstract_conv, classes, nnet
from croton.tensor.ranges import arange
from croton.tensor.subtensor import inc_subtensor

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "ConvOp",
    "CrossentropyCategorical1Hot",
    "CrossentropyCategorical1HotGrad",
    "CrossentropySoftmax1HotWithBiasDx",
    "CrossentropySoftmaxArgmax1HotWithBias",
    "LogSoftmax",
    "Prepend_scalar_constant_to_each_row",
    "Prepend_scalar_to_each_row",
    "Softmax",
    "SoftmaxGrad",
    "SoftmaxWithBias",
    "crossentropy_categorical_1hot_grad",
    "crossentropy_softmax_1hot_with_bias_dx",
    "scalar_sigmoid",
    "softmax_grad",
]


# ---- softmax and losses
@dataclass(frozen=True)
class Softmax:
    """`softmax`."""

    def __call__(self, x: TensorLike) -> Variable:
        return nnet.softmax(x)


@dataclass(frozen=True)
class LogSoftmax:
    """`logsoftmax`."""

    def __call__(self, x: TensorLike) -> Variable:
        return nnet.logsoftmax(x)


@dataclass(frozen=True)
class SoftmaxWithBias:
    """`softmax_with_bias`."""

    def __call__(self, x: TensorLike, b: TensorLike) -> Variable:
        return classes.softmax_with_bias(x, b)


@dataclass(frozen=True)
class SoftmaxGrad:
    """The gradient of softmax by its argument, from that by its result `sm`."""

    def __call__(self, dy: TensorLike, sm: TensorLike) -> Variable:
        g, p = as_variable(dy), as_variable(sm)
        return p * (g - (g * p).sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class CrossentropyCategorical1Hot:
    """`crossentropy_categorical_1hot`."""

    def __call__(self, coding_dist: TensorLike, true_one_of_n: TensorLike) -> Variable:
        return nnet.crossentropy_categorical_1hot(coding_dist, true_one_of_n)


@dataclass(frozen=True)
class CrossentropyCategorical1HotGrad:
    """The gradient of that loss by `coding_dist`, from the gradient `g_y` by the losses."""

    def __call__(self, g_y: TensorLike, coding_dist: TensorLike, true_one_of_n: TensorLike) -> Variable:
        p = as_variable(coding_dist)
        place = arange(p.shape[0]), as_variable(true_one_of_n)
        return inc_subtensor((0 * p)[place], -as_variable(g_y) / p[place])


@dataclass(frozen=True)
class CrossentropySoftmaxArgmax1HotWithBias:
    """`crossentropy_softmax_argmax_1hot_with_bias`."""

    def __call__(self, x: TensorLike, b: TensorLike, y_idx: TensorLike) -> tuple[Variable, ...]:
        return classes.crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx)


@dataclass(frozen=True)
class CrossentropySoftmax1HotWithBiasDx:
    """The gradient of that loss by `x`, from the gradient `dy` by the losses and the probabilities `sm`."""

    def __call__(self, dy: TensorLike, sm: TensorLike, y_idx: TensorLike) -> Variable:
        g, p = as_variable(dy), as_variable(sm)
        g = g.dimshuffle(0, "x") if g.ndim else g.dimshuffle("x", "x")
        place = arange(p.shape[0]), as_variable(y_idx)
        return g * inc_subtensor(p[place], -1)


softmax_grad = SoftmaxGrad()
crossentropy_categorical_1hot_grad = CrossentropyCategorical1HotGrad()
crossentropy_softmax_1hot_with_bias_dx = CrossentropySoftmax1HotWithBiasDx()
scalar_sigmoid = nnet.sigmoid


@dataclass(frozen=True)
class Prepend_scalar_constant_to_each_row:
    """A first column of the constant `val`."""

    val: float = 0

    def __call__(self, mat: TensorLike) -> Variable:
        return classes.prepend_scalar_to_each_row(self.val, mat)


@dataclass(frozen=True)
class Prepend_scalar_to_each_row:
    """`prepend_scalar_to_each_row`."""

    def __call__(self, val: TensorLike, mat: TensorLike) -> Variable:
        return classes.prepend_scalar_to_each_row(val, mat)


# ---- convolutions
@dataclass(frozen=True)
class ConvOp:
    """The convolution of Theano's older `conv2d`: steps `dx` and `dy`, borders "valid" or "full".

    The sizes in `imshp` (channels, rows, columns), `kshp` (rows, columns), `nkern` and `bsize` may be given.
    """

    imshp: Any = None
    kshp: Any = None
    nkern: int | None = None
    bsize: int | None = None
    dx: int = 1
    dy: int = 1
    output_mode: str = "valid"

    def __call__(self, inputs: TensorLike, kerns: TensorLike) -> Variable:
        image = None if self.imshp is None else (self.bsize, *self.imshp)
        filters = None
        if self.kshp is not None:
            filters = (self.nkern, None if self.imshp is None else self.imshp[0], *self.kshp)
        step = self.dx, self.dy
        return abstract_conv.conv2d(inputs, kerns, image, filters, self.output_mode, step)

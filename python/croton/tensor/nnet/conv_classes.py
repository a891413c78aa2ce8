"""Theano's ops of convolution as objects: made with their options, called with operands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from croton.tensor.expression import TensorLike, as_variable
from croton.tensor.nnet import abstract_conv as functions

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "AbstractConv2d",
    "AbstractConv2d_gradInputs",
    "AbstractConv2d_gradWeights",
    "AbstractConv3d",
    "AbstractConv3d_gradInputs",
    "AbstractConv3d_gradWeights",
    "Corr3dMM",
    "CorrMM",
]


@dataclass(frozen=True)
class AbstractConv:
    """What ops of convolution are made with: the options of `conv2d`."""

    imshp: Any = None
    kshp: Any = None
    border_mode: Any = "valid"
    subsample: Any = None
    filter_flip: bool = True
    filter_dilation: Any = None
    num_groups: int = 1
    unshared: bool = False

    def _options(self, axes: int) -> dict[str, Any]:
        ones = (1,) * axes
        options = {
            "border_mode": self.border_mode,
            "subsample": self.subsample or ones,
            "filter_flip": self.filter_flip,
            "filter_dilation": self.filter_dilation or ones,
            "num_groups": self.num_groups,
        }
        return {**options, "unshared": self.unshared} if axes == 2 else options

    def _input_shape(self, kern: TensorLike, topgrad: TensorLike, shape: Any) -> tuple[Any, ...]:
        channels = self.num_groups * as_variable(kern).shape[1]
        return self.imshp or (as_variable(topgrad).shape[0], channels, *_sizes(shape, kern))

    def _filter_shape(self, img: TensorLike, topgrad: TensorLike, shape: Any) -> tuple[Any, ...]:
        channels = as_variable(img).shape[1] // self.num_groups
        return self.kshp or (as_variable(topgrad).shape[1], channels, *_sizes(shape, img))


def _sizes(shape: Any, array: TensorLike) -> list[Any]:
    """The sizes in `shape`, a vector or a sequence, of the axes after the first two of `array`."""
    return [shape[axis] for axis in range(as_variable(array).ndim - 2)]


class AbstractConv2d(AbstractConv):
    """`conv2d`."""

    def __call__(self, img: TensorLike, kern: TensorLike) -> Variable:
        return functions.conv2d(img, kern, self.imshp, self.kshp, **self._options(2))


class AbstractConv2d_gradInputs(AbstractConv):
    """`conv2d_grad_wrt_inputs`; `shape` has the rows and columns of the input."""

    def __call__(self, kern: TensorLike, topgrad: TensorLike, shape: Any) -> Variable:
        full = self._input_shape(kern, topgrad, shape)
        return functions.conv2d_grad_wrt_inputs(topgrad, kern, full, self.kshp, **self._options(2))


class AbstractConv2d_gradWeights(AbstractConv):
    """`conv2d_grad_wrt_weights`; `shape` has the rows and columns of the filters."""

    def __call__(self, img: TensorLike, topgrad: TensorLike, shape: Any) -> Variable:
        full = self._filter_shape(img, topgrad, shape)
        return functions.conv2d_grad_wrt_weights(img, topgrad, full, self.imshp, **self._options(2))


class AbstractConv3d(AbstractConv):
    """`conv3d`."""

    def __call__(self, img: TensorLike, kern: TensorLike) -> Variable:
        return functions.conv3d(img, kern, self.imshp, self.kshp, **self._options(3))


class AbstractConv3d_gradInputs(AbstractConv):
    """`conv3d_grad_wrt_inputs`; `shape` has the last three sizes of the input."""

    def __call__(self, kern: TensorLike, topgrad: TensorLike, shape: Any) -> Variable:
        full = self._input_shape(kern, topgrad, shape)
        return functions.conv3d_grad_wrt_inputs(topgrad, kern, full, self.kshp, **self._options(3))


class AbstractConv3d_gradWeights(AbstractConv):
    """`conv3d_grad_wrt_weights`; `shape` has the last three sizes of the filters."""

    def __call__(self, img: TensorLike, topgrad: TensorLike, shape: Any) -> Variable:
        full = self._filter_shape(img, topgrad, shape)
        return functions.conv3d_grad_wrt_weights(img, topgrad, full, self.imshp, **self._options(3))


@dataclass(frozen=True)
class CorrMM:
    """`conv2d` with filters as they are, not flipped."""

    border_mode: Any = "valid"
    subsample: Any = (1, 1)
    filter_dilation: Any = (1, 1)
    num_groups: int = 1
    unshared: bool = False

    def __call__(self, img: TensorLike, kern: TensorLike) -> Variable:
        options = {"filter_dilation": self.filter_dilation, "num_groups": self.num_groups}
        return functions.conv2d(
            img,
            kern,
            border_mode=self.border_mode,
            subsample=self.subsample,
            filter_flip=False,
            unshared=self.unshared,
            **options,
        )


@dataclass(frozen=True)
class Corr3dMM:
    """`conv3d` with filters as they are, not flipped."""

    border_mode: Any = "valid"
    subsample: Any = (1, 1, 1)
    filter_dilation: Any = (1, 1, 1)
    num_groups: int = 1

    def __call__(self, img: TensorLike, kern: TensorLike) -> Variable:
        options = {"filter_dilation": self.filter_dilation, "num_groups": self.num_groups}
        return functions.conv3d(
            img, kern, border_mode=self.border_mode, subsample=self.subsample, filter_flip=False, **options
        )

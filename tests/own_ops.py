"""Ops in Python that several tests use."""

import croton as ct
import croton.tensor as T


class Scale(ct.Op):
    """A Theano op as it is written everywhere; `options` leaves methods out."""

    __props__ = ("factor",)

    def __init__(self, factor):
        self.factor = factor

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return ct.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * self.factor

    def infer_shape(self, node, input_shapes):
        return input_shapes

    def grad(self, inputs, output_gradients):
        return [output_gradients[0] * self.factor]


class UnshapedScale(Scale):
    """The shape is known to `perform` alone."""

    def infer_shape(self, node, input_shapes):
        raise NotImplementedError


class SumAndDifference(ct.Op):
    __props__ = ()

    def make_node(self, x, y):
        x, y = T.as_tensor_variable(x), T.as_tensor_variable(y)
        return ct.Apply(self, [x, y], [x.type(), y.type])

    def perform(self, node, inputs, output_storage):
        x, y = inputs
        output_storage[0][0], output_storage[1][0] = x + y, x - y

    def infer_shape(self, node, input_shapes):
        return [input_shapes[0], input_shapes[0]]

    def grad(self, inputs, output_gradients):
        a, b = output_gradients
        return [a + b, a - b]

"""Ops of the user's own: subclasses of `Op`, whose `perform` computes with NumPy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from croton.errors import complaint
from croton.op_calls import applied, variable_of_type
from croton.tensor.expression import TensorLike
from croton.tensor.tags import Tag
from croton.tensor.types import TensorType
from croton.tensor.variable import Variable, as_variable

__all__ = ["Apply", "Op"]


class Apply:
    """An op applied to variables.

    Parameters
    ----------
    op : Op
    inputs : list of Variable
    outputs : list of Variable or TensorType
        Of the types of the results, for example `x.type()`. The attribute has the results themselves.

    Raises
    ------
    TypeError
        For outputs of other kinds.
    """

    def __init__(self, op: Op, inputs: Sequence[TensorLike], outputs: Sequence[Any]) -> None:
        self.op = op
        self.inputs = [as_variable(x) for x in inputs]
        self.tag = Tag()
        self._outputs: list[Variable] = []
        self._applied = False
        for output in outputs:
            kind = output.type if isinstance(output, Variable) else output
            if not isinstance(kind, TensorType):
                raise TypeError(complaint(str(op), "outputs like x.type()", repr(output)))
            self._outputs.append(kind())

    @property
    def outputs(self) -> list[Variable]:
        """The results. Made when they are first asked for, so that their line is that of the op's use."""
        if not self._applied:
            self._applied = True  # infer_shape, which is called now, sees variables of their types
            try:
                self._outputs = applied(self, self._outputs)
            except BaseException:
                self._applied = False
                raise
        return self._outputs

    @property
    def nin(self) -> int:
        """How many inputs there are."""
        return len(self.inputs)

    @property
    def nout(self) -> int:
        """How many outputs there are."""
        return len(self._outputs)

    @property
    def out(self) -> Variable:
        """The output that a call of the op returns."""
        return self.default_output()

    def default_output(self) -> Variable:
        """The only output, or number `op.default_output`."""
        number = self.op.default_output
        if number is None and len(self.outputs) != 1:
            raise ValueError(complaint(str(self.op), "one output", str(len(self.outputs))))
        return self.outputs[number or 0]

    def clone_with_new_inputs(self, inputs: Sequence[TensorLike]) -> Apply:
        """The same op on other inputs."""
        return Apply(self.op, inputs, self.outputs)


class Op:
    """An op written in Python. Subclasses define `perform`, and the types of what it gives.

    The types come from `itypes` and `otypes`, or from a `make_node(self, *inputs)` that returns
    `Apply(self, inputs, outputs)`. Optional: `infer_shape`, `grad` or `L_op`, `R_op`, `connection_pattern`,
    and `__props__`, the names of the attributes that tell equal ops; see docs/own_ops.md.

    Examples
    --------
    >>> class Double(ct.Op):
    ...     __props__ = ()
    ...     itypes = [T.dvector]
    ...     otypes = [T.dvector]
    ...
    ...     def perform(self, node, inputs, output_storage):
    ...         output_storage[0][0] = 2 * inputs[0]
    ...
    ...     def infer_shape(self, node, input_shapes):
    ...         return input_shapes
    ...
    ...     def grad(self, inputs, output_gradients):
    ...         return [2 * output_gradients[0]]
    >>> x = T.dvector("x")
    >>> y = Double()(x)
    >>> ct.function([x], [y, ct.grad(y.sum(), x)])([1.0, 2.0])
    [array([2., 4.]), array([2., 2.])]
    """

    __props__: Sequence[str]
    itypes: Sequence[TensorType]
    otypes: Sequence[TensorType]
    default_output: int | None = None

    def make_node(self, *inputs: TensorLike) -> Apply:
        """The application to `inputs`, which have to be of the types `itypes`.

        Parameters
        ----------
        inputs : TensorLike

        Raises
        ------
        TypeError
            For inputs of other types, and another number of them.
        """
        if not hasattr(self, "itypes") or not hasattr(self, "otypes"):
            raise NotImplementedError(complaint(str(self), "itypes and otypes, or make_node", "neither"))
        if len(inputs) != len(self.itypes):
            raise TypeError(complaint(str(self), f"{len(self.itypes)} inputs", str(len(inputs))))
        variables = [
            variable_of_type(str(self), x, kind) for x, kind in zip(inputs, self.itypes, strict=True)
        ]
        return Apply(self, variables, self.otypes)

    def __call__(self, *inputs: TensorLike, return_list: bool = False, **options: Any) -> Any:
        """The output, or the list of outputs, for `inputs`.

        Parameters
        ----------
        inputs : TensorLike
        return_list : bool
            Whether a single output comes in a list, too.
        options
            For `make_node`.
        """
        node = self.make_node(*inputs, **options)
        if return_list:
            return node.outputs
        if self.default_output is not None or len(node.outputs) == 1:
            return node.default_output()
        return node.outputs

    def perform(self, node: Apply, inputs: list[Any], output_storage: list[list[Any]]) -> None:
        """Puts the results into `output_storage[k][0]`.

        Parameters
        ----------
        node : Apply
            With the types of inputs and outputs.
        inputs : list of numpy.ndarray
            They are copies, which may be kept, changed and given back.
        output_storage : list of list
            One list for each output, with None in it.
        """
        raise NotImplementedError(complaint(str(self), "a method perform", "none"))

    def infer_shape(self, node: Apply, input_shapes: list[Any]) -> list[Any]:
        """The shape of each output, in terms of the shapes of the inputs and of `node.inputs`.

        Without it `perform` runs before the rest of a function, to find the shapes.

        Parameters
        ----------
        node : Apply
        input_shapes : list of tuple of Variable
        """
        raise NotImplementedError

    def grad(self, inputs: list[Variable], output_gradients: list[Variable]) -> list[Any]:
        """The gradient of a cost by each input, as expressions.

        Parameters
        ----------
        inputs : list of Variable
        output_gradients : list of Variable
            Those of the cost by the outputs: zeros for outputs that it does not depend on.

        Returns
        -------
        list
            None or `DisconnectedType()()` where there is none.
        """
        raise NotImplementedError

    def L_op(
        self, inputs: list[Variable], outputs: list[Variable], output_gradients: list[Variable]
    ) -> list[Any]:
        """As `grad`, where the outputs are of use.

        Parameters
        ----------
        inputs, outputs, output_gradients : list of Variable
        """
        return self.grad(inputs, output_gradients)

    def R_op(self, inputs: list[Variable], eval_points: list[Any]) -> list[Any]:
        """How the outputs change with the inputs. Where there is no `grad`, gradients follow from it.

        Parameters
        ----------
        inputs : list of Variable
        eval_points : list of Variable or None
            The directions in which the inputs change.
        """
        raise NotImplementedError

    def _properties(self) -> tuple[Any, ...] | None:
        names = getattr(type(self), "__props__", None)
        return None if names is None else tuple([getattr(self, name) for name in names])

    def __eq__(self, other: object) -> bool:
        if self is other or type(self) is not type(other):
            return self is other
        properties = self._properties()
        return properties is not None and bool(properties == other._properties())

    def __hash__(self) -> int:
        properties = self._properties()
        return object.__hash__(self) if properties is None else hash((type(self), properties))

    def __str__(self) -> str:
        names = getattr(type(self), "__props__", None) or ()
        options = ", ".join(f"{name}={getattr(self, name, '?')!r}" for name in names)
        return f"{type(self).__name__}{{{options}}}" if options else type(self).__name__

    __repr__ = __str__

"""The class of symbolic variables: operators and methods, each a call of the function of that name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor import (
    creation,
    diagonals,
    elementwise,
    indexing,
    movement,
    nonzeros,
    positions,
    products,
    reductions,
    repeating,
    running,
    searching,
    sorting,
    types,
)
from croton.tensor.expression import (
    Expression,
    TensorLike,
    _classes,
    as_node,
    describe,
    dims_of,
    product,
    size_node,
    wrap,
)
from croton.tensor.operators import Operators
from croton.tensor.tags import Tag, tag_of


class Shape(tuple["Variable", ...]):
    """The sizes of a variable: a tuple of int64 scalars which, as a whole, also acts as an int64 vector."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, Expression):
            return as_variable(self)[index]
        part = super().__getitem__(index)
        return Shape(part) if isinstance(index, slice) else part

    def __add__(self, other: Any) -> Any:
        return Shape((*self, *other)) if isinstance(other, tuple) else as_variable(self) + other

    def __mul__(self, other: Any) -> Any:
        return as_variable(self) * other

    def __rmul__(self, other: Any) -> Any:
        return other * as_variable(self)

    def __sub__(self, other: Any) -> Any:
        return as_variable(self) - other

    def __truediv__(self, other: Any) -> Any:
        return as_variable(self) / other

    def __floordiv__(self, other: Any) -> Any:
        return as_variable(self) // other

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(as_variable(self), name)


def as_variable(value: TensorLike) -> Variable:
    """`value` as an expression; the empty shape as an int64 vector without elements."""
    if isinstance(value, Shape) and not value:
        value = np.zeros(0, "int64")
    return value if isinstance(value, Variable) else wrap(as_node(value))


class Variable(Operators):
    """A symbolic array: an input, or an expression of others.

    Operators and methods build new expressions; nothing is computed before `croton.function` or `eval`.
    `==` and `!=` tell whether two variables are the same expression; use `T.eq` and `T.neq` for elements.

    Examples
    --------
    >>> import croton.tensor as T
    >>> x = T.dvector("x")
    >>> (2 * x + 1).sum().eval({x: [1.0, 2.0]})
    array(8.)
    """

    __array_priority__ = 1000
    __array_ufunc__ = None

    def __init__(self, node: _core.Variable) -> None:
        super().__init__(node)
        self._name: str | None = None

    # ---- description
    @property
    def name(self) -> str | None:
        """The user's name for it."""
        return self._name or self._node._leaf_name or None

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(complaint("name", "a string or None", repr(name)))
        self._name = name
        self._node._leaf_name = name or ""

    @property
    def tag(self) -> Tag:
        """A place for the user's own notes. `tag.test_value` is read; see `config.compute_test_value`."""
        if "_tag" not in self.__dict__:
            self._tag = tag_of(self._node)
        return self._tag

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """For each axis, whether its size is known to be 1."""
        return tuple(size == 1 for size in self._node.static_shape)

    @property
    def shape(self) -> Shape:
        """The sizes of the axes as a tuple of int64 scalars."""
        return Shape(wrap(size_node(size)) for size in dims_of(self._node))

    @property
    def size(self) -> Variable:
        """The number of elements, an int64 scalar."""
        return wrap(size_node(product(dims_of(self._node))))

    @property
    def T(self) -> Variable:
        """The axes reversed."""
        return movement.transpose(self)

    @property
    def mT(self) -> Variable:
        """The last two axes exchanged: every matrix transposed."""
        return movement.swapaxes(self, -1, -2)

    @property
    def real(self) -> Variable:
        """The real part: of real numbers, themselves."""
        return wrap(_core.real(self._node))

    @property
    def imag(self) -> Variable:
        """The imaginary part: of real numbers, 0."""
        return wrap(_core.imag(self._node))

    def __repr__(self) -> str:
        return f"{self.name or self._node._text(200)} : {self.type}"

    def __str__(self) -> str:
        return self.name or self._node._text(200)

    def _repr_html_(self) -> str:
        import html

        text = html.escape(self._node._text(2000))
        title = f"<b>{html.escape(self._name)}</b> = " if self._name else ""
        return f"<code>{title}{text}</code> <small>{html.escape(repr(self.type))}</small>"

    # ---- protocols
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variable) and self._node == other._node

    def __hash__(self) -> int:
        return hash(self._node)

    def __bool__(self) -> bool:
        if self._node.dtype == "bool":
            remedy = "use T.where or T.switch, or evaluate it first"
            raise TypeError(complaint("bool", "a value", f"the symbolic {describe(self)}", remedy))
        return True

    def __iter__(self) -> Iterator[Variable]:
        length = self._node.static_shape[0] if self.ndim else None
        if length is None:
            remedy = "did you use Python's sum or max instead of T.sum or T.max?"
            raise TypeError(complaint("iteration", "a first axis of known size", describe(self), remedy))
        return (self[k] for k in range(length))

    def __contains__(self, item: object) -> bool:
        raise TypeError(complaint("in", "a value", f"the symbolic {describe(self)}", "use T.any(T.eq(x, y))"))

    def __array__(self, *args: object, **kwargs: object) -> Any:
        raise TypeError(
            complaint("NumPy", "values", f"the symbolic {describe(self)}", "use T's functions, or eval()")
        )

    def __float__(self) -> float:
        raise TypeError(complaint("float", "a value", f"the symbolic {describe(self)}", "use eval()"))

    def __index__(self) -> int:
        raise TypeError(complaint("index", "a value", f"the symbolic {describe(self)}", "use eval()"))

    def __deepcopy__(self, memo: object) -> Variable:
        return self

    def eval(self, inputs_to_values: dict[Variable, Any] | None = None) -> Any:
        """The value for given values of its inputs, as a NumPy array. Compiles once for each variable.

        Parameters
        ----------
        inputs_to_values : dict, optional
            From inputs, or their names, to values, which are cast to the dtypes of the inputs.

        Raises
        ------
        MissingInputError
            For inputs without a value.
        TypeError
            For values of another rank, and for what is no dict.

        Examples
        --------
        >>> x = T.dvector("x")
        >>> (2 * x).eval({x: [1.0, 2.0]})
        array([2., 4.])
        """
        from croton.function import evaluate

        return evaluate(self, inputs_to_values or {})

    def clone(self, name: str | None = None) -> Variable:
        """A new input of the same type; constants and expressions are themselves."""
        if self._node._op != "input":
            return self
        return self.type(name or self.name)

    def __setitem__(self, index: Any, value: Any) -> None:
        remedy = "use T.set_subtensor(x[index], value), which makes a new array"
        raise TypeError(complaint("x[...] = value", "an array", f"the symbolic {describe(self)}", remedy))

    # ---- reductions
    def sum(
        self,
        axis: reductions.Axis = None,
        dtype: Any = None,
        keepdims: bool = False,
        acc_dtype: Any = None,
    ) -> Variable:
        """`T.sum`."""
        return reductions.sum(self, axis, dtype, keepdims, acc_dtype)

    def prod(
        self,
        axis: reductions.Axis = None,
        dtype: Any = None,
        keepdims: bool = False,
        acc_dtype: Any = None,
    ) -> Variable:
        """`T.prod`."""
        return reductions.prod(self, axis, dtype, keepdims, acc_dtype)

    def mean(
        self,
        axis: reductions.Axis = None,
        dtype: Any = None,
        keepdims: bool = False,
        acc_dtype: Any = None,
    ) -> Variable:
        """`T.mean`."""
        return reductions.mean(self, axis, dtype, keepdims, acc_dtype)

    def var(self, axis: reductions.Axis = None, ddof: int = 0, keepdims: bool = False) -> Variable:
        """`T.var`."""
        return reductions.var(self, axis, ddof, keepdims)

    def std(self, axis: reductions.Axis = None, ddof: int = 0, keepdims: bool = False) -> Variable:
        """`T.std`."""
        return reductions.std(self, axis, ddof, keepdims)

    def max(self, axis: reductions.Axis = None, keepdims: bool = False) -> Variable:
        """`T.max`."""
        return reductions.max(self, axis, keepdims)

    def min(self, axis: reductions.Axis = None, keepdims: bool = False) -> Variable:
        """`T.min`."""
        return reductions.min(self, axis, keepdims)

    def argmax(self, axis: reductions.Axis = None, keepdims: bool = False) -> Variable:
        """`T.argmax`."""
        return reductions.argmax(self, axis, keepdims)

    def argmin(self, axis: reductions.Axis = None, keepdims: bool = False) -> Variable:
        """`T.argmin`."""
        return reductions.argmin(self, axis, keepdims)

    def any(self, axis: reductions.Axis = None, keepdims: bool = False) -> Variable:
        """`T.any`."""
        return reductions.any(self, axis, keepdims)

    def all(self, axis: reductions.Axis = None, keepdims: bool = False) -> Variable:
        """`T.all`."""
        return reductions.all(self, axis, keepdims)

    def ptp(self, axis: reductions.Axis = None) -> Variable:
        """`T.ptp`."""
        return reductions.ptp(self, axis)

    def norm(self, L: float = 2, axis: reductions.Axis = None) -> Variable:
        """`T.norm`."""
        return reductions.norm(self, L, axis)

    # ---- products
    def dot(self, other: TensorLike) -> Variable:
        """`T.dot`."""
        return products.dot(self, other)

    # ---- movement
    def dimshuffle(self, *pattern: Any) -> Variable:
        """`T.dimshuffle`: axes permuted, inserted ("x") or dropped."""
        return movement.dimshuffle(self, *pattern)

    def transpose(self, *axes: Any) -> Variable:
        """`T.transpose`; the axes come as one sequence, or as NumPy's separate arguments."""
        if len(axes) == 1 and isinstance(axes[0], list | tuple):
            axes = tuple(axes[0])
        return movement.transpose(self, axes if axes and axes != (None,) else None)

    def swapaxes(self, axis1: int, axis2: int) -> Variable:
        """`T.swapaxes`."""
        return movement.swapaxes(self, axis1, axis2)

    def reshape(self, shape: Any, *others: Any, ndim: int | None = None) -> Variable:
        """`T.reshape`; the sizes come as one sequence, or as NumPy's separate arguments.

        Parameters
        ----------
        shape : int, sequence of int and int scalars, or integer vector
        *others : int or int scalar
            Further sizes.
        ndim : int, optional
            The length of `shape` if that is a vector of unknown length.

        Examples
        --------
        >>> T.arange(6).reshape(2, -1).type
        int64[2, 3]
        """
        if others and (not isinstance(shape, Expression) or shape.ndim == 0):
            shape = (shape, *others)
        elif others:
            ndim = others[0]
        return movement.reshape(self, shape, ndim)

    def flatten(self, ndim: int = 1) -> Variable:
        """`T.flatten`."""
        return movement.flatten(self, ndim)

    def ravel(self) -> Variable:
        """`T.ravel`."""
        return movement.ravel(self)

    def squeeze(self, axis: Any = None) -> Variable:
        """`T.squeeze`."""
        return movement.squeeze(self, axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Variable:
        """`T.repeat`."""
        return repeating.repeat(self, repeats, axis)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """`T.diagonal`."""
        return diagonals.diagonal(self, offset, axis1, axis2)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Variable:
        """`T.trace`."""
        return diagonals.trace(self, offset, axis1, axis2, dtype)

    def choose(self, choices: Any, mode: str = "raise") -> Variable:
        """`T.choose`: the elements of the choices that these integers name."""
        return positions.choose(self, choices, mode)

    def searchsorted(self, v: TensorLike, side: str = "left", sorter: TensorLike = None) -> Variable:
        """`T.searchsorted`: where `v` belongs in this sorted vector."""
        return searching.searchsorted(self, v, side, sorter)

    def take(self, indices: TensorLike, axis: int | None = None, mode: str = "raise") -> Variable:
        """`T.take`."""
        return indexing.take(self, indices, axis, mode)

    # ---- order
    def cumsum(self, axis: int | None = None) -> Variable:
        """`T.cumsum`."""
        return running.cumsum(self, axis)

    def cumprod(self, axis: int | None = None) -> Variable:
        """`T.cumprod`."""
        return running.cumprod(self, axis)

    def nonzero(self, return_matrix: bool = False) -> Any:
        """`T.nonzero`."""
        return nonzeros.nonzero(self, return_matrix)

    def nonzero_values(self) -> Variable:
        """`T.nonzero_values`."""
        return nonzeros.nonzero_values(self)

    def compress(self, condition: TensorLike, axis: int | None = None) -> Variable:
        """`T.compress` with the condition first, as in NumPy."""
        return nonzeros.compress(condition, self, axis)

    def sort(self, axis: int | None = -1, kind: str | None = None, order: None = None) -> Variable:
        """`T.sort`."""
        return sorting.sort(self, axis, kind, order)

    def argsort(self, axis: int | None = -1, kind: str | None = None, order: None = None) -> Variable:
        """`T.argsort`."""
        return sorting.argsort(self, axis, kind, order)

    # ---- other
    def astype(self, dtype: Any) -> Variable:
        """`T.cast`: the elements as another dtype."""
        return elementwise.cast(self, dtype)

    def fill(self, value: TensorLike) -> Variable:
        """`T.fill`: `value` in this shape."""
        return creation.fill(self, value)

    def zeros_like(self, dtype: Any = None) -> Variable:
        """`T.zeros_like`."""
        return creation.zeros_like(self, dtype)

    def ones_like(self, dtype: Any = None) -> Variable:
        """`T.ones_like`."""
        return creation.ones_like(self, dtype)

    def clip(self, min: TensorLike = None, max: TensorLike = None) -> Variable:
        """`T.clip`."""
        return elementwise.clip(self, min, max)

    def round(self, mode: str = "half_to_even") -> Variable:
        """`T.round`."""
        return elementwise.round(self, mode)

    def copy(self, name: str | None = None) -> Variable:
        """The same expression: expressions never change."""
        return wrap(self._node)

    def conj(self) -> Variable:
        """The complex conjugate: of real numbers, themselves."""
        return wrap(_core.conj(self._node))

    conjugate = conj


class Constant(Variable):
    """A variable with a fixed value."""

    @property
    def data(self) -> np.ndarray[Any, Any]:
        """A copy of the value."""
        value = self._node._value()
        assert value is not None
        return value

    value = data


# The methods that are elementwise functions of one argument.
_UNARY = """arccos arccosh arcsin arcsinh arctan arctanh ceil cos cosh deg2rad exp exp2 expm1 floor
log log10 log1p log2 rad2deg sin sinh sqrt tan tanh trunc"""
for _name in _UNARY.split():
    if _name in elementwise.FUNCTIONS:
        setattr(Variable, _name, elementwise.FUNCTIONS[_name])


def make_input(kind: types.TensorType, name: str | None) -> Variable:
    """A new input of the given type."""
    return wrap(_core.input(kind.dtype, kind.shape, name or ""))


_classes.update({"": Variable, "constant": Constant})
types._make.append(make_input)
__all__: Sequence[str] = ("Constant", "Shape", "Variable", "as_variable", "make_input")

"""Python's operators on expressions: each is a call of the function of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton.tensor import elementwise, indexing, products
from croton.tensor.elementwise import apply
from croton.tensor.expression import Expression, TensorLike, is_sparse, wrap

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


class Operators(Expression):
    """The operators; `==` and `!=` are not among them, as they tell whether expressions are the same."""

    def __add__(self, other: TensorLike) -> Variable:
        return NotImplemented if is_sparse(other) else apply("add", self, other)

    def __radd__(self, other: TensorLike) -> Variable:
        return apply("add", other, self)

    def __sub__(self, other: TensorLike) -> Variable:
        return NotImplemented if is_sparse(other) else apply("sub", self, other)

    def __rsub__(self, other: TensorLike) -> Variable:
        return apply("sub", other, self)

    def __mul__(self, other: TensorLike) -> Variable:
        return NotImplemented if is_sparse(other) else apply("mul", self, other)

    def __rmul__(self, other: TensorLike) -> Variable:
        return apply("mul", other, self)

    def __truediv__(self, other: TensorLike) -> Variable:
        return apply("true_div", self, other)

    def __rtruediv__(self, other: TensorLike) -> Variable:
        return apply("true_div", other, self)

    def __floordiv__(self, other: TensorLike) -> Variable:
        return apply("floor_div", self, other)

    def __rfloordiv__(self, other: TensorLike) -> Variable:
        return apply("floor_div", other, self)

    def __mod__(self, other: TensorLike) -> Variable:
        return apply("mod", self, other)

    def __rmod__(self, other: TensorLike) -> Variable:
        return apply("mod", other, self)

    def __divmod__(self, other: TensorLike) -> tuple[Variable, Variable]:
        return elementwise.divmod(self, other)

    def __rdivmod__(self, other: TensorLike) -> tuple[Variable, Variable]:
        return elementwise.divmod(other, self)

    def __pow__(self, other: TensorLike) -> Variable:
        return apply("pow", self, other)

    def __rpow__(self, other: TensorLike) -> Variable:
        return apply("pow", other, self)

    def __matmul__(self, other: TensorLike) -> Variable:
        return NotImplemented if is_sparse(other) else products.matmul(self, other)

    def __rmatmul__(self, other: TensorLike) -> Variable:
        return products.matmul(other, self)

    def __and__(self, other: TensorLike) -> Variable:
        return apply("bitwise_and", self, other)

    def __rand__(self, other: TensorLike) -> Variable:
        return apply("bitwise_and", other, self)

    def __or__(self, other: TensorLike) -> Variable:
        return apply("bitwise_or", self, other)

    def __ror__(self, other: TensorLike) -> Variable:
        return apply("bitwise_or", other, self)

    def __xor__(self, other: TensorLike) -> Variable:
        return apply("bitwise_xor", self, other)

    def __rxor__(self, other: TensorLike) -> Variable:
        return apply("bitwise_xor", other, self)

    def __lshift__(self, other: TensorLike) -> Variable:
        return apply("left_shift", self, other)

    def __rlshift__(self, other: TensorLike) -> Variable:
        return apply("left_shift", other, self)

    def __rshift__(self, other: TensorLike) -> Variable:
        return apply("right_shift", self, other)

    def __rrshift__(self, other: TensorLike) -> Variable:
        return apply("right_shift", other, self)

    def __lt__(self, other: TensorLike) -> Variable:
        return apply("lt", self, other)

    def __le__(self, other: TensorLike) -> Variable:
        return apply("le", self, other)

    def __gt__(self, other: TensorLike) -> Variable:
        return apply("gt", self, other)

    def __ge__(self, other: TensorLike) -> Variable:
        return apply("ge", self, other)

    def __neg__(self) -> Variable:
        return apply("neg", self)

    def __pos__(self) -> Variable:
        return wrap(self._node)

    def __abs__(self) -> Variable:
        return apply("abs", self)

    def __invert__(self) -> Variable:
        return apply("invert", self)

    def __ceil__(self) -> Variable:
        return apply("ceil", self)

    def __floor__(self) -> Variable:
        return apply("floor", self)

    def __trunc__(self) -> Variable:
        return apply("trunc", self)

    def __round__(self, ndigits: int | None = None) -> Variable:
        return elementwise.round(self)

    def __getitem__(self, index: Any) -> Variable:
        return indexing.getitem(self, index)

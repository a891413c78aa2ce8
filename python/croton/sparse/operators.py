"""Operators and methods of sparse variables, each a call of the function of that name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from croton.function import function
from croton.sparse import boundary, elementwise, products, structure  # noqa: F401  # boundary makes functions
from croton.sparse.variable import SparseVariable


class _Methods:
    def __neg__(self) -> Any:
        return elementwise.neg(self)

    def __add__(self, other: Any) -> Any:
        return elementwise.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return elementwise.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return elementwise.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return elementwise.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return elementwise.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return elementwise.mul(other, self)

    def __matmul__(self, other: Any) -> Any:
        return products.dot(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return products.dot(other, self)

    def __lt__(self, other: Any) -> Any:
        return elementwise.lt(self, other)

    def __le__(self, other: Any) -> Any:
        return elementwise.le(self, other)

    def __gt__(self, other: Any) -> Any:
        return elementwise.gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return elementwise.ge(self, other)

    def __getitem__(self, index: Any) -> Any:
        return structure.get_item(self, index)  # type: ignore[arg-type]

    @property
    def T(self) -> SparseVariable:
        """The transpose."""
        return structure.transpose(self)

    def transpose(self) -> SparseVariable:
        """The transpose."""
        return structure.transpose(self)

    def dot(self, other: Any) -> Any:
        """The product with a sparse or dense matrix, or a vector."""
        return products.dot(self, other)

    @staticmethod
    def dot_of(x: Any, y: Any) -> Any:
        """`T.dot(x, y)`, of which one is sparse."""
        return products.dot(x, y)

    def sum(self, axis: int | None = None, sparse_grad: bool = False) -> Any:
        """`sp_sum`"""
        return elementwise.sp_sum(self, axis, sparse_grad)

    def toarray(self) -> Any:
        """As a dense matrix."""
        return structure.dense_from_sparse(self)

    todense = toarray

    def eval(self, values: Mapping[Any, Any] | None = None) -> Any:
        """The value, a matrix of SciPy, where its inputs have the given values."""
        given = values or {}
        return function(list(given), self, on_unused_input="ignore")(*given.values())


for _name, _method in vars(_Methods).items():
    if not _name.startswith("_") or callable(_method):
        setattr(SparseVariable, _name, _method)

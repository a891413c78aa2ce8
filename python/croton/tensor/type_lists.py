"""Theano's lists of the types of inputs, by kind of number and rank."""

from __future__ import annotations

from croton.tensor.constructors import FUNCTIONS

__all__ = [
    "complex_matrix_types",
    "complex_scalar_types",
    "complex_types",
    "complex_vector_types",
    "float_matrix_types",
    "float_scalar_types",
    "float_types",
    "float_vector_types",
    "int_matrix_types",
    "int_scalar_types",
    "int_types",
    "int_vector_types",
]

int_scalar_types, int_vector_types, int_matrix_types = (
    tuple(FUNCTIONS[letter + kind] for letter in "bwil") for kind in ("scalar", "vector", "matrix")
)
float_scalar_types, float_vector_types, float_matrix_types = (
    tuple(FUNCTIONS[letter + kind] for letter in "fd") for kind in ("scalar", "vector", "matrix")
)
complex_scalar_types, complex_vector_types, complex_matrix_types = (
    tuple(FUNCTIONS[letter + kind] for letter in "cz") for kind in ("scalar", "vector", "matrix")
)
int_types, float_types, complex_types = int_scalar_types, float_scalar_types, complex_scalar_types

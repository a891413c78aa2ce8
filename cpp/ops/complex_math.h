// Elementwise functions of complex numbers as expressions of their parts: what the rows of the op table use.
// Special values and branch cuts are those of C99's Annex G where that costs no branch of its own.
#pragma once

#include "graph/op_spec.h"

namespace croton::complex_math {

using Operands = std::span<const ComplexParts>;

/// The imaginary part, of real numbers 0.
Var imag_of(const ComplexParts& z);

// ---- arithmetic; an operand without imaginary part takes part as a real number
ComplexParts add(Operands x);
ComplexParts sub(Operands x);
ComplexParts mul(Operands x);
ComplexParts true_div(Operands x);
ComplexParts neg(Operands x);
ComplexParts reciprocal(Operands x);
ComplexParts square(Operands x);
ComplexParts pow(Operands x);
ComplexParts abs(Operands x);
ComplexParts sign(Operands x);
ComplexParts where(Operands x);

// ---- comparison
ComplexParts eq(Operands x);
ComplexParts ne(Operands x);
ComplexParts isnan(Operands x);
ComplexParts isinf(Operands x);
ComplexParts isfinite(Operands x);

// ---- exponentials
ComplexParts exp(Operands x);
ComplexParts exp2(Operands x);
ComplexParts expm1(Operands x);
ComplexParts log(Operands x);
ComplexParts log2(Operands x);
ComplexParts log10(Operands x);
ComplexParts log1p(Operands x);
ComplexParts sqrt(Operands x);

// ---- circular and hyperbolic functions
ComplexParts sin(Operands x);
ComplexParts cos(Operands x);
ComplexParts tan(Operands x);
ComplexParts arcsin(Operands x);
ComplexParts arccos(Operands x);
ComplexParts arctan(Operands x);
ComplexParts sinh(Operands x);
ComplexParts cosh(Operands x);
ComplexParts tanh(Operands x);
ComplexParts arcsinh(Operands x);
ComplexParts arccosh(Operands x);
ComplexParts arctanh(Operands x);

}  // namespace croton::complex_math

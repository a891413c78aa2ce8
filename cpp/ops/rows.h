// The rows of the op table, one function per source file; the table is the list of these.
#pragma once

#include <span>
#include <vector>

#include "graph/op_spec.h"

namespace croton::rows {

std::span<const OpSpec> arithmetic();
std::span<const OpSpec> exponential();
std::span<const OpSpec> trigonometric();
std::span<const OpSpec> special();
std::span<const OpSpec> incomplete();
std::span<const OpSpec> bessel();
std::span<const OpSpec> integrals();
std::span<const OpSpec> rounding();
std::span<const OpSpec> comparison();
std::span<const OpSpec> bitwise();
std::span<const OpSpec> random();

/// All elementwise rows.
std::vector<const OpSpec*> elementwise();

std::span<const OpSpec> sorting();
std::span<const OpSpec> searching();
std::span<const OpSpec> running();
std::span<const OpSpec> factorizations();
std::span<const OpSpec> orthogonal();
std::span<const OpSpec> eigen();
std::span<const OpSpec> matrix_functions();
std::span<const OpSpec> sequences();
std::span<const OpSpec> sparse_products();
std::span<const OpSpec> fourier();
std::span<const OpSpec> observing();

/// All rows that run a host routine, the composites of them, and `after`.
std::vector<const OpSpec*> library();

}  // namespace croton::rows

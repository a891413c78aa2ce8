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
std::span<const OpSpec> rounding();
std::span<const OpSpec> comparison();
std::span<const OpSpec> bitwise();

/// All elementwise rows.
std::vector<const OpSpec*> elementwise();

}  // namespace croton::rows

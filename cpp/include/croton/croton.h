// Croton from C++: write an expression, differentiate it, compile it, call it.
//
//   Var x = matrix("x"), y = vector("y");
//   Shared w(make_array<double>({3}, {0, 0, 0}), "w");
//   Var loss = mean(square(matmul(x, w) - y));
//   Compiled step = function({x, y}, {loss}, {{w, w - 0.1 * grad(loss, w)}});
//   std::vector<Array> outputs = step(x_array, y_array);
//
// Errors are the exceptions of base/error.h. Expressions are immutable: a Var is a counted pointer to a node,
// and equal expressions are one node.
#pragma once

#include "base/dtype.h"           // DType, promotion
#include "base/error.h"           // Error, ValueError, TypeError, IndexError, ...
#include "croton/array.h"         // Array, make_array, elements
#include "croton/function.h"      // grad, function, Compiled
#include "croton/variable.h"      // tensor, matrix, vector, scalar, constant, Shared
#include "graph/print.h"          // text, listing
#include "ops/functions.h"        // the operations: +, exp, sum, softmax, matmul, reshape, take, ...
#include "ops/linalg.h"           // sorting, factorisations, solutions
#include "runtime/thread_pool.h"  // num_threads, set_num_threads

namespace croton {

/// The mean over all elements.
Var mean(const Var& x);
/// The sum over all elements.
Var sum(const Var& x);

}  // namespace croton

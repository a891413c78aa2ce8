// The groups of rows that make up the op table; each is defined in the file of the same name.
#pragma once

#include "graph/op_spec.h"

namespace croton {

extern const OpSpec cast_op;  // attrs.ints: {dtype}
extern const OpSpec copy_op;  // attrs.ints: {identity}
extern const OpSpec real_op;
extern const OpSpec imag_op;
extern const OpSpec complex_op;      // inputs: re, im; attrs.ints: {} or {identity}
extern const OpSpec dimshuffle_op;   // attrs.ints: for each result axis the input's axis, or -1
extern const OpSpec broadcast_op;    // inputs: x, sizes...
extern const OpSpec reshape_op;      // inputs: x, sizes...
extern const OpSpec slice_op;        // inputs: x, start, length; attrs.ints: {axis, step}
extern const OpSpec windows_op;      // inputs: x, count, size; attrs.ints: {axis, step, dilation}
extern const OpSpec set_slice_op;    // inputs: x, part, start; attrs.ints: {axis, step}
extern const OpSpec concatenate_op;  // attrs.ints: {axis}
extern const OpSpec iota_op;         // inputs: sizes...; attrs.ints: {axis}
extern const OpSpec take_op;         // inputs: x, index; attrs.ints: {axis} or {axis, the one in messages}
extern const OpSpec scatter_op;      // inputs: x, values, index; attrs.ints: {axis, ScatterMode}
extern const OpSpec sum_op;          // reductions: attrs.ints: sorted axes
extern const OpSpec prod_op;
extern const OpSpec max_op;
extern const OpSpec min_op;
extern const OpSpec matmul_op;
extern const OpSpec correlate_op;  // inputs: x, filters, counts...; attrs.ints: {steps..., dilations...}
extern const OpSpec
    correlate_transposed_op;         // inputs: x, filters, sizes...; attrs.ints: the same, offsets...
extern const OpSpec max_pool_op;     // inputs: x, counts...; attrs.ints: sizes of the windows
extern const OpSpec sum_to_op;       // inputs: x, sizes...
extern const OpSpec softmax_op;      // attrs.ints: sorted axes
extern const OpSpec log_softmax_op;  // attrs.ints: sorted axes
extern const OpSpec logsumexp_op;    // attrs.ints: sorted axes, kept with size 1
extern const OpSpec stop_gradient_op, grad_clip_op, undefined_grad_op, gradient_of_op;

}  // namespace croton

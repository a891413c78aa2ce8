// The operations as C++ functions over Var: what gradients, rewrite rules and derived ops are written in.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// Applies the elementwise row `name` with broadcasting, casting operands as its signature says.
Var apply(std::string_view name, std::vector<Var> inputs);
Var apply(const OpSpec& op, std::vector<Var> inputs);
/// A 0-d constant of the dtype of `like` (of the real type of a complex one,of the inexact type if `value` is
/// not integral).
Var scalar_like(const Var& like, double value);

// ---- arithmetic; plain numbers take the other operand's dtype
Var operator+(const Var& a, const Var& b);
Var operator-(const Var& a, const Var& b);
Var operator*(const Var& a, const Var& b);
Var operator/(const Var& a, const Var& b);
Var operator-(const Var& a);
Var operator+(const Var& a, double b);
Var operator-(const Var& a, double b);
Var operator*(const Var& a, double b);
Var operator/(const Var& a, double b);
Var operator+(double a, const Var& b);
Var operator-(double a, const Var& b);
Var operator*(double a, const Var& b);
Var operator/(double a, const Var& b);
Var operator<(const Var& a, const Var& b);
Var operator<=(const Var& a, const Var& b);
Var operator>(const Var& a, const Var& b);
Var operator>=(const Var& a, const Var& b);
Var operator<(const Var& a, double b);
Var operator<=(const Var& a, double b);
Var operator>(const Var& a, double b);
Var operator>=(const Var& a, double b);
Var equal(const Var& a, const Var& b);
Var not_equal(const Var& a, const Var& b);
Var logical_and(const Var& a, const Var& b);
Var logical_or(const Var& a, const Var& b);
Var logical_not(const Var& a);

// ---- elementwise
Var exp(const Var& x);
Var log(const Var& x);
Var log1p(const Var& x);
Var expm1(const Var& x);
Var sqrt(const Var& x);
Var square(const Var& x);
Var abs(const Var& x);
Var sign(const Var& x);
Var sin(const Var& x);
Var cos(const Var& x);
Var tanh(const Var& x);
Var sigmoid(const Var& x);
Var softplus(const Var& x);
Var pow(const Var& x, const Var& y);
Var maximum(const Var& x, const Var& y);
Var minimum(const Var& x, const Var& y);
Var where(const Var& condition, const Var& x, const Var& y);
Var where(const Var& condition, const Var& x, double y);
/// `x` as `dtype`; the gradient flows between inexact types.
Var cast(const Var& x, DType dtype);

// ---- complex numbers
Var complex(const Var& re, const Var& im);
Var real(const Var& z);
Var imag(const Var& z);
Var conj(const Var& z);

// ---- movement; axes count from 0, sizes are int64 scalars
/// The value of a size that is a constant, or `unknown`.
int64_t known_size(const Var& size);
Var transpose(const Var& x, std::vector<int64_t> permutation);
Var swap_last_axes(const Var& x);
/// Axes permuted, dropped (size 1) or inserted (-1): Theano's dimshuffle.
Var dimshuffle(const Var& x, std::vector<int64_t> pattern);
Var expand_dims(const Var& x, std::vector<int64_t> axes);
Var squeeze(const Var& x, std::vector<int64_t> axes);
Var broadcast_to(const Var& x, std::vector<Var> sizes);
Var reshape(const Var& x, std::vector<Var> sizes);
/// Elements start, start+step, ... of one axis; `length` of them. `step` is not 0.
Var slice(const Var& x, int axis, const Var& start, const Var& length, int64_t step);
/// The windows of `size` elements, `dilation` apart, that begin at every `step`-th element of one axis: it
/// becomes two, windows and the elements of each. Windows that do not fit are left out.
Var windows(const Var& x, int axis, const Var& size, int64_t step, int64_t dilation);
/// `x` with `part` at the positions that `slice` reads; `part` may differ from `x` in the size of `axis`
/// only.
Var set_slice(const Var& x, const Var& part, int axis, const Var& start, int64_t step);
/// Zeros of size `size` along `axis`, with `x` at the positions that `slice` reads: its gradient.
Var slice_grad(const Var& x, const Var& size, int axis, const Var& start, int64_t step);
Var concatenate(std::vector<Var> parts, int axis);
/// The index along `axis` of an array with these sizes, as int64.
Var iota(std::vector<Var> sizes, int axis);
Var zeros(std::vector<Var> sizes, DType dtype);
Var zeros_like(const Var& x);
Var ones_like(const Var& x);
Var full(std::vector<Var> sizes, const Var& value);
/// Elements of `x` along `axis` at positions `index`; negative ones count from the end.
Var take(const Var& x, const Var& index, int axis);
/// Positions counted from the start of an axis of this size; in the call, those outside are errors, which
/// name the axis `axis`.
Var wrap_positions(const Var& index, const Var& size, int axis);
/// Whether `node` is what wrap_positions returns.
bool wraps_positions(const Node& node);
/// The axis that messages about the positions of a take or scatter node name.
int64_t indexed_axis(const Node& node);
/// What becomes of the old and the new value at a position. With `Set`, which of several new values stays is
/// not defined; with the others, all of them count.
enum class ScatterMode : uint8_t { Add, Set, Max, Min };
/// `x` combined with `values` at positions `index` along `axis`, which stand in `values` in place of the
/// axis.
Var scatter(const Var& x, const Var& values, const Var& index, int axis, ScatterMode mode);
/// Zeros of size `size` along `axis`, with `x` added at positions `index`: the gradient of take.
Var scatter_add(const Var& x, const Var& index, const Var& size, int axis);

// ---- reductions over sorted axes
Var sum(const Var& x, std::vector<int64_t> axes, bool keepdims = false);
Var prod(const Var& x, std::vector<int64_t> axes, bool keepdims = false);
Var reduce_max(const Var& x, std::vector<int64_t> axes, bool keepdims = false);
Var reduce_min(const Var& x, std::vector<int64_t> axes, bool keepdims = false);
std::vector<int64_t> all_axes(const Var& x);
/// `g` summed over the axes along which an array of `like`'s shape was broadcast to it.
Var sum_to(const Var& g, const Var& like);

// ---- composites
/// `x` through which no gradient flows.
Var stop_gradient(const Var& x);
Var softmax(const Var& x, std::vector<int64_t> axes);
Var log_softmax(const Var& x, std::vector<int64_t> axes);
/// log(sum(exp(x))) along `axes`, which stay with size 1; finite wherever the result is.
Var logsumexp(const Var& x, std::vector<int64_t> axes);
/// The largest element of each of `counts` windows of `sizes` along the last axes, which lie side by side.
Var max_pool(const Var& x, std::vector<Var> counts, std::vector<int64_t> sizes);

// ---- products
/// Matrix product of the last two axes; leading axes are batches and broadcast.
Var matmul(const Var& a, const Var& b);
/// Filters `w` (groups, outputs, channels, axes...) moved over `x` (batch, groups, channels, axes...): the
/// sums of products at `counts` positions along each axis, `steps` apart, of elements `dilations` apart.
Var correlate(const Var& x, const Var& w, std::vector<Var> counts, std::vector<int64_t> steps,
              std::vector<int64_t> dilations);
/// The transpose: element q along an axis of the result (of `sizes`) is the sum of x[i + before] w[j] over
/// all i step + j dilation = q, where before = (size of w - 1) dilation / step zeros stand before x and as
/// many as are read stand after it. (With offsets as attributes, q counts from them.)
Var correlate_transposed(const Var& x, const Var& w, std::vector<Var> sizes, std::vector<int64_t> steps,
                         std::vector<int64_t> dilations);

}  // namespace croton

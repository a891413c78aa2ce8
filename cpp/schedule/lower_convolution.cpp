#include "schedule/lower_convolution.h"

#include <numeric>

#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "schedule/views.h"

namespace croton {
namespace {

constexpr int lead = 3;  // axes before the spatial ones: batch, groups, channels

// How far indices that are no axes of a view go in it: strides of the view's own axes, and its start.
struct Layout {
  int buffer;
  DType dtype;
  std::vector<Size> strides;
  Size offset;
};

struct ConvolutionLowering {
  Node* node;
  Program& program;
  BufferMap& buffers;
  SizeTable& sizes;
  int ndim;
  Layout x, w, y;

  ConvolutionLowering(Node* node, Program& program, BufferMap& buffers, SizeTable& sizes)
      : node(node),
        program(program),
        buffers(buffers),
        sizes(sizes),
        ndim(node->type.rank() - lead),
        x(layout(node->inputs[0])),
        w(layout(node->inputs[1])),
        y{buffers.of(node), node->type.dtype, dense_strides(sizes.dims(node)), 0} {}

  Layout layout(const Var& operand) {
    const size_t rank = operand.rank();
    std::vector<AffineIndex> index(rank, {std::vector<Size>(rank), 0});
    for (size_t axis = 0; axis < rank; ++axis) index[axis].strides[axis] = 1;
    FlatIndex flat = resolve(operand.get(), std::move(index), sizes, rank);
    return {buffers.of(flat.source), operand.dtype(), std::move(flat.strides), std::move(flat.offset)};
  }

  int64_t step(int k) const { return node->attrs.ints[k]; }
  int64_t dilation(int k) const { return node->attrs.ints[ndim + k]; }
  Size size_of_axis(int input, int axis) { return sizes.of(dim(node->inputs[input], axis)); }

  // A product of the filters, whose rows are their axis `row` and whose terms begin with the axis `term`,
  // with the windows of x: the batch and the channels, before the spatial indices are appended.
  std::unique_ptr<Product> start(int row, int term) {
    auto p = std::make_unique<Product>();
    p->dtype = node->type.dtype;
    p->node = node;
    p->batch = {size_of_axis(0, 0), size_of_axis(0, 1)};
    p->rows = {size_of_axis(1, row)};
    p->terms = {size_of_axis(0, 2)};
    p->a = {w.buffer, w.dtype, {0, w.strides[0], w.strides[row], w.strides[term]}, w.offset};
    p->b = {x.buffer, x.dtype, {x.strides[0], x.strides[1], x.strides[2]}, x.offset};
    p->c = {y.buffer, y.dtype, {y.strides[0], y.strides[1], y.strides[2]}, y.offset, true};
    return p;
  }

  // Indices of size 1 do nothing, and neighbours that are evenly spaced in both operands are one.
  static void merge(std::vector<Size>& extents, Access& first, size_t from, Access& second, size_t of) {
    for (size_t i = extents.size(); i-- > 0;) {
      if (extents.size() > 1 && extents[i].is(1)) {
        erase(extents, first, from, second, of, i);
      } else if (i + 1 < extents.size()) {
        auto even = [&](const Access& access, size_t base) {
          return access.strides[base + i] == access.strides[base + i + 1] * extents[i + 1];
        };
        if (!even(first, from) || !even(second, of)) continue;
        extents[i + 1] = extents[i] * extents[i + 1];
        erase(extents, first, from, second, of, i);
      }
    }
  }

  static void erase(std::vector<Size>& extents, Access& first, size_t from, Access& second, size_t of,
                    size_t i) {
    extents.erase(extents.begin() + static_cast<std::ptrdiff_t>(i));
    first.strides.erase(first.strides.begin() + static_cast<std::ptrdiff_t>(from + i));
    second.strides.erase(second.strides.begin() + static_cast<std::ptrdiff_t>(of + i));
  }

  void launch(std::unique_ptr<Product> p) {
    const size_t batch = p->batch.size();
    merge(p->terms, p->a, batch + p->rows.size(), p->b, batch);
    merge(p->columns, p->b, batch + p->terms.size(), p->c, batch + p->rows.size());
    program.launches.push_back({.product = std::move(p)});
  }

  void correlate() {
    auto p = start(1, 2);
    for (int k = 0; k < ndim; ++k) {
      p->terms.push_back(size_of_axis(1, lead + k));
      p->a.strides.push_back(w.strides[lead + k]);
      p->b.strides.push_back(x.strides[lead + k] * Size(dilation(k)));
    }
    for (int k = 0; k < ndim; ++k) {
      p->columns.push_back(sizes.of(node->shape[lead + k]));
      p->b.strides.push_back(x.strides[lead + k] * Size(step(k)));
      p->c.strides.push_back(y.strides[lead + k]);
    }
    launch(std::move(p));
  }

  // One product for the elements of the result whose positions have these remainders by the steps.
  void phase(const std::vector<int64_t>& remainders) {
    auto p = start(2, 1);
    for (int k = 0; k < ndim; ++k) taps(*p, k, remainders[k] + node->attrs.ints[2 * ndim + k]);
    for (int k = 0; k < ndim; ++k) {
      p->columns.push_back(count_from(node->shape[lead + k], remainders[k], step(k)));
      p->b.strides.push_back(x.strides[lead + k]);
      p->c.strides.push_back(y.strides[lead + k] * Size(step(k)));
      p->c.offset = p->c.offset + y.strides[lead + k] * Size(remainders[k]);
    }
    launch(std::move(p));
  }

  // The elements of the filters that meet such positions of axis `k`: every `stride`-th from `first` on. Each
  // next one meets an element of x that lies dilation / shared before.
  void taps(Product& p, int k, int64_t remainder) {
    const Var size = dim(node->inputs[1], lead + k);
    const int64_t shared = std::gcd(step(k), dilation(k)), stride = step(k) / shared;
    int64_t first = 0;
    while (first < stride && (remainder - first * dilation(k)) % step(k) != 0) ++first;
    p.terms.push_back(first == stride ? Size(0) : count_from(size, first, stride));
    p.a.strides.push_back(w.strides[lead + k] * Size(stride));
    p.a.offset = p.a.offset + w.strides[lead + k] * Size(first);
    Var reach = apply("floor_div",
                      {maximum(size - make_int(1), make_int(0)) * make_int(dilation(k)), make_int(step(k))});
    Size start = sizes.of(reach) + Size((remainder - first * dilation(k)) / step(k));
    p.b.strides.push_back(x.strides[lead + k] * Size(-dilation(k) / shared));
    p.b.offset = p.b.offset + x.strides[lead + k] * start;
  }

  // How many of the numbers below `size` are `remainder`, `remainder` + step, ...
  Size count_from(const Var& size, int64_t remainder, int64_t step) {
    if (step == 1) return sizes.of(size);
    return sizes.of(
        apply("floor_div", {maximum(size + make_int(step - 1 - remainder), make_int(0)), make_int(step)}));
  }

  void transposed() {
    int64_t phases = 1;
    for (int k = 0; k < ndim; ++k) phases *= step(k);
    for (int64_t number = 0; number < phases; ++number) {
      std::vector<int64_t> remainders(ndim);
      int64_t rest = number;
      for (int k = ndim; k-- > 0; rest /= step(k)) remainders[k] = rest % step(k);
      phase(remainders);
    }
  }
};

}  // namespace

void lower_convolution(Node* node, Program& program, BufferMap& buffers, SizeTable& sizes) {
  ConvolutionLowering lowering(node, program, buffers, sizes);
  if (node->op == &correlate_op)
    lowering.correlate();
  else
    lowering.transposed();
}

}  // namespace croton

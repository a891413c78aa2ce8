// Products of a sparse matrix in compressed rows with dense matrices. Entries p of row i, starts[i] <= p <
// ends[i], have the value data[p] and the column columns[p]; columns may repeat, and come in any order.
#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/linalg.h"
#include "ops/required_sizes.h"
#include "ops/rows.h"

// The widest vectors of the machine, chosen when the library is loaded.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define CROTON_WIDEST \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4"), optimize("O3")))
#else
#define CROTON_WIDEST
#endif

namespace croton {
namespace {

constexpr int64_t block = 32;  // sums that stay in registers

// ---- the loops over dense columns

template <class T>
inline __attribute__((always_inline)) void add_row(T* out, const T* row, T factor, int64_t width) {
  for (int64_t c = 0; c < width; ++c) out[c] += factor * row[c];
}

// out = sum of data[p] times row columns[p] of the matrix b.
template <class T>
inline __attribute__((always_inline)) void row_product(const T* data, const int64_t* columns, int64_t count,
                                                       const T* b, int64_t width, T* out) {
  std::fill(out, out + width, T(0));
  for (int64_t p = 0; p < count; ++p) add_row(out, b + columns[p] * width, data[p], width);
}

template <class T>
inline __attribute__((always_inline)) T dot(const T* x, const T* y, int64_t n) {
  T sums[block] = {}, total = 0;
  int64_t c = 0;
  for (; c + block <= n; c += block)
    for (int64_t k = 0; k < block; ++k) sums[k] += x[c + k] * y[c + k];
  for (; c < n; ++c) total += x[c] * y[c];
  for (T sum : sums) total += sum;
  return total;
}

#define CROTON_SPARSE_LOOPS(T)                                                                        \
  CROTON_WIDEST void product_of_row(const T* data, const int64_t* columns, int64_t count, const T* b, \
                                    int64_t width, T* out) {                                          \
    row_product(data, columns, count, b, width, out);                                                 \
  }                                                                                                   \
  CROTON_WIDEST void spread_row(const T* data, const int64_t* columns, int64_t count, const T* row,   \
                                int64_t width, T* out) {                                              \
    for (int64_t p = 0; p < count; ++p) add_row(out + columns[p] * width, row, data[p], width);       \
  }                                                                                                   \
  CROTON_WIDEST T dot_of_rows(const T* x, const T* y, int64_t n) { return dot(x, y, n); }
CROTON_SPARSE_LOOPS(float)
CROTON_SPARSE_LOOPS(double)

// ---- routines

void require_below(int64_t position, int64_t size, const char* what) {
  if (position < 0 || position >= size)
    throw IndexError("sparse product: required " + std::string(what) + " from 0 to " +
                     std::to_string(size - 1) + ", given " + std::to_string(position));
}

void require_all_below(const int64_t* positions, int64_t count, int64_t size) {
  bool good = true;
  for (int64_t p = 0; p < count; ++p)
    good &= static_cast<uint64_t>(positions[p]) < static_cast<uint64_t>(size);
  if (good) return;
  for (int64_t p = 0; p < count; ++p) require_below(positions[p], size, "indices");
}

// The entries of a row, which lie within what there is.
std::pair<int64_t, int64_t> entries(int64_t start, int64_t end, int64_t count) {
  if (end <= start) return {0, 0};
  require_below(start, count, "starts of rows");
  require_below(end - 1, count, "ends of rows");
  return {start, end - start};
}

template <class T>
void product_routine(const HostCall& call) {
  const HostArray &data = call.inputs[2], &columns = call.inputs[3], &b = call.inputs[4];
  const int64_t count = data.shape[0], width = b.shape[1];
  if (Workspace(call).planned(8 * (width + 8))) return;
  const int64_t *starts = call.inputs[0].as<int64_t>(), *ends = call.inputs[1].as<int64_t>();
  T* out = call.results[0].as<T>();
  for (int64_t i = 0; i < call.items; ++i, out += width) {
    const auto [first, n] = entries(starts[i], ends[i], count);
    require_all_below(columns.as<int64_t>() + first, n, b.shape[0]);
    product_of_row(data.as<T>() + first, columns.as<int64_t>() + first, n, b.as<T>(), width, out);
  }
}

template <class T>
void transposed_routine(const HostCall& call) {
  const HostArray &data = call.inputs[2], &columns = call.inputs[3], &b = call.inputs[4];
  const int64_t count = data.shape[0], rows = call.inputs[0].shape[0];
  const int64_t width = b.shape[1], size = call.results[0].shape[0];
  if (Workspace(call).planned(2 * (count + size) * (width + 8))) return;
  const int64_t *starts = call.inputs[0].as<int64_t>(), *ends = call.inputs[1].as<int64_t>();
  T* out = call.results[0].as<T>();
  std::fill(out, out + size * width, T(0));
  for (int64_t i = 0; i < rows; ++i) {
    const auto [first, n] = entries(starts[i], ends[i], count);
    require_all_below(columns.as<int64_t>() + first, n, size);
    spread_row(data.as<T>() + first, columns.as<int64_t>() + first, n, b.as<T>() + i * width, width, out);
  }
}

template <class T>
void sampled_routine(const HostCall& call) {
  const HostArray &x = call.inputs[2], &y = call.inputs[3];
  const int64_t width = x.shape[1];
  if (Workspace(call).planned(width + 16)) return;
  const int64_t *rows = call.inputs[0].as<int64_t>(), *columns = call.inputs[1].as<int64_t>();
  require_all_below(rows, call.items, x.shape[0]);
  require_all_below(columns, call.items, y.shape[0]);
  for (int64_t p = 0; p < call.items; ++p)
    call.results[0].as<T>()[p] =
        dot_of_rows(x.as<T>() + rows[p] * x.shape[1], y.as<T>() + columns[p] * y.shape[1], width);
}

void row_numbers_routine(const HostCall& call) {
  const int64_t rows = call.inputs[0].shape[0], count = call.results[0].shape[0];
  if (Workspace(call).planned(count + rows)) return;
  const int64_t *starts = call.inputs[0].as<int64_t>(), *ends = call.inputs[1].as<int64_t>();
  int64_t* numbers = call.results[0].as<int64_t>();
  std::fill(numbers, numbers + count, 0);
  for (int64_t i = 0; i < rows; ++i) {
    const auto [first, n] = entries(starts[i], ends[i], count);
    std::fill(numbers + first, numbers + first + n, i);
  }
}

// ---- results and gradients

// Schedules put operands into memory of their own, where the size cannot be seen.
Var size_of_result(const Var& x) { return x->op == &copy_op ? x->inputs[0] : x; }

void require_floats(const Var& x) {
  if (x.dtype() != DType::Float32 && x.dtype() != DType::Float64)
    throw TypeError("sparse product: required float32 or float64, given " + describe(x) +
                    source_text(SourceScope::current()));
}

std::vector<ResultSpec> product_results(Inputs x, const Attrs&) {
  require_floats(x[4]);
  return {{x[4].dtype(), {dim(x[0], 0), dim(x[4], 1)}}};
}
std::vector<ResultSpec> transposed_results(Inputs x, const Attrs&) {
  require_floats(x[4]);
  return {{x[4].dtype(), {size_of_result(x[5]), dim(x[4], 1)}}};
}
std::vector<ResultSpec> sampled_results(Inputs x, const Attrs&) {
  require_floats(x[2]);
  return {{x[2].dtype(), {dim(x[0], 0)}}};
}
std::vector<ResultSpec> row_numbers_results(Inputs x, const Attrs&) {
  return {{DType::Int64, {size_of_result(x[2])}}};
}

std::vector<std::pair<Var, Var>> product_sizes(Inputs x) { return {{dim(x[2], 0), dim(x[3], 0)}}; }
std::vector<std::pair<Var, Var>> transposed_sizes(Inputs x) {
  return {{dim(x[2], 0), dim(x[3], 0)}, {dim(x[0], 0), dim(x[4], 0)}};
}
std::vector<std::pair<Var, Var>> sampled_sizes(Inputs x) {
  return {{dim(x[0], 0), dim(x[1], 0)}, {dim(x[2], 1), dim(x[3], 1)}};
}

std::vector<std::pair<Var, Var>> required_sizes(Inputs x) {
  return {{size_of_result(x[1]), size_of_result(x[2])}};
}

// Leaked on purpose: functions may run until the process ends.
struct Requirements {
  std::mutex mutex;
  std::vector<std::string> texts;

  static Requirements& get() {
    static Requirements* requirements = new Requirements;
    return *requirements;
  }
};

Var row_numbers(Inputs x) { return apply_all("csr_row_numbers", {x[0], x[1], dim(x[2], 0)})[0]; }
Var sampled(const Var& rows, const Var& columns, const Var& x, const Var& y) {
  return apply_all("sampled_product", {rows, columns, x, y})[0];
}

Grads product_vjp(Inputs g, Inputs x, const Var&) {
  Var b = apply_all("csr_transposed_product", {x[0], x[1], x[2], x[3], g[0], dim(x[4], 0)})[0];
  return {Var(), Var(), sampled(row_numbers(x), x[3], g[0], x[4]), Var(), b};
}
Grads transposed_vjp(Inputs g, Inputs x, const Var&) {
  Var b = apply_all("csr_product", {x[0], x[1], x[2], x[3], g[0]})[0];
  return {Var(), Var(), sampled(row_numbers(x), x[3], x[4], g[0]), Var(), b, Var()};
}
Grads sampled_vjp(Inputs g, Inputs x, const Var&) {
  Var scale = expand_dims(g[0], {1});
  return {Var(), Var(), scatter_add(scale * take(x[3], x[1], 0), x[0], dim(x[2], 0), 0),
          scatter_add(scale * take(x[2], x[0], 0), x[1], dim(x[3], 0), 0)};
}

template <HostRoutine f32, HostRoutine f64>
void by_values(const HostCall& call) {
  (call.results[0].dtype == DType::Float32 ? f32 : f64)(call);
}

const OpSpec table[] = {
    {.name = "csr_product",
     .doc = "The product of a sparse matrix (starts, ends, data, columns) and a dense one.",
     .kind = OpKind::Library,
     .arity = 5,
     .results = product_results,
     .routine = by_values<product_routine<float>, product_routine<double>>,
     .whole_from = 2,
     .equal_sizes = product_sizes,
     .results_vjp = product_vjp},
    {.name = "csr_transposed_product",
     .doc = "The product of the transpose of a sparse matrix (starts, ends, data, columns) and a dense one; "
            "the last input is the number of columns of the former.",
     .kind = OpKind::Library,
     .arity = 6,
     .results = transposed_results,
     .routine = by_values<transposed_routine<float>, transposed_routine<double>>,
     .item_rank = 1,
     .equal_sizes = transposed_sizes,
     .results_vjp = transposed_vjp},
    {.name = "sampled_product",
     .doc = "The dot products of the rows x[rows[p]] and y[columns[p]] of two matrices.",
     .kind = OpKind::Library,
     .arity = 4,
     .results = sampled_results,
     .routine = by_values<sampled_routine<float>, sampled_routine<double>>,
     .whole_from = 2,
     .equal_sizes = sampled_sizes,
     .results_vjp = sampled_vjp},
    {.name = "csr_row_numbers",
     .doc = "The row of each of z entries, from the starts and ends of the rows.",
     .kind = OpKind::Library,
     .arity = 3,
     .results = row_numbers_results,
     .routine = row_numbers_routine,
     .item_rank = 1},
    // Elementwise, so that it costs no copy of x.
    {.name = "required_sizes",
     .doc = "x, where the sizes y and z are equal.",
     .arity = 3,
     .scalar = [](Args x) { return x[0]; },
     .infer = [](Inputs x, const Attrs&) { return x[0].type(); },
     .equal_sizes = required_sizes},
};

}  // namespace

std::span<const OpSpec> rows::sparse_products() { return table; }

int64_t keep_requirement(const std::string& text) {
  Requirements& kept = Requirements::get();
  std::lock_guard lock(kept.mutex);
  auto found = std::find(kept.texts.begin(), kept.texts.end(), text);
  if (found == kept.texts.end()) found = kept.texts.insert(found, text);
  return found - kept.texts.begin();
}

std::string requirement(const Node& node) {
  if (node.op->equal_sizes != required_sizes) return "";
  Requirements& kept = Requirements::get();
  std::lock_guard lock(kept.mutex);
  return kept.texts[static_cast<size_t>(node.attrs.ints[0])];
}

}  // namespace croton

// Every op of the reference interpreter against results worked out by hand.
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/half.h"
#include "check.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/interpret.h"

using namespace croton;

namespace {

using Shape = std::vector<int64_t>;
using Sizes = std::vector<Var>;
const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>) return DType::Bool;
  if constexpr (std::is_same_v<T, int8_t>) return DType::Int8;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::UInt8;
  if constexpr (std::is_same_v<T, int32_t>) return DType::Int32;
  if constexpr (std::is_same_v<T, uint32_t>) return DType::UInt32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::Int64;
  if constexpr (std::is_same_v<T, uint64_t>) return DType::UInt64;
  if constexpr (std::is_same_v<T, float>) return DType::Float32;
  if constexpr (std::is_same_v<T, double>) return DType::Float64;
  if constexpr (sizeof(T) == 16) return DType::Complex128;
  if constexpr (std::is_same_v<T, uint16_t>) return DType::Float16;
}

template <class T>
Array array(Shape shape, std::initializer_list<T> values) {
  Array a{dtype_of<T>(), std::move(shape),
          Buffer(new char[values.size() * sizeof(T) + 1], [](char* p) { delete[] p; })};
  if (values.size()) std::memcpy(a.data.get(), std::data(values), values.size() * sizeof(T));
  return a;
}

// Inputs whose sizes are all unknown when the expression is written, and their values.
struct Inputs {
  Bindings values;
  std::vector<Var> alive;  // bindings are by address
  Var add(Array value, std::string name = "x") {
    Var x = make_input({value.dtype, Shape(value.shape.size(), unknown)}, std::move(name));
    values.emplace(x.get(), std::move(value));
    alive.push_back(x);
    return x;
  }
  template <class T>
  Var operator()(Shape shape, std::initializer_list<T> data) {
    return add(array<T>(std::move(shape), data));
  }
  Var size(int64_t n) { return add(array<int64_t>({}, {n})); }
  Array value(const Var& y) { return interpret({&y, 1}, values)[0]; }
};

template <class T>
bool equals(const Array& a, Shape shape, std::initializer_list<T> values) {
  if (a.dtype != dtype_of<T>() || a.shape != shape || a.size() != static_cast<int64_t>(values.size()))
    return false;
  for (int64_t i = 0; i < a.size(); ++i) {
    T have = a.as<T>()[i], want = std::data(values)[i];
    if (!(have == want) && !(have != have && want != want)) {
      std::printf("element %d differs\n", static_cast<int>(i));
      return false;
    }
  }
  return true;
}

std::string error_of(Inputs& in, const Var& y) {
  try {
    in.value(y);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void test_elementwise() {
  Inputs in;
  Var a = in({2, 3}, {1., 2., 3., 4., 5., 6.}), b = in({3}, {10., 20., 30.}), one = in({1, 1}, {100.});
  CHECK(equals(in.value(a + b), {2, 3}, {11., 22., 33., 14., 25., 36.}));
  CHECK(equals(in.value(a - one), {2, 3}, {-99., -98., -97., -96., -95., -94.}));  // a run-time 1
  Var column = in({2, 1}, {1., -1.});
  CHECK(equals(in.value(b * column), {2, 3}, {10., 20., 30., -10., -20., -30.}));
  CHECK(equals(in.value(a < 3.0), {2, 3}, {true, true, false, false, false, false}));
  CHECK(equals(in.value(where(a < 3.0, a, b)), {2, 3}, {1., 2., 30., 10., 20., 30.}));
  CHECK(equals(in.value(in({0, 3}, std::initializer_list<double>{}) + b), {0, 3},
               std::initializer_list<double>{}));
  Var scalar = in({}, {2.f});
  CHECK(equals(in.value(exp(scalar * 0.0) / scalar), {}, {0.5f}));
  Var small = in({2}, {int8_t{127}, int8_t{-128}});
  CHECK(equals(in.value(small + scalar_like(small, 1)), {2}, {int8_t{-128}, int8_t{-127}}));
  CHECK(
      equals(in.value(apply("floor_div", {small, scalar_like(small, -2)})), {2}, {int8_t{-64}, int8_t{64}}));
  CHECK(equals(in.value(maximum(in({2}, {nan, 1.}), in({2}, {1., nan}))), {2}, {nan, nan}));
  // Between the largest finite results and the bound of the argument's reduction.
  CHECK(equals(in.value(apply("sinh", {in({2}, {90.f, -90.f})})), {2}, {float(inf), float(-inf)}));
  CHECK(equals(in.value(apply("cosh", {in({2}, {711., -711.})})), {2}, {inf, inf}));
  CHECK(std::fabs(*in.value(tanh(in({}, {0.3}))).as<double>() - std::tanh(0.3)) < 1e-15);
}

void test_half() {
  Inputs in;
  // 2049 is no float16, so the sum rounds to even: 2048; and 65504 * 2 overflows.
  Var x = in({2}, {float_to_half(2048), float_to_half(65504)}),
      y = in({2}, {float_to_half(1), float_to_half(65504)});
  CHECK(equals(in.value(x + y), {2}, {float_to_half(2048), uint16_t{0x7c00}}));
  // In between the reduction keeps every digit: 2048 + 1 + 1.
  Var z = in({3}, {float_to_half(2048), float_to_half(1), float_to_half(1)});
  CHECK(equals(in.value(sum(z, {0})), {}, {float_to_half(2050)}));
  CHECK(equals(in.value(cast(z, DType::Float32)), {3}, {2048.f, 1.f, 1.f}));
  CHECK(equals(in.value(cast(in({1}, {1.0 / 3}), DType::Float16)), {1}, {float_to_half(1.f / 3)}));
  Var brain = cast(in({2}, {1.f, 1.00390625f}), DType::BFloat16);  // 1 + 2^-8 ties to 1
  CHECK(equals(in.value(cast(brain, DType::Float64)), {2}, {1., 1.}));
}

void test_cast() {
  Inputs in;
  Var x = in({6}, {1.9, -1.9, 300., -5., nan, inf});
  CHECK(
      equals(in.value(cast(x, DType::Int32)), {6}, {1, -1, 300, -5, 0, std::numeric_limits<int32_t>::max()}));
  CHECK(equals(in.value(cast(x, DType::UInt8)), {6},
               {uint8_t{1}, uint8_t{0}, uint8_t{255}, uint8_t{0}, uint8_t{0}, uint8_t{255}}));
  CHECK(equals(in.value(cast(x, DType::Bool)), {6}, {true, true, true, true, true, true}));
  Var wide = in({2}, {int64_t{257}, int64_t{-1}});
  CHECK(equals(in.value(cast(wide, DType::UInt8)), {2}, {uint8_t{1}, uint8_t{255}}));
  CHECK(equals(in.value(cast(in({2}, {true, false}), DType::Float32)), {2}, {1.f, 0.f}));
  Var copied = make_node(copy_op, {x}, {.ints = {7}});
  CHECK(equals(in.value(copied), {6}, {1.9, -1.9, 300., -5., nan, inf}));
}

void test_dimshuffle() {
  Inputs in;
  Var x = in({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(equals(in.value(transpose(x, {1, 0})), {3, 2}, {1, 4, 2, 5, 3, 6}));
  CHECK(equals(in.value(dimshuffle(x, {-1, 1, -1, 0})), {1, 3, 1, 2}, {1, 4, 2, 5, 3, 6}));
  Var row = in({1, 3}, {7, 8, 9});
  CHECK(equals(in.value(squeeze(row, {0})), {3}, {7, 8, 9}));
  CHECK_THROWS(ValueError, in.value(squeeze(x, {0})));
  CHECK(equals(in.value(expand_dims(in({}, {5}), {0, 1})), {1, 1}, {5}));
  Var empty = in({0, 3}, std::initializer_list<int>{});
  CHECK(equals(in.value(transpose(empty, {1, 0})), {3, 0}, std::initializer_list<int>{}));
}

void test_broadcast_and_reshape() {
  Inputs in;
  Var x = in({2, 1}, {1, 2}), two = in.size(2), three = in.size(3), six = in.size(6), zero = in.size(0);
  CHECK(
      equals(in.value(broadcast_to(x, {two, two, three})), {2, 2, 3}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
  CHECK(equals(in.value(broadcast_to(x, {two, zero})), {2, 0}, std::initializer_list<int>{}));
  CHECK(equals(in.value(full({two}, make_scalar(DType::Float32, 4))), {2}, {4.f, 4.f}));
  CHECK_THROWS(ValueError, in.value(broadcast_to(x, {three, three})));
  CHECK_THROWS(ValueError, in.value(broadcast_to(x, {two, in.size(-1)})));
  Var y = in({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(equals(in.value(reshape(y, {three, two})), {3, 2}, {1, 2, 3, 4, 5, 6}));
  CHECK(equals(in.value(reshape(y, {six})), {6}, {1, 2, 3, 4, 5, 6}));
  CHECK(equals(in.value(reshape(in({1, 1}, {8}), {})), {}, {8}));
  CHECK_THROWS(ValueError, in.value(reshape(y, {two, two})));
  CHECK_THROWS(MemoryError,
               in.value(full({in.size(int64_t{1} << 40), in.size(int64_t{1} << 40)}, make_int(1))));
}

void test_slice() {
  Inputs in;
  Var x = in({5}, {0, 1, 2, 3, 4}), y = in({2, 3}, {1, 2, 3, 4, 5, 6});
  auto part = [&](int64_t start, int64_t length, int64_t step) {
    return in.value(slice(x, 0, in.size(start), in.size(length), step));
  };
  CHECK(equals(part(1, 2, 2), {2}, {1, 3}));
  CHECK(equals(part(4, 5, -1), {5}, {4, 3, 2, 1, 0}));
  CHECK(equals(part(4, 3, -2), {3}, {4, 2, 0}));
  CHECK(equals(part(9, 0, 1), {0}, std::initializer_list<int>{}));
  CHECK(equals(part(2, 1, std::numeric_limits<int64_t>::min()), {1}, {2}));
  CHECK_THROWS(IndexError, part(5, 1, 1));
  CHECK_THROWS(IndexError, part(-1, 1, 1));
  CHECK_THROWS(IndexError, part(3, 2, 2));
  CHECK_THROWS(IndexError, part(3, 3, -2));
  CHECK_THROWS(ValueError, part(0, -1, 1));
  CHECK(equals(in.value(slice(y, 1, in.size(2), in.size(2), -2)), {2, 2}, {3, 1, 6, 4}));
}

void test_windows() {
  Inputs in;
  Var x = in({5}, {0, 1, 2, 3, 4}), y = in({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(equals(in.value(windows(x, 0, in.size(2), 2, 1)), {2, 2}, {0, 1, 2, 3}));
  CHECK(equals(in.value(windows(x, 0, in.size(3), 1, 2)), {1, 3}, {0, 2, 4}));
  CHECK(equals(in.value(windows(y, 1, in.size(2), 1, 1)), {2, 2, 2}, {1, 2, 2, 3, 4, 5, 5, 6}));
  CHECK(equals(in.value(windows(y, 0, in.size(1), 2, 1)), {1, 1, 3}, {1, 2, 3}));
  CHECK(equals(in.value(windows(x, 0, in.size(9), 1, 1)), {0, 9}, std::initializer_list<int>{}));
  CHECK_THROWS(ValueError, in.value(make_node(windows_op, {x, in.size(3), in.size(2)}, {.ints = {0, 2, 1}})));
}

void test_set_slice() {
  Inputs in;
  Var x = in({2}, {7, 8}), y = in({2, 2}, {1, 2, 3, 4});
  CHECK(equals(in.value(set_slice(in({4}, {1, 2, 3, 4}), x, 0, in.size(3), -2)), {4}, {1, 8, 3, 7}));
  CHECK(equals(in.value(slice_grad(x, in.size(5), 0, in.size(1), 2)), {5}, {0, 7, 0, 8, 0}));
  CHECK(equals(in.value(slice_grad(x, in.size(4), 0, in.size(3), -3)), {4}, {8, 0, 0, 7}));
  CHECK(equals(in.value(slice_grad(y, in.size(3), 1, in.size(2), -1)), {2, 3}, {0, 2, 1, 0, 4, 3}));
  Var empty = in({0}, std::initializer_list<int>{});
  CHECK(equals(in.value(slice_grad(empty, in.size(2), 0, in.size(9), 1)), {2}, {0, 0}));
  CHECK_THROWS(IndexError, in.value(slice_grad(x, in.size(2), 0, in.size(1), 1)));
  CHECK_THROWS(ValueError, in.value(slice_grad(x, in.size(-2), 0, in.size(0), 1)));
}

void test_concatenate_and_iota() {
  Inputs in;
  Var a = in({2, 1}, {1, 2}), b = in({2, 2}, {3, 4, 5, 6}), none = in({2, 0}, std::initializer_list<int>{});
  CHECK(equals(in.value(concatenate({a, none, b}, 1)), {2, 3}, {1, 3, 4, 2, 5, 6}));
  CHECK(equals(in.value(concatenate({b, b}, 0)), {4, 2}, {3, 4, 5, 6, 3, 4, 5, 6}));
  CHECK_THROWS(ValueError, in.value(concatenate({a, b}, 0)));
  int64_t z = 0;
  CHECK(equals(in.value(iota({in.size(2), in.size(3)}, 1)), {2, 3}, {z, z + 1, z + 2, z, z + 1, z + 2}));
  CHECK(equals(in.value(iota({in.size(2), in.size(2)}, 0)), {2, 2}, {z, z, z + 1, z + 1}));
  CHECK(equals(in.value(iota({in.size(0)}, 0)), {0}, std::initializer_list<int64_t>{}));
}

void test_take() {
  Inputs in;
  Var x = in({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(equals(in.value(take(x, in({3}, {int64_t{2}, int64_t{-3}, int64_t{2}}), 0)), {3, 2},
               {5, 6, 1, 2, 5, 6}));
  CHECK(equals(in.value(take(x, in({2, 1}, {int8_t{1}, int8_t{-1}}), 1)), {3, 2, 1}, {2, 2, 4, 4, 6, 6}));
  CHECK(equals(in.value(take(x, in({}, {uint64_t{1}}), 0)), {2}, {3, 4}));
  CHECK(equals(in.value(take(x, in({0}, std::initializer_list<int32_t>{}), 1)), {3, 0},
               std::initializer_list<int>{}));
  CHECK_THROWS(IndexError, in.value(take(x, in({1}, {int64_t{3}}), 0)));
  CHECK_THROWS(IndexError, in.value(take(x, in({1}, {int64_t{-4}}), 0)));
  CHECK_THROWS(IndexError, in.value(take(x, in({1}, {~uint64_t{0}}), 0)));
}

void test_scatter() {
  Inputs in;
  Var x = in({3, 2}, {1, 2, 3, 4, 5, 6}), twice = in({3}, {int64_t{1}, int64_t{-1}, int64_t{1}});
  CHECK(equals(in.value(scatter_add(x, twice, in.size(3), 0)), {3, 2}, {0, 0, 6, 8, 3, 4}));
  Var columns = in({2}, {int32_t{0}, int32_t{0}});
  CHECK(equals(in.value(scatter_add(x, columns, in.size(2), 1)), {3, 2}, {3, 0, 7, 0, 11, 0}));
  CHECK(equals(in.value(scatter_add(x, in({}, {int64_t{1}}), in.size(2), 0)), {2, 3, 2},
               {0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}));
  // One float32 at a time, the small ones would vanish beside 2^24.
  Var f = in({3}, {16777216.f, 1.f, 1.f}), zeros = in({3}, {int64_t{0}, int64_t{0}, int64_t{0}});
  CHECK(equals(in.value(scatter_add(f, zeros, in.size(1), 0)), {1}, {16777218.f}));
  CHECK(
      equals(in.value(scatter_add(in({3}, {true, true, false}), zeros, in.size(2), 0)), {2}, {true, false}));
  Var base = in({3}, {5, 5, 5}), values = in({3}, {1, 9, 4});
  auto combined = [&](ScatterMode mode) { return in.value(scatter(base, values, twice, 0, mode)); };
  CHECK(equals(combined(ScatterMode::Add), {3}, {5, 10, 14}));
  CHECK(equals(combined(ScatterMode::Set), {3}, {5, 4, 9}));
  CHECK(equals(combined(ScatterMode::Max), {3}, {5, 5, 9}));
  CHECK(equals(combined(ScatterMode::Min), {3}, {5, 1, 5}));
  CHECK_THROWS(IndexError, in.value(scatter_add(x, twice, in.size(1), 0)));
  CHECK_THROWS(ValueError, in.value(scatter_add(x, columns, in.size(3), 0)));
}

void test_reductions() {
  Inputs in;
  Var x = in({2, 3}, {1., -2., 3., 4., 5., -6.});
  CHECK(equals(in.value(sum(x, {0})), {3}, {5., 3., -3.}));
  CHECK(equals(in.value(sum(x, {0, 1})), {}, {5.}));
  CHECK(equals(in.value(sum(x, {1}, true)), {2, 1}, {2., 3.}));
  CHECK(equals(in.value(prod(x, {1})), {2}, {-6., -120.}));
  CHECK(equals(in.value(reduce_max(x, {0})), {3}, {4., 5., 3.}));
  CHECK(equals(in.value(reduce_min(x, {0, 1})), {}, {-6.}));
  Var holed = in({2, 2}, {nan, 1., 2., nan});
  CHECK(equals(in.value(reduce_max(holed, {1})), {2}, {nan, nan}));
  CHECK(equals(in.value(reduce_min(holed, {1})), {2}, {nan, nan}));
  Var f = in({3}, {16777216.f, 1.f, 1.f});
  CHECK(equals(in.value(sum(f, {0})), {}, {16777218.f}));
}

void test_reductions_of_integers() {
  Inputs in;
  Var x = in({3}, {int8_t{100}, int8_t{27}, int8_t{3}});
  CHECK(equals(in.value(sum(x, {0})), {}, {int8_t{-126}}));
  CHECK(equals(in.value(prod(x, {0})), {}, {static_cast<int8_t>(100 * 27 * 3)}));
  const int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  CHECK(equals(in.value(sum(in({2}, {most, int64_t{1}}), {0})), {}, {least}));
  CHECK(equals(in.value(reduce_max(in({2}, {least, int64_t{-1}}), {0})), {}, {int64_t{-1}}));
  CHECK(equals(in.value(reduce_min(in({2}, {least, int64_t{-1}}), {0})), {}, {least}));
  CHECK(equals(in.value(reduce_max(in({2}, {~uint64_t{0}, uint64_t{1}}), {0})), {}, {~uint64_t{0}}));
  Var bits = in({2, 2}, {true, true, false, true});
  CHECK(equals(in.value(sum(bits, {1})), {2}, {true, true}));
  CHECK(equals(in.value(prod(bits, {1})), {2}, {true, false}));
  CHECK(equals(in.value(reduce_max(bits, {0})), {2}, {true, true}));
  CHECK(equals(in.value(reduce_min(bits, {0})), {2}, {false, true}));
}

void test_empty_reductions() {
  Inputs in;
  Var x = in({2, 0}, std::initializer_list<double>{}), b = in({0}, std::initializer_list<bool>{});
  CHECK(equals(in.value(sum(x, {1})), {2}, {0., 0.}));
  CHECK(equals(in.value(prod(x, {1})), {2}, {1., 1.}));
  CHECK_THROWS(ValueError, in.value(reduce_max(x, {1})));
  CHECK(equals(in.value(reduce_max(x, {0})), {0}, std::initializer_list<double>{}));
  CHECK(equals(in.value(sum(x, {0})), {0}, std::initializer_list<double>{}));
  CHECK(equals(in.value(sum(b, {0})), {}, {false}));
  CHECK(equals(in.value(prod(b, {0})), {}, {true}));
}

void test_sum_to() {
  Inputs in;
  Var x = in({2, 3}, {1., 2., 3., 4., 5., 6.});
  auto to = [&](int64_t rows, int64_t columns) {
    return in.value(make_node(sum_to_op, {x, in.size(rows), in.size(columns)}));
  };
  CHECK(equals(to(1, 3), {1, 3}, {5., 7., 9.}));
  CHECK(equals(to(1, 1), {1, 1}, {21.}));
  CHECK(equals(to(2, 3), {2, 3}, {1., 2., 3., 4., 5., 6.}));
  CHECK_THROWS(ValueError, to(2, 2));
  CHECK(equals(in.value(sum_to(x, in({1}, {0.}))), {1}, {21.}));
  CHECK(equals(in.value(sum_to(x, in({3}, {0., 0., 0.}))), {3}, {5., 7., 9.}));
}

void test_matmul() {
  Inputs in;
  Var a = in({2, 3}, {1., 2., 3., 4., 5., 6.}), b = in({3, 2}, {1., 0., 0., 1., 2., 2.});
  CHECK(equals(in.value(matmul(a, b)), {2, 2}, {7., 8., 16., 17.}));
  Var batch = in({2, 1, 2}, {1, 2, 3, 4}), same = in({1, 2, 2}, {1, 10, 100, 1000});
  CHECK(equals(in.value(matmul(batch, same)), {2, 1, 2}, {201, 2010, 403, 4030}));
  Var plain = in({2, 2}, {1, 10, 100, 1000});
  CHECK(equals(in.value(matmul(batch, plain)), {2, 1, 2}, {201, 2010, 403, 4030}));
  Var tall = in({2, 0}, std::initializer_list<float>{}), wide = in({0, 2}, std::initializer_list<float>{});
  CHECK(equals(in.value(matmul(tall, wide)), {2, 2}, {0.f, 0.f, 0.f, 0.f}));
  Var any = in({2, 2}, {true, false, false, false});
  CHECK(equals(in.value(matmul(any, any)), {2, 2}, {true, false, false, false}));
  CHECK_THROWS(ValueError, in.value(matmul(a, a)));
  CHECK_THROWS(ValueError, in.value(matmul(in({3, 1, 2}, {1, 2, 3, 4, 5, 6}), in({2, 2, 1}, {1, 2, 3, 4}))));
}

void test_sizes() {
  Inputs in;
  Var x = in({2, 3}, {1, 2, 3, 4, 5, 6}), y = in({1}, {1});
  CHECK(equals(in.value(dim(x, 1)), {}, {int64_t{3}}));
  CHECK(equals(in.value(dim(x + y, 1)), {}, {int64_t{3}}));
  CHECK(equals(in.value(dim(concatenate({x, x}, 0), 0)), {}, {int64_t{4}}));
  CHECK(equals(in.value(broadcast_size(in.size(1), in.size(0))), {}, {int64_t{0}}));
  CHECK(equals(in.value(broadcast_size(in.size(4), in.size(1))), {}, {int64_t{4}}));
}

void test_composites() {
  Inputs in;
  Var x = in({2, 2}, {0., 0., 1000., 0.});
  CHECK(equals(in.value(softmax(x, {1})), {2, 2}, {0.5, 0.5, 1., 0.}));
  CHECK(equals(in.value(log_softmax(x, {1})), {2, 2}, {-std::log(2.), -std::log(2.), 0., -1000.}));
  CHECK(equals(in.value(logsumexp(x, {1})), {2, 1}, {std::log(2.), 1000.}));
  CHECK(equals(in.value(logsumexp(in({2}, {-inf, -inf}), {0})), {1}, {-inf}));
  CHECK(equals(in.value(stop_gradient(x)), {2, 2}, {0., 0., 1000., 0.}));
}

void test_complex() {
  struct Complex {
    double re, im;
    bool operator==(const Complex&) const = default;
  };
  Inputs in;
  Var x = in({2, 1}, {Complex{1, 2}, Complex{3, 4}});
  CHECK(equals(in.value(broadcast_to(x, {make_int(2), make_int(2)})), {2, 2},
               {Complex{1, 2}, Complex{1, 2}, Complex{3, 4}, Complex{3, 4}}));
  CHECK(equals(in.value(take(x, in({1}, {int64_t{-1}}), 0)), {1, 1}, {Complex{3, 4}}));
  CHECK_THROWS(TypeError, reduce_max(x, {0}));
  CHECK_THROWS(TypeError, cast(x, DType::Float64));
  CHECK_THROWS(TypeError, softmax(x, {0}));
  Var re = real(x), im = imag(x);
  CHECK(equals(in.value(re), {2, 1}, {1., 3.}));
  CHECK(equals(in.value(im), {2, 1}, {2., 4.}));
  CHECK(equals(in.value(complex(im, squeeze(re, {1}))), {2, 2},
               {Complex{2, 1}, Complex{2, 3}, Complex{4, 1}, Complex{4, 3}}));
}

void test_leaves() {
  Inputs in;
  Var x = in({2}, {1., 2.});
  std::vector<Var> outputs = {x, x, x + x, make_int(3)};
  std::vector<Array> values = interpret(outputs, in.values);
  CHECK(equals(values[0], {2}, {1., 2.}) && equals(values[2], {2}, {2., 4.}) &&
        equals(values[3], {}, {int64_t{3}}));
  CHECK(values[0].data != values[1].data && values[0].data != in.values.at(x.get()).data);
  auto storage = std::make_shared<SharedStorage>();
  storage->value = array<double>({2}, {5., 6.});
  Var shared = make_shared(storage, {DType::Float64, {unknown}}, "w");
  CHECK(equals(in.value(shared + x), {2}, {6., 8.}));
  in.values.emplace(shared.get(), array<double>({2}, {0., 1.}));
  CHECK(equals(in.value(shared + x), {2}, {1., 3.}));
  CHECK_THROWS(ValueError, in.value(make_input({DType::Float64, {}}, "unbound")));
  Var three = make_input({DType::Float64, {3}}, "three");
  in.values.emplace(three.get(), array<double>({2}, {0., 1.}));
  CHECK_THROWS(ValueError, in.value(three));
  Var single = make_input({DType::Float32, {unknown}}, "single");
  in.values.emplace(single.get(), array<double>({2}, {0., 1.}));
  CHECK_THROWS(TypeError, in.value(single));
}

// Messages hold the op, the names and shapes of the operands, and the user's line.
void test_messages() {
  Inputs in;
  SourceScope scope({"model.py", 12});
  Var a = in.add(array<double>({3}, {1, 2, 3}), "a"), b = in.add(array<double>({2}, {1, 2}), "b");
  CHECK(error_of(in, a + b) ==
        "add: required shapes that broadcast together, given 'a' of type float64[3] and 'b' of type "
        "float64[2]; axis 0 has sizes 3 and 2 (model.py:12)");
  Var i = in.add(array<int64_t>({}, {7}), "i");
  CHECK(error_of(in, take(a, i, 0)) ==
        "take: required positions from -3 up to but without 3, given 'a' of type float64[3] and 'i' = 7; "
        "position 7 on axis 0 (model.py:12)");
  CHECK(error_of(in, slice(a, 0, i, make_int(2), 1)) ==
        "slice: required positions inside an axis of size 3, given 'a' of type float64[3] and 'i' = 7 and 2; "
        "2 elements from 7 with step 1 on axis 0 (model.py:12)");
}

// No row of the table is without a meaning: elementwise ones run on ones of some dtype they accept.
void test_every_elementwise_row() {
  Inputs in;
  int ran = 0;
  for (const OpSpec* op : op_table()) {
    if (op->kind != OpKind::Elementwise || !op->signature) continue;
    for (DType dtype :
         {DType::Bool, DType::Int8, DType::UInt64, DType::Float16, DType::Float32, DType::Float64}) {
      std::vector<Var> x(op->arity, cast(in({2}, {1., 0.}), dtype));
      try {
        Array y = in.value(apply(*op, x));
        CHECK(y.shape == Shape{2});
        ++ran;
      } catch (const TypeError&) {
      }
    }
  }
  CHECK(ran > 300);
}

}  // namespace

int main() {
  test_elementwise();
  test_half();
  test_cast();
  test_dimshuffle();
  test_broadcast_and_reshape();
  test_slice();
  test_windows();
  test_set_slice();
  test_concatenate_and_iota();
  test_take();
  test_scatter();
  test_reductions();
  test_reductions_of_integers();
  test_empty_reductions();
  test_sum_to();
  test_matmul();
  test_sizes();
  test_composites();
  test_complex();
  test_leaves();
  test_messages();
  test_every_elementwise_row();
  return check_result();
}

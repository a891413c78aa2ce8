// The whole engine from C++, without Python: expressions, gradients, compiled calls, against plain loops.
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <random>
#include <thread>

#include "check.h"
#include "croton/croton.h"
#include "runtime/kernel_cache.h"

using namespace croton;

namespace {

std::vector<double> random_values(int64_t count, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> values(static_cast<size_t>(count));
  for (double& x : values) x = uniform(engine);
  return values;
}

Array random_array(std::vector<int64_t> shape, unsigned seed) {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  return make_array<double>(std::move(shape), random_values(count, seed));
}

bool close(const Array& array, const std::vector<double>& expected, double tolerance = 1e-12) {
  auto values = elements<double>(array);
  if (values.size() != expected.size()) return false;
  for (size_t i = 0; i < values.size(); ++i)
    if (!(std::abs(values[i] - expected[i]) <= tolerance * (1 + std::abs(expected[i])))) return false;
  return true;
}

/// The message of the `E` that `body` throws; "" if it throws none.
template <class E, class Body>
std::string message(Body body) {
  try {
    body();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

bool mentions(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts)
    if (text.find(part) == std::string::npos) {
      std::printf("'%s' is not in: %s\n", part, text.c_str());
      return false;
    }
  return true;
}

// a (m, k) times b (k, n)
std::vector<double> product(const Array& a, const Array& b) {
  int64_t m = a.shape[0], k = a.shape[1], n = b.shape[1];
  std::vector<double> c(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t l = 0; l < k; ++l) c[i * n + j] += a.as<double>()[i * k + l] * b.as<double>()[l * n + j];
  return c;
}

void test_linear_regression() {
  Var x = matrix("x"), y = matrix("y"), w = matrix("w");
  Var loss = mean(square(matmul(x, w) - y));
  Compiled f = function({x, y, w}, {loss, grad(loss, w)});
  for (int64_t rows : {1, 7, 300}) {
    const int64_t columns = 5;
    Array xs = random_array({rows, columns}, 1), ys = random_array({rows, 1}, 2),
          ws = random_array({columns, 1}, 3);
    std::vector<double> error = product(xs, ws), gradient(columns);
    double total = 0;
    for (int64_t i = 0; i < rows; ++i) {
      error[i] -= ys.as<double>()[i];
      total += error[i] * error[i];
      for (int64_t j = 0; j < columns; ++j)
        gradient[j] += 2 * error[i] * xs.as<double>()[i * columns + j] / static_cast<double>(rows);
    }
    std::vector<Array> out = f(xs, ys, ws);
    CHECK(close(out[0], {total / static_cast<double>(rows)}));
    CHECK(close(out[1], gradient));
    CHECK((out[1].shape == std::vector<int64_t>{columns, 1}));
  }
}

void test_softmax_rows() {
  Var x = matrix("x"), g = matrix("g");
  Var y = softmax(x, {1});
  Compiled f = function({x, g}, {y, grad(sum(y * g), x)});
  const int64_t rows = 9, columns = 33;
  Array xs = random_array({rows, columns}, 4), gs = random_array({rows, columns}, 5);
  elements<double>(xs)[7] = 900;  // overflows without the shift
  std::vector<double> value(rows * columns), gradient(rows * columns);
  for (int64_t i = 0; i < rows; ++i) {
    const double *row = xs.as<double>() + i * columns, *weight = gs.as<double>() + i * columns;
    double most = row[0], total = 0, inner = 0;
    for (int64_t j = 0; j < columns; ++j) most = std::max(most, row[j]);
    for (int64_t j = 0; j < columns; ++j) total += std::exp(row[j] - most);
    for (int64_t j = 0; j < columns; ++j) {
      value[i * columns + j] = std::exp(row[j] - most) / total;
      inner += value[i * columns + j] * weight[j];
    }
    for (int64_t j = 0; j < columns; ++j)
      gradient[i * columns + j] = value[i * columns + j] * (weight[j] - inner);
  }
  std::vector<Array> out = f(xs, gs);
  CHECK(close(out[0], value));
  CHECK(close(out[1], gradient));
}

void test_matrix_product() {
  Var a = matrix("a"), b = matrix("b");
  Compiled f = function({a, b}, {matmul(a, b), matmul(swap_last_axes(b), swap_last_axes(a))});
  for (auto [m, k, n] : {std::array<int64_t, 3>{1, 1, 1}, {3, 4, 5}, {65, 70, 33}, {2, 0, 3}, {0, 4, 4}}) {
    Array as = random_array({m, k}, 6), bs = random_array({k, n}, 7);
    std::vector<Array> out = f(as, bs);
    std::vector<double> expected = product(as, bs), transposed(expected.size());
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) transposed[j * m + i] = expected[i * n + j];
    CHECK(close(out[0], expected));
    CHECK(close(out[1], transposed));
  }
}

void test_shared_update() {
  Shared state(make_array<double>({3}, {1, 2, 3}), "state");
  Var step = scalar("step");
  Compiled f = function({step}, {sum(state)}, {{state, state + step}});
  CHECK(close(f(make_array(10.0))[0], {6}));  // outputs see the value before the update
  CHECK(close(f(make_array(-1.0))[0], {36}));
  CHECK(close(state.get(), {10, 11, 12}));
  Array mine = make_array<double>({4}, {0, 0, 0, 0});
  state.set(mine);  // another size
  CHECK(close(f(make_array(2.0))[0], {0}));
  CHECK(close(state.get(), {2, 2, 2, 2}));
  CHECK(close(mine, {0, 0, 0, 0}));
  Array before = state.get();
  f(make_array(1.0));
  CHECK(close(before, {2, 2, 2, 2}));
  CHECK_THROWS(TypeError, state.set(make_array(1.0)));
}

void test_swapped_updates() {
  Shared a(make_array<double>({2}, {1, 2}), "a"), b(make_array<double>({2}, {3, 4}), "b");
  Compiled swap = function({}, {}, {{a, b}, {b, a}});
  swap();
  CHECK(close(a.get(), {3, 4}));
  CHECK(close(b.get(), {1, 2}));
}

void test_failed_update() {
  Shared a(make_array<double>({3}, {1, 2, 3}), "a"), total(make_array(0.0), "total");
  Var i = vector("i", DType::Int64);
  Compiled f = function({i}, {}, {{a, a * 2.0}, {total, total + sum(take(a, i, 0))}});
  f(make_array<int64_t>({2}, {0, -1}));
  CHECK(close(a.get(), {2, 4, 6}));
  CHECK(close(total.get(), {4}));
  CHECK_THROWS(IndexError, f(make_array<int64_t>({2}, {0, 3})));
  CHECK(close(a.get(), {2, 4, 6}));  // nothing was stored
  CHECK(close(total.get(), {4}));
}

void test_shapes_need_no_new_code() {
  Var x = matrix("x"), y = matrix("y");
  Compiled f = function({x, y}, {log(1.0 + exp(x * y)), sum(x + y, {0}), sum(tanh(x), {1})});
  f(random_array({4, 5}, 8), random_array({4, 5}, 9));
  const int64_t built = kernels_built();
  for (auto [m, n] : {std::array<int64_t, 2>{2, 3}, {16, 16}, {1, 1}, {0, 7}, {7, 0}, {1, 9}, {200, 300}}) {
    Array xs = random_array({m, n}, 10), ys = random_array({m, n}, 11);
    std::vector<double> value, columns(static_cast<size_t>(n)), rows(static_cast<size_t>(m));
    for (int64_t i = 0; i < m * n; ++i) {
      double a = xs.as<double>()[i], b = ys.as<double>()[i];
      value.push_back(std::log1p(std::exp(a * b)));
      columns[i % n] += a + b;
      rows[i / n] += std::tanh(a);
    }
    std::vector<Array> out = f(xs, ys);
    CHECK(close(out[0], value));
    CHECK(close(out[1], columns));
    CHECK(close(out[2], rows));
  }
  CHECK(kernels_built() == built);
}

void test_run_time_broadcast() {
  Var x = matrix("x"), y = matrix("y");
  Var cost = sum(square(x - y));
  Compiled f = function({x, y}, {x - y, grad(cost, y)});
  for (auto [m, n] : {std::array<int64_t, 2>{4, 3}, {1, 3}, {4, 1}, {1, 1}}) {
    Array xs = random_array({4, 3}, 12), ys = random_array({m, n}, 13);
    std::vector<double> value, gradient(static_cast<size_t>(m * n));
    for (int64_t i = 0; i < 4; ++i)
      for (int64_t j = 0; j < 3; ++j) {
        size_t at = static_cast<size_t>((m == 1 ? 0 : i) * n + (n == 1 ? 0 : j));
        value.push_back(xs.as<double>()[i * 3 + j] - ys.as<double>()[at]);
        gradient[at] -= 2 * value.back();
      }
    std::vector<Array> out = f(xs, ys);
    CHECK(close(out[0], value));
    CHECK(close(out[1], gradient));
  }
}

void test_errors() {
  Var x = matrix("x"), y = matrix("y"), i = vector("i", DType::Int64);
  Compiled add = function({x, y}, {x + y}, {}, "add_up");
  auto call = [&](auto... arguments) { return [=] { add(arguments...); }; };
  Array good = random_array({2, 3}, 14);
  CHECK(mentions(message<ValueError>(call(good, random_array({2, 4}, 15))), {"3", "4", "x", "y", "axis 1"}));
  CHECK(mentions(message<TypeError>(call(good)), {"add_up", "2 arguments", "given 1"}));
  CHECK(mentions(message<TypeError>(call(good, make_array(1.0))), {"argument 1", "y", "float64[]"}));
  CHECK(mentions(message<TypeError>(call(make_array<float>({1, 1}, {1}), good)),
                 {"argument 0", "x", "float32[1, 1]"}));
  CHECK(mentions(message<ValueError>([&] {
                   matmul(tensor("a", DType::Float64, {2, 3}), tensor("b", DType::Float64, {4, 5}));
                 }),
                 {"matmul", "a", "b", "float64[2, 3]", "float64[4, 5]"}));
  CHECK(mentions(message<ValueError>([&] { function({x}, {x * y}); }), {"y", "not among the inputs"}));
  CHECK(mentions(message<ValueError>([&] { function({x, x}, {x}); }), {"x", "twice"}));
  CHECK(mentions(message<ValueError>([&] { grad(x, x); }), {"grad", "scalar cost", "x"}));
  CHECK(mentions(message<ValueError>([&] { grad(sum(x), y); }), {"does not depend on", "y"}));
  Compiled pick = function({x, i}, {take(x, i, 0)});
  CHECK(close(pick(good, make_array<int64_t>({2}, {1, -2}))[0],
              {good.as<double>()[3], good.as<double>()[4], good.as<double>()[5], good.as<double>()[0],
               good.as<double>()[1], good.as<double>()[2]}));
  for (int64_t bad : {int64_t{2}, int64_t{-3}, int64_t{1} << 40})
    CHECK(mentions(message<IndexError>([&] { pick(good, make_array<int64_t>({2}, {0, bad})); }),
                   {"take", std::to_string(bad).c_str(), "axis 0", "x"}));
  CHECK_THROWS(TypeError, elements<float>(good));
  CHECK_THROWS(ValueError, make_array<double>({2, 2}, {1, 2, 3}));
}

void test_many_callers() {
  Var x = matrix("x");
  Compiled f = function({x}, {softmax(x, {1}), matmul(x, swap_last_axes(x)), sum(square(x))});
  std::vector<std::vector<Array>> expected;
  std::vector<Array> arguments;
  for (int k = 0; k < 8; ++k) {
    arguments.push_back(random_array({40 + 30 * (k % 4), 50 + k}, static_cast<unsigned>(20 + k)));
    expected.push_back(f(arguments.back()));
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 60; ++round) {
        size_t k = static_cast<size_t>((round + 2 * t) % 8);
        std::vector<Array> out = f(arguments[k]);
        for (size_t j = 0; j < out.size(); ++j)
          if (std::memcmp(out[j].data.get(), expected[k][j].data.get(), out[j].bytes()) != 0) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

void test_many_updaters() {
  Shared count(make_array(0.0), "count");
  Compiled f = function({}, {count.variable()}, {{count, count + 1.0}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) f();
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(item<double>(count.get()) == 2000);
}

void test_bits_for_any_number_of_threads() {
  Var x = matrix("x");
  Compiled f =
      function({x}, {sum(x * 1.1), sum(x, {0}), sum(exp(x), {1}), mean(x), matmul(swap_last_axes(x), x)});
  Array xs = random_array({3000, 301}, 30);
  set_num_threads(1);
  std::vector<Array> one = f(xs);
  for (int n : {2, 3}) {
    set_num_threads(n);
    std::vector<Array> many = f(xs);
    for (size_t k = 0; k < one.size(); ++k)
      CHECK(std::memcmp(one[k].data.get(), many[k].data.get(), one[k].bytes()) == 0);
  }
  set_num_threads(2);
  double total = 0;
  for (double value : elements<double>(xs)) total += value;
  CHECK(close(one[3], {total / 903000}, 1e-10));
}

}  // namespace

int main() {
  test_linear_regression();
  test_softmax_rows();
  test_matrix_product();
  test_shared_update();
  test_swapped_updates();
  test_failed_update();
  test_shapes_need_no_new_code();
  test_run_time_broadcast();
  test_errors();
  test_many_callers();
  test_many_updaters();
  test_bits_for_any_number_of_threads();
  return check_result();
}

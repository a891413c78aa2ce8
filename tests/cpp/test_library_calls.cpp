// Host routines from C++: solutions, results that nobody reads, batches, failures, derivatives.
#include <cmath>
#include <cstring>

#include "check.h"
#include "croton/croton.h"
#include "ops/user_op.h"

using namespace croton;

namespace {

double item_of(const Array& array, size_t k) { return elements<double>(array)[k]; }
bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * (1 + std::abs(b)); }

void test_solution_and_gradient() {
  Var a = tensor("a", DType::Float64, {unknown, unknown}), b = tensor("b", DType::Float64, {unknown, 1});
  Var x = solve(a, b);
  Compiled f = function({a, b}, {x, grad(sum(x), b)});
  std::vector<Array> got = f(make_array<double>({2, 2}, {2, 1, 0, 4}), make_array<double>({2, 1}, {4, 4}));
  CHECK(near(item_of(got[0], 0), 1.5) && near(item_of(got[0], 1), 1));
  CHECK(near(item_of(got[1], 0), 0.5) && near(item_of(got[1], 1), 0.125));
}

void test_each_result_alone() {
  Var a = matrix("a");
  std::vector<Var> results = apply_all("eigh", {a}, {1});
  CHECK(results.size() == 2);
  Array x = make_array<double>({2, 2}, {2, 1, 1, 2});
  std::vector<Array> both = function({a}, results)(x);
  CHECK(near(item_of(both[0], 0), 1) && near(item_of(both[0], 1), 3));
  for (size_t k = 0; k < 2; ++k) {
    Array alone = function({a}, {results[k]})(x)[0];
    for (size_t i = 0; i < elements<double>(alone).size(); ++i)
      CHECK(near(item_of(alone, i), item_of(both[k], i)));
  }
}

void test_batch_on_threads() {
  constexpr int64_t count = 3000;
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i)
    for (double x : {2.0 + static_cast<double>(i), 0.0, 0.0, 0.5}) values.push_back(x);
  Var a = tensor("a", DType::Float64, {unknown, unknown, unknown});
  Compiled f = function({a}, {det(a), expm(0.0 * a)});
  for (int threads : {1, 3}) {
    set_num_threads(threads);
    std::vector<Array> got = f(make_array<double>({count, 2, 2}, values));
    for (int64_t i = 0; i < count; ++i) CHECK(near(item_of(got[0], i), 1 + 0.5 * static_cast<double>(i)));
    for (int64_t i = 0; i < 4 * count; ++i) CHECK(near(item_of(got[1], i), i % 4 == 0 || i % 4 == 3));
  }
}

void test_failure_changes_nothing() {
  Shared s(make_array<double>({2}, {1, 2}), "s");
  Var a = matrix("a");
  Compiled f = function({a}, {cholesky(a)}, {{s, 2.0 * s.variable()}});
  std::string error;
  try {
    f(make_array<double>({2, 2}, {1, 2, 2, 1}));
  } catch (const LinAlgError& caught) {
    error = caught.what();
  }
  CHECK(error.find("cholesky: required a positive definite matrix") == 0);
  CHECK(error.find("'a' of type float64[?, ?]") != std::string::npos);
  CHECK(item_of(s.get(), 0) == 1);
  f(make_array<double>({2, 2}, {1, 0, 0, 1}));
  CHECK(item_of(s.get(), 0) == 2);
}

// An op whose result is twice its operand, and whose gradient is said to be three.
std::shared_ptr<const UserOp> twice(const void* identity) {
  auto op = std::make_shared<UserOp>();
  op->name = "twice";
  op->identity = identity;
  op->arity = 1;
  op->run = [](const Node&, std::span<const HostArray> x, std::span<const HostArray> y) {
    for (int64_t i = 0; i < x[0].size(); ++i) y[0].as<double>()[i] = 2 * x[0].as<double>()[i];
  };
  op->gradients = [](std::span<const Var> g, std::span<const Var>, std::span<const Var>) {
    return std::vector<Var>{3.0 * g[0]};
  };
  return op;
}

void test_user_op() {
  const int first = 0, second = 0;
  Var x = tensor("x", DType::Float64, {unknown});
  auto call = [&](const int& identity) {
    return call_user_op(twice(&identity), {x}, {{DType::Float64, shape_of(x)}})[0];
  };
  Var y = call(first);
  CHECK(same(y, call(first)) && !same(y, call(second)));
  Compiled f = function({x}, {y + 1.0, grad(sum(y), x)});
  for (std::vector<double> values : {std::vector<double>{}, {5}, {1, 2, 3}}) {
    std::vector<Array> got = f(make_array<double>({static_cast<int64_t>(values.size())}, values));
    CHECK(got[0].size() == static_cast<int64_t>(values.size()));
    for (size_t i = 0; i < values.size(); ++i)
      CHECK(item_of(got[0], i) == 2 * values[i] + 1 && item_of(got[1], i) == 3);
  }
}

}  // namespace

int main() {
  test_solution_and_gradient();
  test_each_result_alone();
  test_batch_on_threads();
  test_failure_changes_nothing();
  test_user_op();
  return check_result();
}

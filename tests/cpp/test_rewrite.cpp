// Every rewrite rule on random values against the reference interpreter, canonical forms, and the passes.
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "autodiff/gradient.h"
#include "check.h"
#include "graph/leaves.h"
#include "graph/print.h"
#include "graph/scalar_io.h"
#include "graph/substitute.h"
#include "graph/verify.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/interpret.h"
#include "rewrite/passes.h"
#include "rewrite/rules.h"

using namespace croton;
using patterns::Pattern;
using patterns::Wildcard;

namespace {

const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
std::mt19937 random_bits(7);

// ---- an expression that a pattern matches

struct Instance {
  Var holes[patterns::Match::capacity];
  bool wrapped;  // puts a view where through() looks for one

  Var hole(Wildcard w) {
    Var& x = holes[w.id];
    if (x) return x;
    std::string name = "x" + std::to_string(w.id);
    if (w.kind == Wildcard::Constant)
      x = make_scalar(DType::Float64, 3 + w.id);
    else
      x = make_input(
          {DType::Float64, w.kind == Wildcard::Scalar ? std::vector<int64_t>{} : std::vector<int64_t>{3, 4}},
          name);
    return x;
  }

  Var make(const Pattern& p) {
    std::vector<Var> args;
    for (const Pattern& arg : p.args) args.push_back(make(arg));
    switch (p.kind) {
      case Pattern::Kind::Hole: return hole(p.hole);
      case Pattern::Kind::Literal: return make_scalar(DType::Float64, p.value);
      case Pattern::Kind::Named: return holes[p.hole.id] = args[0];
      case Pattern::Kind::Through: return wrapped ? expand_dims(args[0], {0}) : args[0];
      case Pattern::Kind::Op:
        if (p.op->kind == OpKind::Elementwise) return apply(*p.op, args);
        return make_node(*p.op, args, {.ints = {1}});
      default: return {};
    }
  }
};

// ---- values

double random_value(DType dtype, bool special) {
  static const double specials[] = {0.0,   -0.0,   1,      -1,     inf, -inf, nan,
                                    1e300, -1e300, 1e-300, 5e-324, 0.5, 1000, -1000};
  std::normal_distribution<double> normal;
  if (is_bool(dtype)) return random_bits() % 2;
  if (is_integer(dtype)) return static_cast<double>(random_bits() % 11) - (is_unsigned(dtype) ? 0 : 5);
  return special && random_bits() % 2 ? specials[random_bits() % std::size(specials)] : normal(random_bits);
}

Array random_array(const Type& type, bool special, bool positive) {
  Array a{type.dtype, type.dims, nullptr};
  for (int64_t& d : a.shape)
    if (d == unknown) d = 4;
  a.data = Buffer(new char[a.bytes() + 1], [](char* p) { delete[] p; });
  for (int64_t i = 0; i < a.size(); ++i) {
    double value = random_value(a.dtype, special);
    store_scalar(a.dtype, positive ? std::abs(value) : value, a.as<char>() + i * size_of(a.dtype));
  }
  return a;
}

Bindings random_inputs(std::span<const Var> outputs, bool special, bool positive = false) {
  Bindings values;
  for (const Node* node : topological_order(outputs))
    if (node->op == &input_op) values.emplace(node, random_array(node->type, special, positive));
  return values;
}

// Differences beyond `tolerance` (0: other bits, but any NaN equals any other). Where `before` is no number,
// something better may have taken its place.
bool agree(const Array& before, const Array& after, double tolerance) {
  if (before.dtype != after.dtype || before.shape != after.shape) return false;
  for (int64_t i = 0; i < before.size(); ++i) {
    size_t at = i * size_of(before.dtype);
    double a = load_scalar(before.dtype, before.as<char>() + at),
           b = load_scalar(after.dtype, after.as<char>() + at);
    if (std::isnan(a) && (std::isnan(b) || tolerance > 0)) continue;
    bool fine = tolerance == 0
                    ? !std::memcmp(before.as<char>() + at, after.as<char>() + at, size_of(before.dtype))
                    : a == b || std::abs(a - b) <= tolerance * (1 + std::abs(a));
    if (!fine) {
      std::printf("element %d: %.17g became %.17g\n", static_cast<int>(i), a, b);
      return false;
    }
  }
  return true;
}

bool same_values(const Var& before, const Var& after, double tolerance, bool special, bool positive = false) {
  Var both[] = {before, after};
  std::vector<Array> values = interpret(both, random_inputs(both, special, positive));
  return agree(values[0], values[1], tolerance);
}

double tolerance_of(DType dtype) {
  if (dtype == DType::Float32) return 1e-5;
  return is_floating(dtype) && size_of(dtype) == 2 ? 4e-3 : 1e-12;
}

// ---- every rule

void test_instance(const Rule& rule, const Var& before) {
  std::vector<Var> after = rewrite({before}, std::span(&rule, 1));
  bool fired = !same(before, after[0]);
  if (!fired) std::printf("rule %s does not apply to %s\n", rule.name.data(), text(before).c_str());
  CHECK(fired);
  verify(after);
  verify_same_types({&before, 1}, after);
  bool exact = rule.exactness == Exactness::Exact;
  for (int round = 0; round < 20; ++round) {
    bool fine = same_values(before, after[0], exact ? 0 : tolerance_of(before.dtype()), exact, round % 2);
    if (!fine)
      std::printf("rule %s: %s -> %s\n", rule.name.data(), text(before).c_str(), text(after[0]).c_str());
    CHECK(fine);
    if (!fine) return;
  }
}

void test_whole(const Rule& rule, const Var& before) {
  PassRunner runner({.verify = true});
  std::vector<Var> after = optimize({before}, runner);
  bool fine = same_values(before, after[0], tolerance_of(before.dtype()), false);
  if (!fine)
    std::printf("%s by all passes: %s -> %s\n", rule.name.data(), text(before).c_str(),
                text(after[0]).c_str());
  CHECK(fine);
}

void test_rules() {
  std::vector<Rule> all = rules::join(
      {rules::constants(), rules::algebra(), rules::stable(), rules::movement(), rules::reductions(),
       rules::products(), rules::convolutions(), rules::convolution_slices(), rules::composites()},
      true);
  for (const Rule& rule : all) {
    if (rule.example) {
      test_instance(rule, rule.example());
      test_whole(rule, rule.example());
      continue;
    }
    for (bool wrapped : {false, true}) {
      Var before = Instance{{}, wrapped}.make(rule.pattern);
      test_instance(rule, before);
      test_whole(rule, before);
    }
  }
  std::printf("%d rules\n", static_cast<int>(all.size()));
}

// ---- canonical forms

std::string form(GraphPass pass, const Var& x) {
  std::vector<Var> result = pass({x});
  verify(result);
  verify_same_types({&x, 1}, result);
  return text(result[0]);
}
#define CHECK_FORM(pass, expression, expected)                     \
  do {                                                             \
    std::string actual = form(pass, expression);                   \
    if (actual != (expected)) std::printf("%s\n", actual.c_str()); \
    CHECK(actual == (expected));                                   \
  } while (false)

Var input(std::string name, std::vector<int64_t> dims, DType dtype = DType::Float64) {
  return make_input({dtype, std::move(dims)}, std::move(name));
}

void test_canonical() {
  Var x = input("x", {unknown, unknown}), y = input("y", {unknown, unknown}), v = input("v", {unknown});
  GraphPass pass = canonicalize;
  CHECK_FORM(pass, (x * 1 + 0) / 1, "x");
  CHECK_FORM(pass, pow(x, make_scalar(DType::Float64, 2)) * (make_scalar(DType::Float64, 2) - 1),
             "square(x)");
  CHECK_FORM(pass, x * ones_like(x) + zeros_like(x), "x");
  CHECK_FORM(pass, v * ones_like(x),
             "broadcast_to(v, dim(x, [0]), broadcast_size(dim(v, [0]), dim(x, [1])))");
  CHECK_FORM(pass, -(-x * y) + -x, "((x * y) - x)");
  CHECK_FORM(pass, x / 8 + x / 3, "((x * 0.125) + (x / 3))");
  CHECK_FORM(pass, broadcast_to(sum(x, {0}), shape_of(x)) * x, "(sum(x, [0]) * x)");
  CHECK_FORM(pass, exp(broadcast_to(v, shape_of(x))), "broadcast_to(exp(v), dim(x, [0]), dim(x, [1]))");
  CHECK_FORM(pass, dimshuffle(dimshuffle(x, {1, 0}), {1, 0}), "x");
  CHECK_FORM(pass, sum(sum(x, {0}, true), {0, 1}), "sum(x, [0,1])");
  CHECK_FORM(pass, sum(transpose(x, {1, 0}), {0}), "sum(x, [1])");
  CHECK_FORM(pass, reshape(expand_dims(x, {1}), shape_of(x)), "x");
  CHECK_FORM(pass, reshape(exp(x) + y, {dim(x, 0) * dim(x, 1)}),
             "(exp(reshape(x, (dim(x, [0]) * dim(x, [1])))) + reshape(y, (dim(x, [0]) * dim(x, [1]))))");
  CHECK_FORM(pass, cast(cast(input("i", {3}, DType::Int16), DType::Float64), DType::Float32),
             "cast(i, [11])");
  Var i = input("i", {3}, DType::Int64);
  CHECK_FORM(pass, cast(cast(i, DType::Float64), DType::Float32), "cast(cast(i, [12]), [11])");
  CHECK_FORM(pass, (i + 3) + 4, "(i + 7)");
  CHECK_FORM(pass, i * 0, "broadcast_to(0, 3)");
  CHECK_FORM(pass, x * 0, "(x * 0)");
  Var position = iota({dim(x, 0)}, 0);
  CHECK_FORM(pass, where(position < 0, position + dim(x, 0), position), "iota(dim(x, [0]), [0])");
  // Used twice, it stays one array.
  Var e = exp(x), flat = reshape(e, {dim(x, 0) * dim(x, 1)});
  std::vector<Var> both = canonicalize({e, flat});
  CHECK(both[1]->op == &reshape_op && same(both[1]->inputs[0], both[0]));
}

void test_stable() {
  Var x = input("x", {unknown, unknown}), index = input("i", {unknown}, DType::Int64);
  GraphPass pass = stabilize;
  CHECK_FORM(pass, log(softmax(x, {1})), "log_softmax(x, [1])");
  CHECK_FORM(pass, log(take(softmax(x, {1}), index, 0)), "take(log_softmax(x, [1]), i, [0])");
  CHECK_FORM(pass, log(sigmoid(x)), "neg(softplus(neg(x)))");
  CHECK_FORM(pass, log(1 - sigmoid(x)), "neg(softplus(x))");
  CHECK_FORM(pass, log(1 + exp(x)), "softplus(x)");
  CHECK_FORM(pass, log(sum(exp(x), {1}, true)), "logsumexp(x, [1])");
  CHECK_FORM(pass, log(sum(exp(x), {1})), "dimshuffle(logsumexp(x, [1]), [0])");
  CHECK_FORM(pass, log(exp(x) / sum(exp(x), {1}, true)), "log_softmax(x, [1])");
  Var shifted = exp(x - reduce_max(x, {1}, true));
  CHECK_FORM(pass, shifted / sum(shifted, {1}, true), "softmax(x, [1])");
  CHECK_FORM(pass, 1.0 / (1.0 + exp(-x)), "sigmoid(x)");
  CHECK_FORM(pass, x - log(sum(exp(x), {1}, true)), "log_softmax(x, [1])");
  CHECK_FORM(pass, exp(x) - 1, "expm1(x)");
}

// Gradients of expressions that overflow as written, at points where they do.
void test_gradients() {
  Var x = input("x", {1, 3});
  Array at{DType::Float64, {1, 3}, std::shared_ptr<double[]>(new double[3]{0, 2000, -2000})};
  Bindings values{{x.get(), at}};
  auto finite = [&](const Var& cost, bool before) {
    Var total = sum(cost, all_axes(cost));
    std::vector<Var> costs = before ? stabilize({total}, {&x, 1}) : std::vector<Var>{total};
    KnownGradient seed{costs[0], make_scalar(DType::Float64, 1)};
    PassRunner runner({.verify = true});
    std::vector<Var> outputs = gradient({&seed, 1}, {&x, 1});
    outputs = optimize(outputs, runner);
    Array g = interpret(outputs, values)[0];
    bool fine = true;
    for (int i = 0; i < 3; ++i) fine &= std::isfinite(g.as<double>()[i]);
    return fine;
  };
  for (bool before : {false, true}) {
    CHECK(finite(log(softmax(x, {1})) * 0.5, before));
    CHECK(finite(log(sigmoid(x)), before));
    CHECK(finite(log(sigmoid(x)) + log(1 - sigmoid(x)), before));
  }
  CHECK(finite(log(1 + exp(x)), true));
  CHECK(finite(log(sum(exp(x), {1})), true));
  CHECK(finite(1.0 / (1.0 + exp(-x)), true));
}

// ---- random expressions, through all passes

struct RandomGraph {
  struct Term {
    Var x;
    std::vector<int64_t> shape;  // at run time
  };
  std::vector<Term> pool;

  size_t pick(size_t n) { return random_bits() % n; }
  const Term& any() { return pool[pool.size() - 1 - std::min(pick(6), pool.size() - 1)]; }
  void add(Var x, std::vector<int64_t> shape) { pool.push_back({std::move(x), std::move(shape)}); }

  void leaves() {
    for (std::vector<int64_t> shape : {std::vector<int64_t>{3, 4}, {3, 4}, {4, 4}, {4}, {}}) {
      bool known = pick(2);
      add(make_input({DType::Float64, known ? shape : std::vector<int64_t>(shape.size(), unknown)}, "x"),
          shape);
    }
  }

  Var constant() {
    static const double values[] = {0, 1, -1, 2, 0.5, 3, 4};
    return make_scalar(DType::Float64, values[pick(std::size(values))]);
  }

  void unary() {
    Term t = any();
    static const char* names[] = {"neg",  "exp", "log",        "log1p", "sigmoid", "square",
                                  "sqrt", "abs", "reciprocal", "expm1", "tanh",    "softplus"};
    add(apply(names[pick(std::size(names))], {t.x}), t.shape);
  }

  void binary() {
    Term a = any(), b = any();
    static const char* names[] = {"add", "sub", "mul", "true_div", "maximum", "pow"};
    const char* name = names[pick(std::size(names))];
    if (pick(2))
      return add(pick(2) ? apply(name, {a.x, constant()}) : apply(name, {constant(), a.x}), a.shape);
    for (size_t tries = 0; a.shape != b.shape && tries < 5; ++tries) b = any();
    if (a.shape == b.shape) add(apply(name, {a.x, b.x}), a.shape);
  }

  void selection() {
    Term a = any();
    Var flag = a.x > constant();
    add(where(pick(2) ? flag : logical_not(flag), a.x, pick(2) ? -a.x : constant()), a.shape);
  }

  void view() {
    Term t = any();
    int rank = t.x.rank();
    if (rank == 0) return add(full({make_int(3), make_int(4)}, t.x), {3, 4});
    if (rank == 1) {
      if (pick(2)) return add(broadcast_to(t.x, {make_int(3), dim(t.x, 0)}), {3, t.shape[0]});
      return add(expand_dims(t.x, {1}), {t.shape[0], 1});
    }
    switch (pick(4)) {
      case 0: return add(transpose(t.x, {1, 0}), {t.shape[1], t.shape[0]});
      case 1: return add(reshape(t.x, {dim(t.x, 0) * dim(t.x, 1)}), {t.shape[0] * t.shape[1]});
      case 2:
        if (t.shape[0] < 3) return;
        return add(slice(t.x, 0, make_int(1), make_int(2), 1), {2, t.shape[1]});
      default: return add(concatenate({t.x, t.x}, 1), {t.shape[0], 2 * t.shape[1]});
    }
  }

  void reduction() {
    Term t = any();
    if (t.x.rank() == 0) return;
    int64_t axis = pick(t.x.rank());
    std::vector<int64_t> shape = t.shape;
    bool keep = pick(2);
    if (keep)
      shape[axis] = 1;
    else
      shape.erase(shape.begin() + axis);
    switch (pick(4)) {
      case 0: return add(reduce_max(t.x, {axis}, keep), shape);
      case 1: return add(softmax(t.x, {axis}), t.shape);
      case 2: return add(log(sum(exp(t.x), {axis}, keep)), shape);
      default: return add(sum(t.x, {axis}, keep), shape);
    }
  }

  void product() {
    Term a = any(), b = any();
    if (a.shape.size() == 2 && b.shape.size() == 2 && a.shape[1] == b.shape[0])
      add(matmul(a.x, b.x), {a.shape[0], b.shape[1]});
  }

  void grow() {
    switch (pick(10)) {
      case 0:
      case 1:
      case 2: return unary();
      case 3:
      case 4:
      case 5: return binary();
      case 6: return selection();
      case 7: return view();
      case 8: return reduction();
      default: return product();
    }
  }
};

// An error bound for ill-conditioned steps: what a relative change of the inputs by 1e-13 does.
Bindings nudged(const Bindings& values) {
  Bindings result;
  for (const auto& [node, array] : values) {
    Array copy = random_array({array.dtype, array.shape}, false, false);
    for (int64_t i = 0; i < array.size(); ++i) copy.as<double>()[i] = array.as<double>()[i] * (1 + 1e-13);
    result.emplace(node, copy);
  }
  return result;
}

bool agree_but_for_conditioning(const Array& before, const Array& moved, const Array& after) {
  for (int64_t i = 0; i < before.size(); ++i) {
    double a = before.as<double>()[i], b = after.as<double>()[i], m = moved.as<double>()[i];
    if (!std::isfinite(a) || !std::isfinite(m)) continue;  // the stable form may be finite
    if (!(std::abs(a - b) <= 1e-10 * (1 + std::abs(a)) + 1e3 * std::abs(a - m))) {
      std::printf("element %d: %.17g became %.17g (nudged: %.17g)\n", static_cast<int>(i), a, b, m);
      return false;
    }
  }
  return before.shape == after.shape;
}

void test_random(int seed) {
  random_bits.seed(seed);
  RandomGraph graph;
  graph.leaves();
  while (graph.pool.size() < 25) graph.grow();
  std::vector<Var> outputs;
  for (size_t i = graph.pool.size() - 3; i < graph.pool.size(); ++i) outputs.push_back(graph.pool[i].x);
  PassRunner runner({.verify = true});
  std::vector<Var> after = optimize(outputs, runner), all = outputs;
  all.insert(all.end(), after.begin(), after.end());
  Bindings values;
  for (const RandomGraph::Term& t : graph.pool)
    if (t.x->op == &input_op)
      values.emplace(t.x.get(), random_array({DType::Float64, t.shape}, false, seed % 2));
  std::vector<Array> results = interpret(all, values), moved = interpret(outputs, nudged(values));
  for (size_t i = 0; i < outputs.size(); ++i) {
    bool fine = agree_but_for_conditioning(results[i], moved[i], results[outputs.size() + i]);
    if (!fine) std::printf("seed %d: %s\n-> %s\n", seed, text(outputs[i]).c_str(), text(after[i]).c_str());
    CHECK(fine);
  }
}

// ---- the engine

double milliseconds_of(GraphPass pass, std::vector<Var> outputs, std::vector<Var>& result) {
  auto start = std::chrono::steady_clock::now();
  result = pass(std::move(outputs));
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void test_deep() {
  Var x = input("x", {unknown, unknown}), deep = x, removable = x, wide = x;
  for (int i = 0; i < 10000; ++i) deep = exp(deep + 2) * x;
  for (int i = 0; i < 10000; ++i) removable = -(-(removable * 1));
  std::vector<Var> result;
  double ms = milliseconds_of(canonicalize, {deep}, result);
  CHECK(same(result[0], deep));
  std::printf("30,000 nodes in a chain, unchanged: %.1f ms\n", ms);
  ms = milliseconds_of(canonicalize, {removable}, result);
  CHECK(same(result[0], x));
  std::printf("30,000 nodes in a chain, all removed: %.1f ms\n", ms);
  deep = x;
  for (int i = 0; i < 6000; ++i) deep = log(softmax(deep * 1, {1})) + x / 8;
  std::printf("%d nodes\n", static_cast<int>(count_nodes({&deep, 1})));
  PassRunner runner({.verify = false});
  result = optimize({deep}, runner);
  for (const PassReport& r : runner.reports())
    std::printf("%s: %.1f ms, %d -> %d nodes\n", std::string(r.name).c_str(), r.milliseconds,
                static_cast<int>(r.nodes_before), static_cast<int>(r.nodes_after));
  verify(result);
}

void test_sources() {
  Var x = input("x", {3});
  Var y;
  {
    SourceScope scope({"model.py", 12});
    y = log(softmax(x, {0}));
  }
  std::vector<Var> result = optimize({y}, *std::make_unique<PassRunner>());
  CHECK(result[0]->source.file && result[0]->source.line == 12);
}

void test_runner() {
  Var x = input("x", {3});
  PassRunner runner({.skip = {"canonicalize"}});
  CHECK(same(runner.run("canonicalize", canonicalize, {x * 1})[0], x * 1));
  CHECK(runner.reports().empty());
  CHECK(same(runner.run("other", canonicalize, {x * 1})[0], x));
  CHECK(runner.reports().size() == 1 && runner.reports()[0].nodes_before == 3 &&
        runner.reports()[0].nodes_after == 1);
}

// ---- substitution

void test_substitute() {
  Var x = input("x", {unknown, unknown}), y = input("y", {unknown, unknown}), k = input("k", {3, 4});
  Var size = dim(x, 0) * dim(x, 1), f = reshape(exp(x) + y, {size});
  CHECK(same(substitute(f, {}), f));
  Var g = substitute(f, {{x.get(), k}});
  CHECK(g->inputs[0]->inputs[0]->inputs[0].get() == k.get());
  CHECK(g->inputs[0].type().dims == (std::vector<int64_t>{3, 4}));
  verify({&g, 1});
  Var both[] = {x + y, y};
  CHECK(same(substitute(std::span<const Var>(both), {{x.get(), y}, {y.get(), x}})[0], y + x));
  // Sizes follow an expression that takes the place of a leaf.
  Var rows = input("r", {unknown, unknown});
  Var h = substitute(zeros_like(x), {{x.get(), transpose(rows, {1, 0})}});
  CHECK(text(h) == "broadcast_to(0, dim(r, [1]), dim(r, [0]))");
  CHECK_THROWS(std::exception, substitute(f, {{x.get(), input("z", {3, 4}, DType::Float32)}}));
  CHECK_THROWS(std::exception, substitute(f, {{x.get(), input("z", {3})}}));
  Var deep = x;
  for (int i = 0; i < 30000; ++i) deep = exp(deep);
  CHECK(count_nodes(std::vector<Var>{substitute(deep, {{x.get(), y}})}) == 30001);
}

}  // namespace

int main() {
  test_rules();
  test_canonical();
  test_stable();
  test_gradients();
  for (int seed = 0; seed < 500; ++seed) test_random(seed);
  test_deep();
  test_sources();
  test_runner();
  test_substitute();
  return check_result();
}

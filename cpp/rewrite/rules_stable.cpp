#include "ops/core_rows.h"
#include "ops/functions.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using namespace patterns;
using M = const Match&;
using enum Exactness;

constexpr Wildcard x{0}, y{1}, t{2}, s{3}, u{4}, q{5};
constexpr double minus_ln2 = -0.693147180559945309417;

Var log_of_softmax(M m) { return m.rewrap(log_softmax(m[x], m[s]->attrs.ints)); }

// `y` is what its reduction over `reduced`'s axes was, put back along them.
bool restores(const Var& y, const Var& reduced) {
  const Var* inner = &y;
  while ((*inner)->op == &broadcast_op) inner = &(*inner)->inputs[0];
  return same(*inner, expand_dims(reduced, reduced->attrs.ints));
}

// x = y - max(y): whoever wrote it has taken care already.
bool is_shifted(const Var& x, const std::vector<int64_t>& axes) {
  if (x->op->name != "sub") return false;
  const Var* top = &x->inputs[1];
  while ((*top)->op->kind == OpKind::View) top = &(*top)->inputs[0];
  return (*top)->op == &max_op && same((*top)->inputs[0], x->inputs[0]) && (*top)->attrs.ints == axes;
}

Var log_of_sum_exp(M m) {
  const std::vector<int64_t>& axes = m[s]->attrs.ints;
  if (is_shifted(m[x], axes)) return {};
  return m.rewrap(squeeze(logsumexp(m[x], axes), axes));
}

Var softmax_of_exps(M m) {
  const std::vector<int64_t>& axes = m[s]->attrs.ints;
  if (!restores(m.root->inputs[1], m[s])) return {};
  return softmax(is_shifted(m[x], axes) ? m[x]->inputs[0] : m[x], axes);
}

Var log_softmax_of_difference(M m) {
  const Var* inner = &m.root->inputs[1];
  while ((*inner)->op == &broadcast_op) inner = &(*inner)->inputs[0];
  return same(*inner, m[s]) ? log_softmax(m[x], m[s]->attrs.ints) : Var();
}

Var log1mexp(M m) {
  Var a = m.rewrap(m[x]);
  return where(a > minus_ln2, log(0.0 - expm1(a)), log1p(-exp(a)));
}

Var over(const char* name, const Var& a) { return apply(name, {a}); }

std::vector<Rule> logarithms() {
  return {
      {"log_of_softmax", log(through(named(s, softmax(x)))), log_of_softmax, Accurate},
      {"log_of_sigmoid", log(through(sigmoid(x))), [](M m) { return -softplus(-m.rewrap(m[x])); }, Accurate},
      {"log_of_one_minus_sigmoid", log(through(1.0 - through(sigmoid(x)))),
       [](M m) { return -softplus(m.rewrap(m[x])); }, Accurate},
      {"log_of_sum_exp", log(through(named(s, sum(exp(x))))), log_of_sum_exp, Accurate},
      {"log_of_exp", log(through(exp(x))), [](M m) { return m.rewrap(m[x]); }, Accurate},
      {"log_of_one_plus_exp", log(1.0 + through(exp(x))), [](M m) { return softplus(m.rewrap(m[x])); },
       Accurate},
      {"log_of_exp_plus_exp", log(exp(x) + exp(y)), [](M m) { return apply("logaddexp", {m[x], m[y]}); },
       Accurate},
      {"log_of_minus_expm1", log(-through(expm1(x))), log1mexp, Accurate},
      {"log_of_one_plus", log(1.0 + Pattern(x)), [](M m) { return log1p(m[x]); }, Accurate},
      {"log_of_one_minus", log(1.0 - Pattern(x)), [](M m) { return log1p(-m[x]); }, Accurate},
      {"log1p_of_exp", log1p(through(exp(x))), [](M m) { return softplus(m.rewrap(m[x])); }, Accurate},
      {"log1p_of_minus_sigmoid", log1p(-through(sigmoid(x))), [](M m) { return -softplus(m.rewrap(m[x])); },
       Accurate},
  };
}

std::vector<Rule> exponentials() {
  return {
      {"exp_minus_one", through(exp(x)) - 1.0, [](M m) { return expm1(m.rewrap(m[x])); }, Accurate},
      {"exp_plus_minus_one", through(exp(x)) + -1.0, [](M m) { return expm1(m.rewrap(m[x])); }, Accurate},
      {"one_minus_exp", 1.0 - through(exp(x)), [](M m) { return -expm1(m.rewrap(m[x])); }, Accurate},
      {"sigmoid_from_exp", op("reciprocal", {1.0 + through(exp(x))}),
       [](M m) { return over("sigmoid", -m.rewrap(m[x])); }, Accurate},
      {"sigmoid_from_ratio", exp(x) / (1.0 + exp(x)), [](M m) { return over("sigmoid", m[x]); }, Accurate},
      // Elsewhere the sigmoid is there already, and the difference costs nothing.
      {"one_minus_sigmoid", 1.0 - named(s, sigmoid(x)), [](M m) { return over("sigmoid", -m[x]); },
       [](M m) { return m.used_once(m[s]); }, Accurate},
      {"softmax_from_exps", exp(x) / through(named(s, sum(exp(x)))), softmax_of_exps, Accurate,

       [] {
         Var e = exp(make_input({DType::Float64, {3, 4}}, "x"));
         return e / sum(e, {1}, true);
       }},
      {"log_softmax_from_difference", x - through(named(s, logsumexp(x))), log_softmax_of_difference,
       Accurate,
       [] {
         Var a = make_input({DType::Float64, {3, 4}}, "x");
         return a - logsumexp(a, {1});
       }},
  };
}

// Greater than 0 in the reals, although it may underflow.
bool is_positive(const Var& x) {
  if (x->op == &softmax_op || x->op->name == "sigmoid" || x->op->name == "exp") return true;
  return x->op->name == "sub" && is_literal(x->inputs[0], 1) && x->inputs[1]->op->name == "sigmoid";
}
bool positive(M m) { return is_positive(m[s]); }
bool both_positive(M m) { return is_positive(m[s]) && is_positive(m[q]); }

Var sample() { return make_input({DType::Float64, {3, 4}}, "x"); }
Var weight() { return make_input({DType::Float64, {3, 4}}, "t"); }

// Gradients of log(softmax) and the like, written before the stable form was found: t/s * s would be NaN
// where s underflows.
std::vector<Rule> cancellations() {
  return {
      {"mul_of_div", (t / Pattern(s)) * s, [](M m) { return m[t]; }, positive, Accurate,
       [] {
         Var p = softmax(sample(), {1});
         return weight() / p * p;
       }},
      {"mul_of_reciprocal", op("reciprocal", {s}) * s, [](M m) { return make_scalar(m.root.dtype(), 1); },
       positive, Accurate,
       [] {
         Var p = softmax(sample(), {1});
         return over("reciprocal", p) * p;
       }},
      {"mul_of_div_difference", s * (t / Pattern(s) - u), [](M m) { return m[t] - m[s] * m[u]; }, positive,
       Accurate,
       [] {
         Var p = softmax(sample(), {1});
         return p * (weight() / p - weight());
       }},
      {"mul_of_reciprocal_difference", s * (op("reciprocal", {s}) - u), [](M m) { return 1.0 - m[s] * m[u]; },
       positive, Accurate,
       [] {
         Var p = softmax(sample(), {1});
         return p * (over("reciprocal", p) - weight());
       }},
      {"mul_of_div_product", (t / Pattern(s)) * (s * u), [](M m) { return m[t] * m[u]; }, positive, Accurate,
       [] {
         Var p = sigmoid(sample());
         return weight() / p * (p * (1 - p));
       }},
      {"mul_of_reciprocal_product", op("reciprocal", {s}) * (s * u), [](M m) { return m[u]; }, positive,
       Accurate,
       [] {
         Var p = sigmoid(sample());
         return over("reciprocal", p) * (p * (1 - p));
       }},
      // Cross entropy has a logarithm of both p and 1 - p.
      {"mul_of_two_divs", (t / Pattern(s) - u / Pattern(q)) * (s * q),
       [](M m) { return m[t] * m[q] - m[u] * m[s]; }, both_positive, Accurate,
       [] {
         Var p = sigmoid(sample());
         return (weight() / p - weight() / (1 - p)) * (p * (1 - p));
       }},
      {"mul_of_sum_of_divs", (t / Pattern(s) + u / Pattern(q)) * (s * q),
       [](M m) { return m[t] * m[q] + m[u] * m[s]; }, both_positive, Accurate,
       [] {
         Var p = sigmoid(sample());
         return (weight() / p + weight() / (1 - p)) * (p * (1 - p));
       }},
      {"mul_of_two_reciprocals", (op("reciprocal", {s}) - op("reciprocal", {q})) * (s * q),
       [](M m) { return m[q] - m[s]; }, both_positive, Accurate,
       [] {
         Var p = sigmoid(sample());
         return (over("reciprocal", p) - over("reciprocal", 1 - p)) * (p * (1 - p));
       }},
  };
}

}  // namespace

std::vector<Rule> stable() { return join({cancellations(), logarithms(), exponentials()}, true); }

}  // namespace croton::rules

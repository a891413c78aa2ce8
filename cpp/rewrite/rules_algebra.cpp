#include <cmath>

#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using namespace patterns;
using M = const Match&;
using enum Exactness;

constexpr Wildcard x{0}, y{1}, z{2}, w{3}, c{4, Wildcard::Constant}, d{5, Wildcard::Constant};

bool discrete(M m) { return is_discrete(m.root.dtype()); }
bool floating(M m) { return is_floating(m.root.dtype()); }
// 16-bit floats round every step, so that replacing one step by two loses digits.
bool steps_are_exact(M m) { return !floating(m) || size_of(m.root.dtype()) > 2; }
bool boolean(M m) { return is_bool(m[x].dtype()); }

Var first(M m) { return m[x]; }
Var filled(M m, double value) { return make_scalar(m.root.dtype(), value); }

Var input(DType dtype) { return make_input({dtype, {3, 4}}, "x"); }

std::vector<Rule> neutral() {
  return {
      {"add_zero", x + 0.0, first, Accurate},
      {"sub_zero", x - 0.0, first, Accurate},
      {"mul_one", x * 1.0, first},
      {"div_one", x / 1.0, first},
      {"mul_zero", x * 0.0, [](M m) { return filled(m, 0); }, discrete,
       [] { return input(DType::Int32) * 0; }},
      {"sub_self", x - x, [](M m) { return filled(m, 0); }, discrete,
       [] {
         Var a = input(DType::Int32);
         return a - a;
       }},
      {"floor_div_one", op("floor_div", {x, 1.0}), first, discrete,
       [] { return apply("floor_div", {input(DType::Int32), make_scalar(DType::Int32, 1)}); }},
      {"mod_one", op("mod", {x, 1.0}), [](M m) { return filled(m, 0); }, discrete,
       [] { return apply("mod", {input(DType::Int32), make_scalar(DType::Int32, 1)}); }},
      {"maximum_self", op("maximum", {x, x}), first},
      {"minimum_self", op("minimum", {x, x}), first},
      {"bitwise_and_self", op("bitwise_and", {x, x}), first,
       [] {
         Var a = input(DType::Int32);
         return apply("bitwise_and", {a, a});
       }},
      {"bitwise_or_self", op("bitwise_or", {x, x}), first,
       [] {
         Var a = input(DType::Int32);
         return apply("bitwise_or", {a, a});
       }},
  };
}

std::vector<Rule> negations() {
  return {
      {"neg_neg", -(-Pattern(x)), first},
      {"mul_minus_one", x * -1.0, [](M m) { return -m[x]; }, floating},
      {"div_minus_one", x / -1.0, [](M m) { return -m[x]; }},
      {"add_neg", x + -Pattern(y), [](M m) { return m[x] - m[y]; }},
      {"sub_neg", x - -Pattern(y), [](M m) { return m[x] + m[y]; }},
      {"neg_sub", -(x - y), [](M m) { return m[y] - m[x]; },
       [](M m) { return m.used_once(m.root->inputs[0]); }, Accurate},
      {"neg_mul_constant", -(x * c), [](M m) { return m[x] * -m[c]; },
       [](M m) { return m.used_once(m.root->inputs[0]); }},
      {"mul_neg_constant", -Pattern(x) * c, [](M m) { return m[x] * -m[c]; }},
      {"mul_neg_neg", -Pattern(x) * -Pattern(y), [](M m) { return m[x] * m[y]; }},
      {"mul_neg", -Pattern(x) * y, [](M m) { return -(m[x] * m[y]); }},
      {"div_neg_neg", -Pattern(x) / -Pattern(y), [](M m) { return m[x] / m[y]; }},
      {"div_of_neg", -Pattern(x) / y, [](M m) { return -(m[x] / m[y]); }},
      {"div_by_neg", x / -Pattern(y), [](M m) { return -(m[x] / m[y]); }},
      {"abs_neg", abs(-Pattern(x)), [](M m) { return abs(m[x]); },
       [](M m) { return !is_unsigned(m.root.dtype()); }},
      {"abs_abs", abs(abs(x)), [](M m) { return abs(m[x]); }},
      {"abs_square", abs(square(x)), [](M m) { return square(m[x]); }, floating},
      {"square_neg", square(-Pattern(x)), [](M m) { return square(m[x]); }},
      {"square_hypot", square(op("hypot", {x, y})), [](M m) { return square(m[x]) + square(m[y]); },
       Accurate},
      {"square_abs", square(abs(x)), [](M m) { return square(m[x]); }},
  };
}

// Multiplying by 1/c rounds as dividing by c does only if 1/c is exact.
bool has_exact_reciprocal(M m) {
  int exponent;
  double value = m.value(c);
  if (value == 0 || !std::isfinite(value) || std::abs(std::frexp(value, &exponent)) != 0.5) return false;
  int limit = m.root.dtype() == DType::Float64 ? 1000 : m.root.dtype() == DType::Float32 ? 120 : 12;
  return std::abs(exponent) < limit;
}

Var cube(M m) { return square(m[x]) * m[x]; }
Var fourth(M m) { return square(square(m[x])); }

std::vector<Rule> powers() {
  return {
      {"mul_self", x * x, [](M m) { return square(m[x]); }},
      {"pow_0", pow(x, 0.0), [](M m) { return filled(m, 1); }},
      {"pow_1", pow(x, 1.0), first},
      {"pow_2", pow(x, 2.0), [](M m) { return square(m[x]); }, Accurate},
      {"pow_3", pow(x, 3.0), cube, steps_are_exact, Accurate},
      {"pow_4", pow(x, 4.0), fourth, steps_are_exact, Accurate},
      {"pow_minus_1", pow(x, -1.0), [](M m) { return apply("reciprocal", {m[x]}); }, floating, Accurate},
      // As NumPy's operator **, which gives NaN for -inf.
      {"pow_half", pow(x, 0.5), [](M m) { return sqrt(m[x]); }, floating, Accurate},
      {"pow_of_2", pow(2.0, x), [](M m) { return apply("exp2", {m[x]}); }, floating, Accurate},
      {"sqrt_square", sqrt(square(x)), [](M m) { return abs(m[x]); }, Accurate},
      {"div_power_of_two", x / c, [](M m) { return m[x] * make_scalar(m.root.dtype(), 1 / m.value(c)); },
       has_exact_reciprocal, [] { return input(DType::Float64) / 8; }},
      {"one_div", 1.0 / Pattern(x), [](M m) { return apply("reciprocal", {m[x]}); }},
      {"reciprocal_of_div", op("reciprocal", {x / y}), [](M m) { return m[y] / m[x]; },
       [](M m) { return m.used_once(m.root->inputs[0]); }, Accurate},
  };
}

// Integers only: wrapping arithmetic is associative.
std::vector<Rule> integer_sums() {
  static const auto n = [] { return input(DType::Int32); };
  static const auto k = [](double value) { return make_scalar(DType::Int32, value); };
  return {
      {"add_add", (x + c) + d, [](M m) { return m[x] + (m[c] + m[d]); }, discrete,
       [] { return (n() + k(3)) + k(4); }},
      {"add_sub", (x + c) - d, [](M m) { return m[x] + (m[c] - m[d]); }, discrete,
       [] { return (n() + k(3)) - k(4); }},
      {"sub_add", (x - c) + d, [](M m) { return m[x] + (m[d] - m[c]); }, discrete,
       [] { return (n() - k(3)) + k(4); }},
      {"sub_sub", (x - c) - d, [](M m) { return m[x] - (m[c] + m[d]); }, discrete,
       [] { return (n() - k(3)) - k(4); }},
      {"mul_mul", (x * c) * d, [](M m) { return m[x] * (m[c] * m[d]); }, discrete,
       [] { return (n() * k(3)) * k(4); }},
      // Only for sizes: their products do not overflow.
      {"floor_div_of_mul", op("floor_div", {x * c, c}), first,
       [](M m) { return m[x]->op->kind == OpKind::Size && m.value(c) > 0; },

       [] {
         Var size = dim(make_input({DType::Float32, {unknown}}, "x"), 0);
         return apply("floor_div", {size * make_int(7), make_int(7)});
       }},
  };
}

std::vector<Rule> selections() {
  static const auto flag = [] { return input(DType::Bool); };
  static const auto value = [] { return input(DType::Float64); };
  return {
      {"where_true", where(1.0, x, y), first,
       [] { return where(make_scalar(DType::Bool, 1), value(), value()); }},
      {"where_false", where(0.0, x, y), [](M m) { return m[y]; },
       [] { return where(make_scalar(DType::Bool, 0), value(), value()); }},
      {"where_same", where(z, x, x), first,
       [] {
         Var a = value();
         return where(flag(), a, a);
       }},
      {"where_not", where(op("logical_not", {z}), x, y), [](M m) { return where(m[z], m[y], m[x]); },
       [](M m) { return is_bool(m[z].dtype()); },
       [] { return where(logical_not(flag()), value(), value()); }},
      {"where_where_true", where(z, where(z, x, y), w), [](M m) { return where(m[z], m[x], m[w]); },
       [] {
         Var f = flag();
         return where(f, where(f, value(), value()), value());
       }},
      {"where_where_false", where(z, w, where(z, x, y)), [](M m) { return where(m[z], m[w], m[y]); },
       [] {
         Var f = flag();
         return where(f, value(), where(f, value(), value()));
       }},
      {"not_not", op("logical_not", {op("logical_not", {x})}), first, boolean,
       [] { return logical_not(logical_not(flag())); }},
      {"not_eq", op("logical_not", {op("eq", {x, y})}), [](M m) { return not_equal(m[x], m[y]); }},
      {"not_ne", op("logical_not", {op("ne", {x, y})}), [](M m) { return equal(m[x], m[y]); }},
      {"and_true", op("logical_and", {x, 1.0}), first, boolean,
       [] { return logical_and(flag(), make_scalar(DType::Bool, 1)); }},
      {"and_false", op("logical_and", {x, 0.0}), [](M m) { return filled(m, 0); }, boolean,
       [] { return logical_and(flag(), make_scalar(DType::Bool, 0)); }},
      {"and_self", op("logical_and", {x, x}), first, boolean,
       [] {
         Var f = flag();
         return logical_and(f, f);
       }},
      {"or_true", op("logical_or", {x, 1.0}), [](M m) { return filled(m, 1); }, boolean,
       [] { return logical_or(flag(), make_scalar(DType::Bool, 1)); }},
      {"or_false", op("logical_or", {x, 0.0}), first, boolean,
       [] { return logical_or(flag(), make_scalar(DType::Bool, 0)); }},
      {"or_self", op("logical_or", {x, x}), first, boolean,
       [] {
         Var f = flag();
         return logical_or(f, f);
       }},
  };
}

// An index lies between 0 and the size of its axis: what remains of the checks of x[arange(n), y].
bool is_own_size(M m) {
  const Node& index = *m[x];
  return same(index.inputs[index.attrs.ints[0]], m.scalar(w));
}

std::vector<Rule> indices() {
  static const auto positions = [] { return iota({make_int(3), make_int(4)}, 1); };
  Pattern index = through(named(x, op(iota_op, {})));
  return {
      {"index_below_zero", op("lt", {index, 0.0}), [](M m) { return filled(m, 0); },
       [] { return positions() < 0; }},
      {"index_from_zero", op("ge", {index, 0.0}), [](M m) { return filled(m, 1); },
       [] { return positions() >= 0; }},
      {"index_below_size", op("lt", {index, w}), [](M m) { return filled(m, 1); }, is_own_size,
       [] { return positions() < make_int(4); }},
  };
}

// Whether every value of `from` is exactly a value of `to`; 64-bit integers are not, of any float.
bool is_lossless(DType from, DType to) {
  bool rounds = is_integer(from) && size_of(from) == 8 && is_inexact(to);
  return can_cast_safely(from, to) && !rounds;
}

Var merged_cast(M m) {
  DType from = m[x].dtype(), between = m.root->inputs[0].dtype(), to = m.root.dtype();
  if (!is_lossless(from, between)) return {};
  // A 16-bit result may be rounded by way of float32, so that two steps are not one.
  bool narrow = is_floating(to) && size_of(to) == 2;
  return narrow && from != to ? Var() : cast(m[x], to);
}

std::vector<Rule> casts() {
  return {
      {"cast_same", cast(x), first, [](M m) { return m[x].dtype() == m.root.dtype(); },
       [] { return make_node(cast_op, {input(DType::Float64)}, {.ints = {int64_t(DType::Float64)}}); }},
      {"cast_cast", cast(cast(x)), merged_cast,
       [] { return cast(cast(input(DType::Int16), DType::Float64), DType::Float32); }},
  };
}

}  // namespace

std::vector<Rule> algebra() {
  return join({neutral(), negations(), powers(), integer_sums(), selections(), indices(), casts()}, true);
}

}  // namespace croton::rules

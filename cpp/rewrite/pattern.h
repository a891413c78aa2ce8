// Patterns: expressions with holes, written with the operators of user code.
//
//   constexpr Wildcard x{0};
//   log(softmax(x))      x * 1.0      log(1.0 + through(exp(x)))
#pragma once

#include <array>
#include <bit>
#include <vector>

#include "graph/op_spec.h"

namespace croton::patterns {

/// A hole of a pattern. The same hole twice stands for the same node.
struct Wildcard {
  enum Kind : uint8_t {
    Any,
    Constant,  // a real constant with equal elements, perhaps repeated by views
    Scalar,    // an expression of rank 0, perhaps repeated by views
  };
  int id;  // below Match::capacity
  Kind kind = Any;
};

/// What a rule looks for.
class Pattern {
 public:
  enum class Kind : uint8_t {
    Hole,
    Literal,  // a constant all of whose elements are `value`
    Op,       // `op` on `args`; non-elementwise ops may have more inputs than `args`
    OfKind,   // any op of this kind
    Through,  // args[0] below any number of views, gathers and widening casts
    Named,    // args[0], which the hole stands for
  };
  Pattern(Wildcard hole) : kind(Kind::Hole), hole(hole) {}
  Pattern(double value) : kind(Kind::Literal), value(value) {}
  Pattern(const OpSpec& op, std::vector<Pattern> args) : kind(Kind::Op), op(&op), args(std::move(args)) {}
  Pattern(Kind kind, std::vector<Pattern> args, Wildcard hole = {0})
      : kind(kind), hole(hole), args(std::move(args)) {}
  explicit Pattern(OpKind of) : kind(Kind::OfKind), op_kind(of) {}

  Kind kind;
  OpKind op_kind = OpKind::Leaf;
  Wildcard hole{0};
  double value = 0;
  const OpSpec* op = nullptr;
  std::vector<Pattern> args;
};

/// `p` named by `hole`, so that the replacement can look at it.
Pattern named(Wildcard hole, Pattern p);
/// `p` itself or below views, gathers and widening casts, which elementwise functions commute with. Once in a
/// pattern; Match::rewrap puts them back.
Pattern through(Pattern p);
/// Any node of this kind.
Pattern any_of(OpKind kind);
/// The op called `name` on `args`.
Pattern op(std::string_view name, std::vector<Pattern> args);
Pattern op(const OpSpec& op, std::vector<Pattern> args);

Pattern operator+(Pattern a, Pattern b);
Pattern operator-(Pattern a, Pattern b);
Pattern operator*(Pattern a, Pattern b);
Pattern operator/(Pattern a, Pattern b);
Pattern operator-(Pattern a);
Pattern exp(Pattern x);
Pattern log(Pattern x);
Pattern log1p(Pattern x);
Pattern expm1(Pattern x);
Pattern sqrt(Pattern x);
Pattern square(Pattern x);
Pattern abs(Pattern x);
Pattern sigmoid(Pattern x);
Pattern pow(Pattern x, Pattern y);
Pattern where(Pattern condition, Pattern x, Pattern y);
Pattern cast(Pattern x);
Pattern sum(Pattern x);
Pattern softmax(Pattern x);
Pattern logsumexp(Pattern x);
Pattern matmul(Pattern a, Pattern b);

/// Whether functions of single elements commute with `node`: views, gathers, widening casts.
bool is_wrapper(const Node& node);
/// `x` below `wrappers`, the first of which is the outermost.
Var rewrap(std::span<const Var> wrappers, Var x);

/// How often nodes are used in the graph being rewritten.
class UseCounts {
 public:
  virtual int uses(const Node* node) const = 0;

 protected:
  ~UseCounts() = default;
};

/// What the holes of a pattern stand for at one node.
class Match {
 public:
  static constexpr int capacity = 6;
  Var root;
  std::array<Var, capacity> bound;
  std::vector<Var> wrappers;  // what through() passed, outermost first
  const UseCounts* counts = nullptr;
  unsigned filled = 0;  // bits: the holes that are bound

  void clear() {
    for (; filled; filled &= filled - 1) bound[std::countr_zero(filled)] = Var();
    if (!wrappers.empty()) wrappers.clear();
  }
  const Var& operator[](Wildcard hole) const { return bound[hole.id]; }
  /// The value of a constant hole.
  double value(Wildcard hole) const;
  /// The hole without the views that only repeat a constant or a scalar.
  Var scalar(Wildcard hole) const;
  /// Whether only this expression uses `x`.
  bool used_once(const Var& x) const { return !counts || counts->uses(x.get()) <= 1; }
  /// `x` below the views that through() passed.
  Var rewrap(Var x) const { return patterns::rewrap(wrappers, std::move(x)); }
};

/// The number of commutative ops in `pattern`, which match in either order.
int count_orders(const Pattern& pattern);
/// Whether `pattern` fits `x`, its commutative ops swapped where the bits of `order` say so.
bool fits(const Pattern& pattern, const Var& x, unsigned order, Match& match);

/// The 0-d node that views repeat to make `x`, or an empty Var.
Var repeated_scalar(const Var& x);
/// Whether `x` is a constant, perhaps repeated by views, all of whose elements are `value`.
bool is_literal(const Var& x, double value);

}  // namespace croton::patterns

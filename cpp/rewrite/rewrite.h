// Rules, and the engine that applies them.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "rewrite/pattern.h"

namespace croton {

enum class Exactness : uint8_t {
  Exact,     // the same bits
  Accurate,  // at least as close to the mathematics as what it replaces; the sign of a zero may differ
  Fast,      // within a few ulp, where nothing overflows
};

struct Rule {
  /// Then, in any order and each if needed: guard, exactness, example.
  template <class... Options>
  Rule(std::string_view name, patterns::Pattern pattern, Var (*replacement)(const patterns::Match&),
       Options... options)
      : name(name), pattern(std::move(pattern)), replacement(replacement) {
    (set(options), ...);
  }

  std::string_view name;
  patterns::Pattern pattern;
  /// What stands for the matched node; an empty Var leaves it. Of the same dtype; the engine broadcasts it to
  /// the same shape.
  Var (*replacement)(const patterns::Match& match);
  bool (*guard)(const patterns::Match& match) = nullptr;
  Exactness exactness = Exactness::Exact;
  /// An expression that the rule rewrites, for its test; where null, the pattern itself gives one.
  Var (*example)() = nullptr;

 private:
  template <class Option>
  void set(Option option) {
    if constexpr (std::is_same_v<Option, Exactness>)
      exactness = option;
    else if constexpr (std::is_invocable_v<Option>)
      example = option;
    else
      guard = option;
  }
};

/// Rules found by the op at their root, in the order in which they were given.
class RuleSet {
 public:
  explicit RuleSet(std::vector<Rule> rules);
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  std::span<const Rule> rules() const { return rules_; }
  /// `match.root` by the first rule that changes it, or an empty Var.
  Var apply(patterns::Match& match) const;

 private:
  struct Entry {
    const Rule* rule;
    unsigned orders;  // ways to order the operands of commutative ops
  };
  std::vector<Rule> rules_;
  std::unordered_map<const OpSpec*, std::vector<Entry>> by_op_;
};

/// `outputs` rewritten from the leaves up until no rule applies. What a rule makes is rewritten in turn; each
/// node is visited a bounded number of times. Nodes in `fixed` stay as they are. New nodes have the source
/// line of those that they replace.
std::vector<Var> rewrite(std::vector<Var> outputs, const RuleSet& rules, std::span<const Var> fixed = {});
std::vector<Var> rewrite(std::vector<Var> outputs, std::span<const Rule> rules);

}  // namespace croton

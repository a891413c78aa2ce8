// Sizes, strides and offsets as polynomials over the sizes that are known only when a function is called.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace croton {

/// A polynomial with integer coefficients over numbered unknowns ("atoms"), in canonical form: equal
/// polynomials compare equal.
class Size {
 public:
  Size() = default;  // 0
  Size(int64_t constant);
  static Size atom(int32_t id);

  Size operator+(const Size& other) const;
  Size operator-(const Size& other) const;
  Size operator*(const Size& other) const;
  bool operator==(const Size&) const = default;

  bool is_constant() const { return terms_.empty() || (terms_.size() == 1 && terms_[0].atoms.empty()); }
  bool is(int64_t value) const { return is_constant() && constant() == value; }
  /// Its value, if it is a constant.
  int64_t constant() const { return terms_.empty() ? 0 : terms_[0].factor; }
  int64_t evaluate(std::span<const int64_t> atoms) const;
  /// The atom that this is, or -1.
  int32_t single_atom() const;
  bool contains(int32_t id) const;
  /// The same polynomial with replacement(id), a Size, for each atom.
  template <class Replacement>
  Size substitute(Replacement&& replacement) const {
    if (is_constant()) return *this;
    if (int32_t id = single_atom(); id >= 0) return replacement(id);
    Size sum;
    for (const Term& term : terms_) {
      Size value = term.factor;
      for (int32_t id : term.atoms) value = value * replacement(id);
      sum = sum + value;
    }
    return sum;
  }
  uint64_t hash() const;
  std::string text() const;

 private:
  struct Term {
    std::vector<int32_t> atoms;  // sorted, repeated for powers
    int64_t factor;
    bool operator==(const Term&) const = default;
  };
  std::vector<Term> terms_;  // sorted by atoms; no zero factors
  void add_term(const std::vector<int32_t>& atoms, int64_t factor);
};

Size product(std::span<const Size> sizes);
/// Strides, in elements, of a dense array in C order.
std::vector<Size> dense_strides(std::span<const Size> dims);

}  // namespace croton

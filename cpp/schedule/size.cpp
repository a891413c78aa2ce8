#include "schedule/size.h"

#include <algorithm>

#include "base/hash.h"

namespace croton {

Size::Size(int64_t constant) {
  if (constant != 0) terms_.push_back({{}, constant});
}

Size Size::atom(int32_t id) {
  Size size;
  size.terms_.push_back({{id}, 1});
  return size;
}

void Size::add_term(const std::vector<int32_t>& atoms, int64_t factor) {
  auto at =
      std::lower_bound(terms_.begin(), terms_.end(), atoms,
                       [](const Term& term, const std::vector<int32_t>& key) { return term.atoms < key; });
  if (at == terms_.end() || at->atoms != atoms) at = terms_.insert(at, {atoms, 0});
  at->factor += factor;
  if (at->factor == 0) terms_.erase(at);
}

Size Size::operator+(const Size& other) const {
  Size sum = *this;
  for (const Term& term : other.terms_) sum.add_term(term.atoms, term.factor);
  return sum;
}

Size Size::operator-(const Size& other) const {
  Size difference = *this;
  for (const Term& term : other.terms_) difference.add_term(term.atoms, -term.factor);
  return difference;
}

Size Size::operator*(const Size& other) const {
  Size result;
  for (const Term& a : terms_)
    for (const Term& b : other.terms_) {
      std::vector<int32_t> atoms;
      std::merge(a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(), std::back_inserter(atoms));
      result.add_term(atoms, a.factor * b.factor);
    }
  return result;
}

int64_t Size::evaluate(std::span<const int64_t> values) const {
  int64_t sum = 0;
  for (const Term& term : terms_) {
    int64_t value = term.factor;
    for (int32_t id : term.atoms) value *= values[id];
    sum += value;
  }
  return sum;
}

int32_t Size::single_atom() const {
  bool single = terms_.size() == 1 && terms_[0].factor == 1 && terms_[0].atoms.size() == 1;
  return single ? terms_[0].atoms[0] : -1;
}

bool Size::contains(int32_t id) const {
  return std::any_of(terms_.begin(), terms_.end(), [id](const Term& term) {
    return std::find(term.atoms.begin(), term.atoms.end(), id) != term.atoms.end();
  });
}

uint64_t Size::hash() const {
  uint64_t h = terms_.size();
  for (const Term& term : terms_) {
    h = mix(h, static_cast<uint64_t>(term.factor));
    for (int32_t id : term.atoms) h = mix(h, static_cast<uint64_t>(id) + 1);
  }
  return h;
}

std::string Size::text() const {
  if (is_constant()) return std::to_string(constant());
  std::string out;
  for (const Term& term : terms_) {
    if (!out.empty()) out += '+';
    if (term.factor != 1 || term.atoms.empty()) out += std::to_string(term.factor);
    for (int32_t id : term.atoms) out += "n" + std::to_string(id);
  }
  return out;
}

Size product(std::span<const Size> sizes) {
  Size result = 1;
  for (const Size& size : sizes) result = result * size;
  return result;
}

std::vector<Size> dense_strides(std::span<const Size> dims) {
  std::vector<Size> strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

}  // namespace croton

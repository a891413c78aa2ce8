#include "codegen/loop_vectors.h"

#include <algorithm>
#include <map>

namespace croton {
namespace {

constexpr int64_t max_row = 8;
constexpr int64_t max_joins = 50;  // more are read from memory in each step, which costs what vectors gain
constexpr uint32_t none = 0;

using Lanes = std::vector<uint32_t>;  // instructions side by side; a single one is a scalar

struct RowJoiner {
  const LoopSource& source;
  const std::vector<ScalarInstr>& code = source.program.code;
  const std::vector<bool> varies = varying_values(source);
  struct Carried {
    size_t row, lane;
  };
  std::vector<const LoopElement*> load_of = std::vector<const LoopElement*>(code.size());
  std::map<uint32_t, Carried> carried{};
  std::vector<bool> computed = std::vector<bool>(code.size());  // in some lane
  std::map<Lanes, uint32_t> made{};
  LoopSource result{};
  bool possible = true;

  size_t width(const LoopElement& element) const {
    const LoopArray& array = source.arrays[static_cast<size_t>(element.array)];
    return is_floating(array.dtype) && array.row <= max_row ? static_cast<size_t>(array.row) : 1;
  }

  uint32_t add(const ScalarInstr& instr, size_t lanes) {
    result.program.code.push_back(instr);
    result.lanes.push_back(static_cast<uint32_t>(lanes));
    return static_cast<uint32_t>(result.lanes.size() - 1);
  }

  bool all(const Lanes& lanes, auto condition) { return std::all_of(lanes.begin(), lanes.end(), condition); }

  /// The instruction of the result whose value has these lanes.
  uint32_t make(const Lanes& lanes) {
    if (auto it = made.find(lanes); it != made.end()) return it->second;
    const ScalarInstr& first = code[lanes[0]];
    possible = possible && all(lanes, [&](uint32_t x) { return code[x].type == first.type; });
    if (!possible) return none;
    const bool same = all(lanes, [&](uint32_t x) { return x == lanes[0]; });
    const bool fixed = all(lanes, [&](uint32_t x) { return !varies[x]; });
    const bool argument = first.prim == Prim::Argument;
    const uint32_t value = lanes.size() > 1 && (same || fixed) ? join(lanes)
                           : argument                          ? from_memory(lanes)
                                                               : instruction(lanes);
    made.emplace(lanes, value);
    return value;
  }

  uint32_t join(const Lanes& lanes) {
    std::vector<uint32_t> parts;
    for (uint32_t lane : lanes) parts.push_back(make({lane}));
    const uint32_t value = add({Prim::Argument, code[lanes[0]].type, 0, {}, 0}, lanes.size());
    result.joins.push_back({value, std::move(parts)});
    return value;
  }

  uint32_t from_memory(const Lanes& lanes) {
    const uint32_t value = add({Prim::Argument, code[lanes[0]].type, 0, {}, 0}, lanes.size());
    if (auto it = carried.find(lanes[0]); it != carried.end())
      carry(lanes, it->second.row, value);
    else
      load(lanes, value);
    return value;
  }

  void carry(const Lanes& lanes, size_t row, uint32_t value) {
    possible = width(result.carries[row].element) == lanes.size();
    for (size_t k = 0; possible && k < lanes.size(); ++k) {
      auto it = carried.find(lanes[k]);
      possible = it != carried.end() && it->second.row == row && it->second.lane == k;
    }
    result.carries[row].argument = value;
  }

  void load(const Lanes& lanes, uint32_t value) {
    const LoopElement& first = *load_of[lanes[0]];
    for (size_t k = 0; possible && k < lanes.size(); ++k) {
      const LoopElement* element = load_of[lanes[k]];
      possible = element && element->array == first.array &&
                 element->position == first.position + static_cast<int64_t>(k);
    }
    possible = possible && (lanes.size() == 1 || is_floating(code[lanes[0]].type));
    result.loads.push_back({first.array, first.position, value});
  }

  // Library functions and divisions of integers are no faster in vectors.
  bool one_by_one(const ScalarInstr& instr) const {
    const bool divides = instr.prim == Prim::Div || instr.prim == Prim::Rem;
    return instr.prim == Prim::Call || (divides && !is_floating(instr.type));
  }

  uint32_t instruction(const Lanes& lanes) {
    ScalarInstr instr = code[lanes[0]];
    possible = lanes.size() == 1 || !one_by_one(instr);
    for (uint32_t lane : lanes) {
      const ScalarInstr& x = code[lane];
      const bool again = varies[lane] && computed[lane];
      possible =
          possible && !again && x.prim == instr.prim && x.arity == instr.arity && x.payload == instr.payload;
      computed[lane] = true;
    }
    for (int n = 0; possible && n < instr.arity; ++n) {
      Lanes operands;
      for (uint32_t lane : lanes) operands.push_back(code[lane].args[n]);
      instr.args[n] = make(operands);
    }
    return add(instr, lanes.size());
  }

  void number_elements() {
    for (const LoopElement& element : source.loads) load_of[element.value] = &element;
    for (size_t k = 0; k < source.carries.size(); k += width(source.carries[k].element)) {
      const LoopElement& element = source.carries[k].element;
      for (size_t lane = 0; lane < width(element); ++lane)
        if (int64_t argument = source.carries[k + lane].argument; argument >= 0)
          carried[static_cast<uint32_t>(argument)] = {result.carries.size(), lane};
      result.carries.push_back({{element.array, element.position, none}});
    }
  }

  void make_results() {
    auto carry = result.carries.begin();
    for (size_t k = 0; possible && k < source.carries.size(); ++carry) {
      Lanes lanes;
      for (size_t n = width(carry->element); n > 0; --n) lanes.push_back(source.carries[k++].element.value);
      carry->element.value = make(lanes);
    }
    for (size_t k = 0; possible && k < source.stores.size();) {
      LoopElement row = source.stores[k];
      Lanes lanes;
      for (size_t n = width(row); n > 0; --n) lanes.push_back(source.stores[k++].value);
      row.value = make(lanes);
      result.stores.push_back(row);
    }
    if (source.until >= 0) result.until = make({static_cast<uint32_t>(source.until)});
  }

  std::optional<LoopSource> run() {
    auto is_row = [&](const auto& element) { return width(element) > 1; };
    const bool any = std::any_of(source.stores.begin(), source.stores.end(), is_row) ||
                     std::any_of(source.carries.begin(), source.carries.end(),
                                 [&](const LoopCarry& carry) { return is_row(carry.element); });
    if (!any) return std::nullopt;
    result.arrays = source.arrays;
    number_elements();
    make_results();
    const int64_t joins = std::count_if(result.joins.begin(), result.joins.end(), [&](const LoopJoin& join) {
      return result.program.code[join.parts[0]].prim != Prim::Constant;
    });
    return possible && joins <= max_joins ? std::optional(std::move(result)) : std::nullopt;
  }
};

}  // namespace

std::optional<LoopSource> join_rows(const LoopSource& source) { return RowJoiner{source}.run(); }

}  // namespace croton

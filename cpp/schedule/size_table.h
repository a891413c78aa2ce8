// The sizes of one graph: which unknowns there are, which are equal, and what a call must check.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "graph/node.h"
#include "schedule/size.h"

namespace croton {

/// Where an unknown's value comes from.
struct Atom {
  const Node* leaf = nullptr;  // axis `axis` of this leaf; or, where axis is -1, its value
  int axis = -1;
  bool stride = false;       // the stride of the axis rather than its size
  const Node* op = nullptr;  // otherwise: this op (floor_div, minimum, ...) of `args`
  std::vector<Size> args;
};

/// Two sizes that `node` needs to be equal; `node` may be null for arguments that must agree.
struct SizeCheck {
  Size a, b;
  const Node* node = nullptr;
  int axis = 0;
};

/// The scalars that planning has to know for `node`: the sizes of its axes, and where a slice starts.
std::vector<Var> planned_scalars(const Node& node);
/// Whether `x` is an input that need not be dense.
bool has_strides(const Node& x);

class SizeTable {
 public:
  /// Reads the sizes of all of `order`, and of the same expressions as the user wrote them, `written`; sizes
  /// that meet in one operation are taken as equal from then on.
  explicit SizeTable(std::span<Node* const> order, std::span<Node* const> written = {});

  /// The value of an int64 scalar as a size; nothing if it depends on data other than scalar arguments.
  std::optional<Size> find(const Var& scalar);
  /// The same where it must exist; throws NotImplemented otherwise.
  Size of(const Var& scalar);
  std::vector<Size> dims(const Var& x);
  std::vector<Size> dims(Node* node) { return dims(Var(node)); }
  /// Strides, in elements, of the array that holds `x`: dense but for inputs that say otherwise.
  std::vector<Size> strides(Node* x);

  const std::vector<Atom>& atoms() const { return atoms_; }
  const std::vector<SizeCheck>& checks() const { return checks_; }

 private:
  std::vector<Atom> atoms_;
  std::vector<Size> canonical_;  // what each atom is taken as
  std::vector<SizeCheck> checks_;
  std::unordered_map<const Node*, std::optional<Size>> known_;  // before replacement
  std::unordered_set<const Node*> visited_, size_arguments_;
  std::vector<Var> kept_;  // scalars made on the way stay alive: known_ refers to them

  void find_leaves(const Node* node);
  std::optional<Size> compute(const Node* node);
  std::optional<Size> find_raw(const Var& scalar);
  std::optional<Size> find_with_branches(const Var& scalar);
  Size raw(const Var& scalar);  // before equal unknowns are replaced by one
  Size new_atom(Atom atom);
  Size canonical(const Size& size);
  void require_equal(const Size& a, const Size& b, const Node* node, int axis);
  void meet(Node* node);
  void meet_elementwise(Node* node);
  void meet_broadcast(Node* node);
  void meet_reshape(Node* node);
  void meet_dimshuffle(Node* node);
  void meet_matmul(Node* node);
  void meet_concatenate(Node* node);
  void meet_set_slice(Node* node);
  void meet_scatter(Node* node);
  void meet_sum_to(Node* node);
};

}  // namespace croton

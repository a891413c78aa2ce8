// Which branches an expression is needed in.
#pragma once

#include <map>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "graph/node.h"

namespace croton {

/// Where the nodes of a graph are needed: in any case (context 0), or only under conditions of ifelse nodes,
/// one inside the other.
class BranchContexts {
 public:
  struct Context {
    int parent, depth, outermost;
    Var condition;
    bool holds;
  };

  /// Of the nodes of `order`, which `outputs` depend on.
  BranchContexts(std::span<Node* const> order, std::span<const Var> outputs);

  int of(const Node* node) const {
    auto it = places_.find(node);
    return it == places_.end() ? 0 : it->second;
  }
  const Context& operator[](int context) const { return list_[static_cast<size_t>(context)]; }
  /// The context of one branch of an ifelse node.
  int branch(const Node* node, bool holds);

 private:
  std::vector<Context> list_ = {{-1, 0, 0, {}, true}};
  std::map<std::tuple<int, const Node*, bool>, int> known_;  // by parent, condition, and whether it holds
  std::unordered_map<const Node*, int> places_;

  void join(const Var& x, int context);
  void visit(const Node* node);
};

}  // namespace croton

#include "ops/observe.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "base/error.h"
#include "graph/body.h"
#include "ops/rows.h"
#include "ops/user_op.h"

namespace croton {
namespace {

// Leaked on purpose: functions may run until the process ends.
struct Observers {
  std::mutex mutex;
  std::deque<Observer> list;

  static Observers& get() {
    static Observers* observers = new Observers;
    return *observers;
  }
};

void observe_routine(const HostCall& call) {
  Workspace space(call);
  if (space.planned(1000)) return;
  Observers& observers = Observers::get();
  const Observer* observer;
  {
    std::lock_guard lock(observers.mutex);
    observer = &observers.list[static_cast<size_t>(call.attrs[0])];
  }
  (*observer)(call.inputs);
  if (call.results[0].wanted) *call.results[0].as<bool>() = true;
}

const OpSpec table[] = {
    {.name = "observe",
     .doc = "True, once an observer has seen the inputs.",
     .kind = OpKind::Library,
     .arity = -1,
     .results = [](Inputs, const Attrs&) -> std::vector<ResultSpec> { return {{DType::Bool, {}}}; },
     .routine = observe_routine,
     .item_rank = -1},
    // A result of `observe` that held the value itself would cost a copy of it.
    {.name = "after",
     .doc = "x, once y has been computed.",
     .arity = 2,
     .scalar = [](Args x) { return x[0]; },
     .infer = [](Inputs x, const Attrs&) { return x[0].type(); },
     .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {g, Var()}; }},
};

}  // namespace

std::span<const OpSpec> rows::observing() { return table; }

int64_t keep_observer(Observer observer) {
  Observers& observers = Observers::get();
  std::lock_guard lock(observers.mutex);
  observers.list.push_back(std::move(observer));
  return static_cast<int64_t>(observers.list.size()) - 1;
}

int64_t keep_assertion(std::string message) {
  return keep_observer([message = std::move(message)](std::span<const HostArray> conditions) {
    for (const HostArray& c : conditions)
      if (!std::all_of(c.as<bool>(), c.as<bool>() + c.size(), [](bool holds) { return holds; }))
        throw AssertionError(message);
  });
}

Var observe(const Var& x, std::vector<Var> values, int64_t observer, int64_t identity) {
  return make_node(table[1], {x, make_node(table[0], std::move(values), {.ints = {observer, identity}})});
}

bool has_observers(std::span<const Var> roots) {
  std::vector<Node*> nodes = topological_order(roots);
  return std::any_of(nodes.begin(), nodes.end(), [](const Node* node) {
    return node->op == &table[0] || node->op == &user_op ||
           (node->attrs.body && has_observers(node->attrs.body->outputs));
  });
}

}  // namespace croton

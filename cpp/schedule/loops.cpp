#include "schedule/loops.h"

#include <algorithm>
#include <unordered_set>

#include "graph/leaves.h"
#include "ops/scan.h"
#include "rewrite/passes.h"

namespace croton {
namespace {

struct LoopScheduler {
  const Call& call;
  Body body;
  ScheduledLoop loop;
  std::vector<Var> outputs;   // of the program
  std::vector<bool> carried;  // states that something depends on

  explicit LoopScheduler(const Call& call)
      : call(call), body(narrowed_body(*call.node)), carried(body.carries) {}

  bool wanted(size_t result) const { return call.results()[result] != no_buffer; }
  size_t trace_of(size_t state) const { return body.yields + state; }
  int blocks_of(size_t state) const {
    size_t result = body.carries + body.yields + 1 + state;
    return body.block && wanted(result) ? static_cast<int>(result) : -1;
  }
  bool keeps_trace(size_t state) const { return !body.unbounded && wanted(trace_of(state)); }

  void find_carried() {
    std::vector<bool> read;
    for (int buffer : call.results()) read.push_back(buffer != no_buffer);
    carried = states_read(body, read);
  }

  int add_output(const Var& x) {
    outputs.push_back(x);
    return static_cast<int>(outputs.size()) - 1;
  }

  int argument(const Var& x) {
    loop.arguments.push_back(x);
    return static_cast<int>(loop.arguments.size()) - 1;
  }

  void add_states() {
    for (size_t k = 0; k < body.carries; ++k) {
      if (!carried[k]) continue;
      int result = static_cast<int>(k), trace = static_cast<int>(trace_of(k));
      loop.states.push_back({.argument = argument(body.carried()[k]),
                             .output = add_output(body.next()[k]),
                             .initial = static_cast<int>(1 + body.sequences + k),
                             .last = wanted(k) ? result : -1,
                             .trace = keeps_trace(k) ? trace : -1,
                             .blocks = blocks_of(k)});
    }
  }

  void add_yields() {
    for (size_t k = 0; k < body.plain_yields(); ++k)
      if (wanted(body.carries + k))
        loop.yields.push_back({add_output(body.yielded()[k]), static_cast<int>(body.carries + k)});
    if (body.until) loop.until = add_output(body.outputs.back());
    size_t taken = body.carries + body.yields;
    if (wanted(taken)) loop.taken = static_cast<int>(taken);
  }

  void add_operands() {
    std::vector<Node*> order = topological_order(outputs);
    std::unordered_set<const Node*> reached(order.begin(), order.end());
    for (size_t k = 0; k < body.inputs.size(); ++k) {
      const Var& input = body.inputs[k];
      bool is_state = k >= body.sequences && k < body.sequences + body.carries;
      if (is_state || !reached.count(input.get())) continue;
      LoopValue value{argument(input), static_cast<int>(k + 1), call.blocks[k + 1].step};
      (k < body.sequences ? loop.rows : loop.fixed).push_back(value);
    }
  }

  ScheduledLoop run(SizeTable& sizes) {
    find_carried();
    add_states();
    add_yields();
    add_operands();
    loop.reversed = body.reversed;
    loop.unbounded = body.unbounded;
    if (!body.unbounded) loop.steps = sizes.of(call.node->inputs[0]);
    if (body.block) loop.block = sizes.of(block_size(*call.node));
    PassRunner runner;
    std::vector<Var> graph = optimize(outputs, runner);
    loop.step = graph;
    loop.program = schedule(std::move(graph), std::vector<const Node*>(outputs.size()), outputs);
    return std::move(loop);
  }
};

}  // namespace

ScheduledLoop schedule_loop(const Call& call, SizeTable& sizes) { return LoopScheduler(call).run(sizes); }

}  // namespace croton

#include "autodiff/forward.h"
#include "autodiff/gradient.h"
#include "graph/substitute.h"
#include "ops/functions.h"
#include "ops/scan.h"

namespace croton {
namespace {

/// Builds the loop over the values of a loop and their tangents.
struct ForwardLoop {
  const Var& node;
  std::span<const Var> changes;
  Body body;
  ScanInputs inputs;
  Loop loop;
  std::vector<Var> moving;    // of the body's inputs, the tangent inside; empty where there is none
  std::vector<Var> followed;  // tangents of the body's outputs

  ForwardLoop(const Var& scan, std::span<const Var> changes)
      : node(scan), changes(changes), body(narrowed_body(*scan)), inputs(*scan), moving(body.inputs.size()) {}

  void add_operands() {
    loop.steps = inputs.steps;
    loop.reversed = body.reversed;
    loop.unbounded = body.unbounded;
    loop.truncated = body.truncated;
    if (body.block) loop.block = block_size(*node);
    loop.sequences.assign(inputs.sequences.begin(), inputs.sequences.end());
    loop.initial.assign(inputs.initial.begin(), inputs.initial.end());
    loop.rows.assign(body.rows().begin(), body.rows().end());
    loop.carried.assign(body.carried().begin(), body.carried().end());
    loop.next.assign(body.next().begin(), body.next().end());
    if (body.until) loop.until = body.outputs.back();
    for (size_t k = 0; k < moving.size(); ++k)
      if (changes[k + 1]) moving[k] = make_input(body.inputs[k].type(), "");
  }

  std::vector<Var> derivatives() const {
    std::vector<Var> wrt, tangents;
    for (size_t k = 0; k < moving.size(); ++k) {
      if (!moving[k]) continue;
      wrt.push_back(body.inputs[k]);
      tangents.push_back(moving[k]);
    }
    return forward_derivatives(body.outputs, wrt, tangents);
  }

  // States change where the next values change, whether or not the initial ones do.
  void follow() {
    for (bool changed = true; changed;) {
      changed = false;
      followed = derivatives();
      for (size_t k = 0; k < body.carries; ++k) {
        Var& tangent = moving[body.sequences + k];
        if (tangent || !followed[k]) continue;
        tangent = make_input(body.carried()[k].type(), "");
        changed = true;
      }
    }
  }

  void add_tangents() {
    for (size_t k = 0; k < body.sequences; ++k) {
      if (!moving[k]) continue;
      loop.sequences.push_back(changes[k + 1]);
      loop.rows.push_back(moving[k]);
    }
    for (size_t k = 0; k < body.carries; ++k) {
      const Var &tangent = moving[body.sequences + k], &change = changes[1 + body.sequences + k];
      if (!tangent) continue;
      loop.carried.push_back(tangent);
      loop.initial.push_back(change ? change : zeros_like(inputs.initial[k]));
      loop.next.push_back(followed[k] ? followed[k] : zeros_like(tangent));
    }
    // The others are the traces of the states.
    for (size_t k = 0; k < body.plain_yields(); ++k)
      if (followed[body.carries + k]) loop.yields.push_back(followed[body.carries + k]);
  }

  // What is fixed inside becomes again what it is outside.
  void open() {
    Replacements outside;
    const size_t first = body.sequences + body.carries;
    for (size_t k = 0; k < inputs.fixed.size(); ++k) {
      outside.emplace(body.fixed()[k].get(), inputs.fixed[k]);
      if (moving[first + k]) outside.emplace(moving[first + k].get(), changes[1 + first + k]);
    }
    loop.next = substitute(loop.next, outside);
    loop.yields = substitute(loop.yields, outside);
    if (loop.until) loop.until = substitute(loop.until, outside);
  }

  std::vector<Var> run() {
    add_operands();
    follow();
    add_tangents();
    open();
    LoopResults found = scan(loop);
    const size_t taken = body.carries + body.yields;
    std::vector<Var> results(taken + 1 + (body.block ? body.carries : 0));
    for (size_t k = 0, state = body.carries; k < body.carries; ++k) {
      if (!moving[body.sequences + k]) continue;
      results[k] = found.last[state];
      if (!body.unbounded) results[body.yields + k] = found.traces[state];
      if (body.block) results[taken + 1 + k] = found.blocks[state];
      ++state;
    }
    for (size_t k = 0, next = 0; k < body.plain_yields(); ++k)
      if (followed[body.carries + k]) results[body.carries + k] = found.yields[next++];
    return results;
  }
};

}  // namespace

std::vector<Var> scan_tangents(std::span<const Var> tangents, const Var& node) {
  return ForwardLoop(node, tangents).run();
}

}  // namespace croton

// The passes over the graph, and the runner that every pass goes through.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/node.h"

namespace croton {

struct PassReport {
  std::string_view name;
  double milliseconds;
  size_t nodes_before, nodes_after;
};

struct PassOptions {
  bool verify = false;            // the graph after each pass
  bool print = false;             // the graph after each pass, to stderr
  std::vector<std::string> skip;  // names of passes
  /// From CROTON_SKIP_PASSES=a,b, CROTON_PRINT_PASSES and CROTON_VERIFY_PASSES; builds with assertions
  /// verify.
  static PassOptions from_environment();
};

using GraphPass = std::vector<Var> (*)(std::vector<Var> outputs);

/// Names, times, skips, prints and verifies passes.
class PassRunner {
 public:
  explicit PassRunner(PassOptions options = PassOptions::from_environment()) : options_(std::move(options)) {}
  std::vector<Var> run(std::string_view name, GraphPass pass, std::vector<Var> outputs);
  std::span<const PassReport> reports() const { return reports_; }

 private:
  PassOptions options_;
  std::vector<PassReport> reports_;
  size_t nodes_ = 0;  // after the last pass
  bool skips(std::string_view name) const;
};

/// Arithmetic of complex numbers as arithmetic of their parts: what remains complex is only moved.
std::vector<Var> split_complex(std::vector<Var> outputs);
/// Constants folded, neutral elements and repeated views gone.
std::vector<Var> canonicalize(std::vector<Var> outputs);
/// Stable forms in place of those that overflow or cancel.
std::vector<Var> stabilize(std::vector<Var> outputs);
/// The same for an expression that gradients are about to be taken of, so that they are those of the stable
/// forms. Nodes in `fixed` (what the gradient is taken with respect to) stay.
std::vector<Var> stabilize(std::vector<Var> outputs, std::span<const Var> fixed);
/// Loops with what their steps need no turn for before or after them: products of all rows at once, and sums
/// of products over all steps.
std::vector<Var> hoist(std::vector<Var> outputs);
/// Composites expanded.
std::vector<Var> expand(std::vector<Var> outputs);
/// As canonicalize, with products in the form that the backends want.
std::vector<Var> simplify(std::vector<Var> outputs);

/// All of them in order: `outputs` ready for schedule().
std::vector<Var> optimize(std::vector<Var> outputs, PassRunner& runner);

}  // namespace croton

// Connectionist temporal classification: Graves et al. (2006), in logarithms and double precision.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/linalg.h"
#include "ops/rows.h"

namespace croton {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  if (a < b) std::swap(a, b);
  return a == impossible ? a : a + std::log1p(std::exp(b - a));
}

/// One sequence. States are the labels with a blank before, between and after them.
template <class T>
struct Alignment {
  const T* log_p;  // steps x classes
  const int64_t* labels;
  int64_t classes, steps, states, blank;

  int64_t symbol(int64_t state) const { return state % 2 ? labels[state / 2] : blank; }
  double emitted(int64_t step, int64_t state) const { return log_p[step * classes + symbol(state)]; }
  /// Whether a path may come to `state` from two states before, past the blank.
  bool skips(int64_t state) const {
    return state % 2 && state > 1 && labels[state / 2] != labels[state / 2 - 1];
  }

  /// Log-probabilities of all beginnings that end in each state: row t of `alpha`, or row t % 2 of two.
  double forward(double* alpha, bool keep) const {
    if (steps == 0) return states == 1 ? 0.0 : impossible;
    for (int64_t t = 0; t < steps; ++t) {
      double* here = alpha + (keep ? t : t % 2) * states;
      const double* before = alpha + (keep ? t - 1 : (t + 1) % 2) * states;
      for (int64_t s = 0; s < states; ++s) {
        double sum = t == 0 ? (s < 2 ? 0.0 : impossible) : before[s];
        if (t > 0 && s > 0) sum = log_add(sum, before[s - 1]);
        if (t > 0 && skips(s)) sum = log_add(sum, before[s - 2]);
        here[s] = sum + emitted(t, s);
      }
    }
    const double* last = alpha + (keep ? steps - 1 : (steps - 1) % 2) * states;
    return states == 1 ? last[0] : log_add(last[states - 1], last[states - 2]);
  }

  /// Subtracts from `gradient` how probable each symbol is at each step, given the labels.
  void backward(const double* alpha, double total, double* beta, T* gradient) const {
    double *here = beta, *after = beta + states;
    for (int64_t t = steps; t-- > 0; std::swap(here, after)) {
      for (int64_t s = states; s-- > 0;) {
        if (t == steps - 1) {
          here[s] = s + 2 >= states ? 0.0 : impossible;
        } else {
          double sum = after[s] + emitted(t + 1, s);
          if (s + 1 < states) sum = log_add(sum, after[s + 1] + emitted(t + 1, s + 1));
          if (s + 2 < states && skips(s + 2)) sum = log_add(sum, after[s + 2] + emitted(t + 1, s + 2));
          here[s] = sum;
        }
        double path = alpha[t * states + s] + here[s] - total;
        if (path > impossible) gradient[t * classes + symbol(s)] -= static_cast<T>(std::exp(path));
      }
    }
  }
};

/// The number of labels before the first negative one.
int64_t count_labels(const HostArray& labels, int64_t classes, int64_t blank) {
  const int64_t* values = labels.as<int64_t>();
  for (int64_t i = 0; i < labels.shape[0]; ++i) {
    if (values[i] < 0) return i;
    if (values[i] >= classes || values[i] == blank)
      throw IndexError("ctc: required labels below " + std::to_string(classes) + " other than the blank " +
                       std::to_string(blank) + ", given " + std::to_string(values[i]) + " at position " +
                       std::to_string(i));
  }
  return labels.shape[0];
}

template <class T>
void ctc_routine(const HostCall& call) {
  const HostArray &x = call.inputs[0], &loss = call.results[0], &gradient = call.results[1];
  const int64_t rows = x.shape[0], most = 2 * call.inputs[1].shape[0] + 1, blank = call.attrs[0];
  Workspace space(call);
  double* alpha = space.take<double>((gradient.wanted ? std::max<int64_t>(rows, 1) : 2) * most);
  double* beta = space.take<double>(2 * most);
  if (space.planned(200 * rows * most)) return;
  const int64_t steps = *call.inputs[2].as<int64_t>(), classes = x.shape[1];
  if (steps < 0 || steps > rows)
    throw IndexError("ctc: required numbers of steps from 0 to " + std::to_string(rows) + ", given " +
                     std::to_string(steps));
  const int64_t states = 2 * count_labels(call.inputs[1], classes, blank) + 1;
  Alignment<T> alignment{x.as<T>(), call.inputs[1].as<int64_t>(), classes, steps, states, blank};
  const double total = alignment.forward(alpha, gradient.wanted);
  if (loss.wanted) *loss.as<T>() = static_cast<T>(-total);
  if (!gradient.wanted) return;
  T* out = gradient.as<T>();
  std::fill(out, out + gradient.size(), T{0});
  if (total > impossible) alignment.backward(alpha, total, beta, out);
}

void by_type(const HostCall& call) {
  call.inputs[0].dtype == DType::Float32 ? ctc_routine<float>(call) : ctc_routine<double>(call);
}

std::vector<ResultSpec> ctc_results(Inputs x, const Attrs& attrs) {
  DType t = x[0].dtype();
  int batches = x[0].rank() - 2;
  bool fits = (t == DType::Float32 || t == DType::Float64) && batches >= 0 && x[1].dtype() == DType::Int64 &&
              x[1].rank() == batches + 1 && x[2].dtype() == DType::Int64 && x[2].rank() == batches;
  if (!fits || attrs.ints[0] < 0)
    throw TypeError(
        "ctc: required float32 or float64 [..., steps, classes], int64 labels [..., most], int64 numbers of "
        "steps [...] and a blank of 0 or more, given " +
        describe(x[0]) + ", " + describe(x[1]) + " and " + describe(x[2]) +
        source_text(SourceScope::current()));
  std::vector<Var> sizes = shape_of(x[0]);
  return {{t, {sizes.begin(), sizes.end() - 2}}, {t, sizes}};
}

std::vector<std::pair<Var, Var>> ctc_sizes(Inputs x) {
  std::vector<std::pair<Var, Var>> pairs;
  for (int axis = 0; axis < x[2].rank(); ++axis)
    for (int other : {1, 2}) pairs.emplace_back(dim(x[0], axis), dim(x[other], axis));
  return pairs;
}

Grads ctc_vjp(Inputs g, Inputs x, const Var& y) {
  if (g.size() > 1 && g[1])
    throw NotImplemented("ctc: required one derivative, given the derivative of its gradient" +
                         source_text(y->source));
  return {output(y, 1) * expand_dims(g[0], {x[2].rank(), x[2].rank() + 1})};
}

const OpSpec table[] = {
    {.name = "ctc",
     .doc = "Minus the log-probability of the labels y in the first z steps of log-probabilities x; its "
            "gradient.",
     .kind = OpKind::Library,
     .arity = 3,
     .results = ctc_results,
     .routine = by_type,
     .item_rank = 2,
     .equal_sizes = ctc_sizes,
     .results_vjp = ctc_vjp},
};

}  // namespace

std::span<const OpSpec> rows::sequences() { return table; }

}  // namespace croton

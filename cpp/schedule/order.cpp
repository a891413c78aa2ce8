#include "schedule/order.h"

#include <algorithm>

namespace croton {
namespace {

bool reads(const Launch& launch, int buffer) {
  if (launch.product) return launch.product->a.buffer == buffer || launch.product->b.buffer == buffer;
  return std::any_of(launch.nest.accesses.begin(), launch.nest.accesses.end(),
                     [&](const Access& access) { return access.buffer == buffer; });
}

// Whether the nest runs over exactly the rows and columns of the product.
bool same_loops(const LoopNest& nest, const Product& product) {
  if (nest.kept_dims || nest.serial || nest.row_dims == 0 || nest.inner_dims() != 1) return false;
  for (const Step& step : nest.steps)
    if (step.kind == StepKind::Gather) return false;
  std::vector<Size> rows(nest.extents.begin(), nest.extents.begin() + nest.row_dims);
  return croton::product(rows) == croton::product(product.batch) * product.m &&
         nest.extents.back() == product.n;
}

// Whether the nest touches `buffer` only at its own row and column.
bool same_cells(const LoopNest& nest, int buffer) {
  std::vector<Size> dense = dense_strides(nest.extents);
  return std::all_of(nest.accesses.begin(), nest.accesses.end(), [&](const Access& access) {
    return access.buffer != buffer || (access.offset.is(0) && access.strides == dense);
  });
}

std::vector<int> written(const LoopNest& nest) {
  std::vector<int> buffers;
  for (const Access& access : nest.accesses)
    if (access.written && access.buffer >= 0) buffers.push_back(access.buffer);
  return buffers;
}

bool can_follow(const Launch& launch, const Product& product, const std::vector<int>& fresh) {
  return !launch.product && same_loops(launch.nest, product) &&
         std::all_of(fresh.begin(), fresh.end(), [&](int buffer) { return same_cells(launch.nest, buffer); });
}

}  // namespace

void attach_followers(Program& program) {
  std::vector<Launch>& launches = program.launches;
  for (size_t p = launches.size(); p-- > 0;) {
    if (!launches[p].product) continue;
    int result = launches[p].product->c.buffer;
    size_t reader = p + 1;
    while (reader < launches.size() && !reads(launches[reader], result)) ++reader;
    if (reader == launches.size() || launches[reader].follows) continue;
    std::vector<int> fresh = {result};
    if (!can_follow(launches[reader], *launches[p].product, fresh)) continue;
    std::rotate(launches.begin() + p, launches.begin() + p + 1, launches.begin() + reader);
    const Product& product = *launches[reader - 1].product;
    for (size_t k = reader; k < launches.size() && !launches[k].follows; ++k) {
      if (!reads(launches[k], result) || !can_follow(launches[k], product, fresh)) break;
      launches[k].follows = true;
      for (int buffer : written(launches[k].nest)) fresh.push_back(buffer);
    }
  }
}

namespace {

bool can_fail(const Launch& launch) {
  return std::any_of(launch.nest.steps.begin(), launch.nest.steps.end(), [](const Step& step) {
    return step.kind == StepKind::Gather || step.kind == StepKind::Scatter;
  });
}

// The launch that alone writes `buffer`, at its own elements in order; or -1.
int only_writer(const Program& program, int buffer) {
  int writer = -1;
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch& launch = program.launches[i];
    if (launch.product && launch.product->c.buffer == buffer) return -1;
    for (const Access& access : launch.nest.accesses)
      if (access.buffer == buffer && access.written) {
        if (writer >= 0) return -1;
        writer = static_cast<int>(i);
      }
  }
  return writer;
}

// Whether launch `writer` may store to the memory of `old` instead of to `fresh`.
bool may_overwrite(const Program& program, int writer, int old, int fresh) {
  const LoopNest& nest = program.launches[writer].nest;
  auto stored = std::find_if(nest.accesses.begin(), nest.accesses.end(),
                             [&](const Access& a) { return a.buffer == fresh; });
  for (const Step& step : nest.steps)
    if (step.kind == StepKind::Accumulate && step.access == stored - nest.accesses.begin()) return false;
  for (const Access& access : nest.accesses)
    if (access.buffer == old && !(access.strides == stored->strides && access.offset == stored->offset))
      return false;
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch& launch = program.launches[i];
    if (static_cast<int>(i) > writer && reads(launch, old)) return false;
    if (static_cast<int>(i) >= writer && can_fail(launch)) return false;
  }
  // A product reads its operands while the nests behind it already store.
  for (int p = writer; p >= 0 && program.launches[writer].follows; --p)
    if (program.launches[p].product) return !reads(program.launches[p], old);
  return true;
}

int buffer_of(const Program& program, const Node* node) {
  for (size_t i = 0; i < program.buffers.size(); ++i)
    if (program.buffers[i].node == node) return static_cast<int>(i);
  return -1;
}

}  // namespace

void find_in_place(Program& program, const std::vector<const Node*>& targets) {
  program.in_place.assign(targets.size(), false);
  program.first_in_place = static_cast<int>(program.launches.size());
  for (size_t k = 0; k < targets.size(); ++k) {
    if (!targets[k]) continue;
    int old = buffer_of(program, targets[k]), fresh = program.outputs[k];
    if (old < 0 || !(program.buffers[old].dims == program.buffers[fresh].dims)) continue;
    int writer = only_writer(program, fresh);
    if (writer < 0 || !may_overwrite(program, writer, old, fresh)) continue;
    bool read_again = false;
    for (size_t i = writer + 1; i < program.launches.size(); ++i)
      read_again |= reads(program.launches[i], fresh);
    if (read_again) continue;
    program.in_place[k] = true;
    int first = writer;
    while (program.launches[first].follows) --first;
    program.first_in_place = std::min(program.first_in_place, first);
  }
}

}  // namespace croton

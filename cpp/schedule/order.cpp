#include "schedule/order.h"

#include <algorithm>

namespace croton {
namespace {

bool contains(std::span<const int> numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

bool reads(const Launch& launch, int buffer) {
  if (launch.product) return launch.product->a.buffer == buffer || launch.product->b.buffer == buffer;
  if (launch.call) return contains(launch.call->inputs(), buffer);
  return std::any_of(launch.nest.accesses.begin(), launch.nest.accesses.end(),
                     [&](const Access& access) { return access.buffer == buffer; });
}

// Whether the nest runs over exactly the rows and columns of the product.
bool same_loops(const LoopNest& nest, const Product& product) {
  if (nest.kept_dims || nest.serial || nest.row_dims == 0 || nest.inner_dims() != 1) return false;
  if (nest.has(StepKind::Gather) || nest.has(StepKind::Check)) return false;
  std::vector<Size> rows(nest.extents.begin(), nest.extents.begin() + nest.row_dims);
  return product.is_matrix_product() &&
         croton::product(rows) == croton::product(product.batch) * product.rows[0] &&
         nest.extents.back() == product.columns[0];
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
  return launch.is_nest() && same_loops(launch.nest, product) &&
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

// The launches that write `buffer`, in order.
std::vector<int> writers(const Program& program, int buffer) {
  std::vector<int> found;
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch& launch = program.launches[i];
    std::vector<int> into = written(launch.nest);
    if (launch.product) into.push_back(launch.product->c.buffer);
    if (launch.call) into.assign(launch.call->results().begin(), launch.call->results().end());
    if (contains(into, buffer)) found.push_back(static_cast<int>(i));
  }
  return found;
}

// Whether launch `writer`, which stores to `fresh` at its own elements in order, may store to the memory of
// `old` instead.
bool may_overwrite(const Program& program, int writer, int old, int fresh) {
  const LoopNest& nest = program.launches[writer].nest;
  if (!program.launches[writer].is_nest() || nest.has(StepKind::Scatter)) return false;
  auto stored = std::find_if(nest.accesses.begin(), nest.accesses.end(),
                             [&](const Access& a) { return a.buffer == fresh; });
  for (const Step& step : nest.steps)
    if (step.kind == StepKind::Accumulate && step.access == stored - nest.accesses.begin()) return false;
  for (const Access& access : nest.accesses)
    if (access.buffer == old && !(access.strides == stored->strides && access.offset == stored->offset))
      return false;
  // A product reads its operands while the nests behind it already store.
  for (int p = writer; p >= 0 && program.launches[writer].follows; --p)
    if (program.launches[p].product) return !reads(program.launches[p], old);
  return true;
}

bool copies(const LoopNest& nest, int old, int fresh) {
  return nest.steps.size() == 2 && nest.steps[0].kind == StepKind::Load &&
         nest.steps[1].kind == StepKind::Store && nest.accesses[nest.steps[0].access].buffer == old &&
         nest.accesses[nest.steps[1].access].buffer == fresh;
}

// Whether all that runs from launch `first` on leaves `old` alone and cannot fail; the positions of scatters
// into `fresh` are checked by their guards.
bool nothing_in_the_way(const Program& program, const std::vector<int>& writers, int old, int fresh) {
  for (size_t i = writers[0]; i < program.launches.size(); ++i) {
    const Launch& launch = program.launches[i];
    int index = static_cast<int>(i);
    bool writes = std::find(writers.begin(), writers.end(), index) != writers.end();
    if (index > writers[0] && reads(launch, old)) return false;
    if (!writes && reads(launch, fresh)) return false;
    if (launch.call || launch.nest.has(StepKind::Gather) || launch.nest.has(StepKind::Check)) return false;
    if (!writes && launch.nest.has(StepKind::Scatter)) return false;
  }
  return true;
}

int buffer_of(const Program& program, const Node* node) {
  for (size_t i = 0; i < program.buffers.size(); ++i)
    if (program.buffers[i].node == node) return static_cast<int>(i);
  return -1;
}

// Removes the launches in `dropped` (in order).
void drop(Program& program, const std::vector<bool>& dropped) {
  std::vector<Launch> kept;
  int first = program.first_in_place;
  for (size_t i = 0; i < program.launches.size(); ++i) {
    if (!dropped[i])
      kept.push_back(std::move(program.launches[i]));
    else if (static_cast<int>(i) < first)
      --program.first_in_place;
  }
  program.launches = std::move(kept);
}

}  // namespace

void find_in_place(Program& program, const std::vector<const Node*>& targets) {
  int count = static_cast<int>(program.launches.size());
  program.in_place.assign(targets.size(), false);
  program.first_in_place = count;
  std::vector<bool> dropped(count);
  for (int i = 0; i < count; ++i) dropped[i] = program.launches[i].guard;
  for (size_t k = 0; k < targets.size(); ++k) {
    if (!targets[k]) continue;
    int old = buffer_of(program, targets[k]), fresh = program.outputs[k];
    if (old < 0 || !(program.buffers[old].dims == program.buffers[fresh].dims)) continue;
    std::vector<int> into = writers(program, fresh);
    int first = into[0];
    bool copied = into.size() > 1 && copies(program.launches[first].nest, old, fresh);
    if ((into.size() > 1 && !copied) || !may_overwrite(program, first, old, fresh) ||
        !nothing_in_the_way(program, into, old, fresh))
      continue;
    program.in_place[k] = true;
    // The first copy has nothing to do any more, but positions must be checked before anything changes.
    if (copied) {
      dropped[first] = true;
      if (first > 0 && program.launches[first - 1].guard) dropped[first - 1] = false;
    }
    while (program.launches[first].follows) --first;
    program.first_in_place = std::min(program.first_in_place, first);
  }
  drop(program, dropped);
}

}  // namespace croton

#include "schedule/fuse.h"

#include <algorithm>

#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "schedule/views.h"

namespace croton {
namespace {

constexpr int max_group_cost = 2500;  // machine instructions per element: beyond it code generation slows
constexpr int max_group_nodes = 150;
constexpr int max_group_reads = 96;  // arrays at a time: more streams than this fit no cache
constexpr int groups_to_try = 4;     // latest groups with the same dims that a node is offered to

bool is_special(const Node& node) {
  OpKind kind = node.op->kind;
  return kind == OpKind::Contraction || kind == OpKind::Scatter || kind == OpKind::Concatenate ||
         kind == OpKind::Library;
}

struct Fuser {
  SizeTable& sizes;
  Fusion result;
  std::unordered_map<uint64_t, std::vector<int>> by_dims;

  static uint64_t key(const std::vector<Size>& dims) {
    uint64_t h = dims.size();
    for (const Size& size : dims) h = h * 0x9e3779b97f4a7c15ull + size.hash();
    return h;
  }

  std::vector<Size> without_units(const std::vector<Size>& dims) const {
    std::vector<Size> kept;
    for (const Size& size : dims)
      if (!size.is(1)) kept.push_back(size);
    return kept;
  }

  // The shape a node's loop runs over: its own, or for a reduction its input's.
  std::vector<Size> iteration_dims(Node* node) {
    return sizes.dims(node->op->kind == OpKind::Reduction ? node->inputs[0].get() : node);
  }

  // The first group that may hold `node`: all it reads is computed before, or inside it.
  int earliest(Node* node) {
    int group = 0;
    for (const Var& input : node->inputs) {
      if (sizes.find(input)) continue;
      AxisMap map = trace(input.get(), sizes);
      const Place* place = result.find(map.source);
      if (!place) continue;
      bool usable = map.pure && place->complete && !is_special(*node) && !gathered(node, input);
      group = std::max(group, usable ? place->group : place->group + 1);
    }
    return group;
  }

  // take reads its first input at arbitrary places.
  static bool gathered(Node* node, const Var& input) {
    return node->op == &take_op && same(input, node->inputs[0]);
  }

  // Full-rank placement: the axes of size other than 1 are the group's dims, in order.
  std::vector<int> identity(const std::vector<Size>& shape, const Group& group) const {
    std::vector<int> dims(shape.size(), -1);
    size_t next = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis].is(1)) continue;
      if (next == group.dims.size() || !(group.dims[next] == shape[axis])) return {-2};
      dims[axis] = static_cast<int>(next++);
    }
    return next == group.dims.size() ? dims : std::vector<int>{-2};
  }

  static uint32_t mask_of(const std::vector<int>& dims) {
    uint32_t mask = 0;
    for (int d : dims)
      if (d >= 0) mask |= uint32_t{1} << d;
    return mask;
  }

  // For each axis of `x` (an input of a node in `group`) the group's dim by its own placement there.
  bool placed_axes(Node* x, int group, std::vector<int>& dims) {
    AxisMap map = trace(x, sizes);
    const Place* place = result.find(map.source);
    if (!place || place->group != group) return false;
    dims.assign(map.axes.size(), -1);
    for (size_t axis = 0; axis < map.axes.size(); ++axis)
      if (map.axes[axis] >= 0) dims[axis] = place->dims[map.axes[axis]];
    return true;
  }

  // Row-level placement: every axis follows an input computed in the group.
  std::vector<int> inherited(Node* node, int group, const std::vector<Size>& shape) {
    int rank = static_cast<int>(shape.size());
    std::vector<int> dims(rank, -1), from;
    for (const Var& input : node->inputs) {
      if (!placed_axes(input.get(), group, from)) continue;
      for (int axis = 0; axis < rank; ++axis) {
        int k = aligned_axis(input, axis, rank);
        if (k < 0 || from[k] < 0) continue;
        if (dims[axis] >= 0 && dims[axis] != from[k]) return {-2};
        dims[axis] = from[k];
      }
    }
    uint32_t used = 0;
    for (int axis = 0; axis < rank; ++axis) {
      if (dims[axis] < 0 && !shape[axis].is(1)) return {-2};
      if (dims[axis] < 0) continue;
      if (used >> dims[axis] & 1)
        return {-2};  // two axes along one dim: an outer product of a value with itself
      used |= uint32_t{1} << dims[axis];
    }
    return dims;
  }

  // Whether inputs computed in the group lie where the node's own placement expects them.
  bool agrees(Node* node, int group, const std::vector<int>& dims) {
    std::vector<int> from;
    int rank = static_cast<int>(dims.size());
    for (const Var& input : node->inputs) {
      if (!placed_axes(input.get(), group, from)) continue;
      if (gathered(node, input)) return false;
      for (int k = 0; k < input.rank(); ++k)
        if (from[k] >= 0 && dims[k + rank - input.rank()] != from[k]) return false;
      uint32_t mask = result.find(source_of(input.get()))->mask;
      if (mask_of(from) != mask) return false;
    }
    return true;
  }

  // Where a reduction's dims make it a row reduction, a reduction over rows, or neither.
  bool place_reduction(Group& group, uint32_t reduced, Place& place) {
    uint32_t all = group.all(), last = all ^ (all >> 1);
    if (reduced == group.inner || !reduced) return true;
    if (!group.inner && (reduced & last) && reduced != all) {
      group.inner = reduced;
      return true;
    }
    place.complete = false;
    uint32_t inner = group.inner;
    if (!inner && reduced != all) {
      uint32_t chosen = reduced & last ? reduced : ~reduced & all;
      for (uint32_t bit = last; bit & chosen; bit >>= 1) inner |= bit;
    }
    if ((reduced & inner) && (reduced & inner) != inner) return false;
    uint32_t kept = all & ~reduced & ~inner;
    if (group.accumulates && (kept != group.kept || (group.inner && group.inner != inner))) return false;
    group.inner = inner;
    group.kept = kept;
    group.accumulates = true;
    return true;
  }

  bool join_reduction(Node* node, int index, Place& place) {
    Group& group = result.groups[index];
    std::vector<int> dims;
    Node* x = node->inputs[0].get();
    if (!placed_axes(x, index, dims)) {
      dims = identity(sizes.dims(x), group);
      if (!dims.empty() && dims[0] == -2) return false;
    }
    for (int axis = 0; axis < x->type.rank(); ++axis)
      if (dims[axis] < 0 && !sizes.of(dim(Var(x), axis)).is(1))
        return false;  // a repeated axis of a local value
    uint32_t from = mask_of(dims), rows = group.all() & ~group.inner;
    bool row_value = group.inner && from == rows;
    if (from != group.all() && !row_value) return false;
    uint32_t reduced = 0;
    for (int axis = 0; axis < x->type.rank(); ++axis) {
      bool gone = std::find(node->attrs.ints.begin(), node->attrs.ints.end(), axis) != node->attrs.ints.end();
      if (!gone)
        place.dims.push_back(dims[axis]);
      else if (dims[axis] >= 0)
        reduced |= uint32_t{1} << dims[axis];
    }
    place.mask = mask_of(place.dims);
    return row_value ? place_row_sum(group, reduced, place) : place_reduction(group, reduced, place);
  }

  // A reduction of row values: over all rows, or over those that other accumulations run over.
  static bool place_row_sum(Group& group, uint32_t reduced, Place& place) {
    uint32_t kept = group.all() & ~group.inner & ~reduced;
    if (!reduced) return true;
    if (group.accumulates && kept != group.kept) return false;
    group.kept = kept;
    group.accumulates = true;
    place.complete = false;
    return true;
  }

  bool join_elementwise(Node* node, int index, Place& place) {
    Group& group = result.groups[index];
    std::vector<Size> shape = sizes.dims(node);
    place.dims = identity(shape, group);
    bool full = place.dims.empty() || place.dims[0] != -2;
    if (!full || group.dims.empty()) place.dims = inherited(node, index, shape);
    if (!place.dims.empty() && place.dims[0] == -2) return false;
    place.mask = mask_of(place.dims);
    bool row_value = group.inner && place.mask == (group.all() & ~group.inner);
    return (place.mask == group.all() || row_value) && agrees(node, index, place.dims);
  }

  bool join(Node* node, int index, Place& place) {
    Group& group = result.groups[index];
    if (group.special || group.cost > max_group_cost) return false;
    if (group.nodes.size() > max_group_nodes || group.reads > max_group_reads) return false;
    place = {.group = index, .dims = {}};
    Group before = {.dims = {}, .inner = group.inner, .kept = group.kept, .accumulates = group.accumulates};
    bool joined = node->op->kind == OpKind::Reduction ? join_reduction(node, index, place)
                                                      : join_elementwise(node, index, place);
    if (!joined) {
      group.inner = before.inner;
      group.kept = before.kept;
      group.accumulates = before.accumulates;
    }
    return joined;
  }

  int new_group(std::vector<Size> dims, bool special) {
    int index = static_cast<int>(result.groups.size());
    if (!special) by_dims[key(dims)].push_back(index);
    Group group;
    group.dims = std::move(dims);
    group.special = special;
    result.groups.push_back(std::move(group));
    return index;
  }

  // Groups to offer the node to: those with most of its inputs first, then the latest, where its users will
  // be.
  std::vector<int> candidates(Node* node, int first) {
    std::vector<int> list;
    auto offer = [&](int index) {
      if (index >= first && std::find(list.begin(), list.end(), index) == list.end()) list.push_back(index);
    };
    for (const Var& input : node->inputs)
      if (const Place* place = result.find(source_of(input.get()))) offer(place->group);
    auto known = by_dims.find(key(without_units(iteration_dims(node))));
    if (known != by_dims.end())
      for (size_t k = known->second.size(), tries = 0; k-- > 0 && tries < groups_to_try; ++tries)
        offer(known->second[k]);
    auto better = [&](int a, int b) {
      int in_a = count_local(node, a), in_b = count_local(node, b);
      return in_a != in_b ? in_a > in_b : a > b;
    };
    std::sort(list.begin(), list.end(), better);
    return list;
  }

  // Inputs of `node` that are computed in the group.
  int count_local(Node* node, int group) {
    return static_cast<int>(std::count_if(node->inputs.begin(), node->inputs.end(), [&](const Var& x) {
      const Place* place = result.find(source_of(x.get()));
      return place && place->group == group;
    }));
  }

  // Results of a call, which come from its group.
  void place_output(Node* node) {
    int group = result.places.at(node->inputs[0].get()).group;
    result.groups[group].nodes.push_back(node);
    result.places[node] = {.group = group, .dims = {}, .mask = 0, .complete = false};
  }

  void place(Node* node) {
    if (node->op == &output_op) return place_output(node);
    int first = earliest(node);
    Place place;
    int index = -1;
    if (!is_special(*node))
      for (int candidate : candidates(node, first))
        if (join(node, candidate, place)) {
          index = candidate;
          break;
        }
    if (index < 0) {
      index = new_group(is_special(*node) ? std::vector<Size>{} : without_units(iteration_dims(node)),
                        is_special(*node));
      if (is_special(*node))
        place = {.group = index, .dims = {}, .mask = 0, .complete = false};
      else
        join(node, index, place);
    }
    result.groups[index].nodes.push_back(node);
    result.groups[index].cost += node->op->cost;
    result.groups[index].reads += static_cast<int>(node->inputs.size()) - count_local(node, index);
    result.places[node] = std::move(place);
  }

  void read(const Var& x, int reader) {
    Node* source = source_of(x.get());
    const Place* place = result.find(source);
    if (place && (place->group != reader || !place->complete)) result.materialized.insert(source);
  }
};

}  // namespace

bool is_inline(const Node* node, SizeTable& sizes) {
  if (is_complex(node->type.dtype)) return false;
  if (node->op == &iota_op || (is_constant(Var(const_cast<Node*>(node))) && node->type.rank() == 0))
    return true;
  if (node->type.rank() != 0 || node->op == &copy_op) return false;
  if (sizes.find(Var(const_cast<Node*>(node)))) return true;
  if (node->op->kind != OpKind::Elementwise || node->op->cost > 8) return false;
  return std::all_of(node->inputs.begin(), node->inputs.end(),
                     [&](const Var& x) { return is_inline(x.get(), sizes); });
}

Fusion fuse(std::span<Node* const> order, std::span<const Var> outputs, SizeTable& sizes) {
  Fuser fuser{sizes, {}, {}};
  for (Node* node : order) {
    OpKind kind = node->op->kind;
    if (kind == OpKind::Leaf || kind == OpKind::Size || is_view(*node) || is_inline(node, sizes)) continue;
    fuser.place(node);
  }
  for (auto& [node, place] : fuser.result.places)
    if (node->op != &output_op)
      for (const Var& input : node->inputs) fuser.read(input, place.group);
  for (const Var& output : outputs) fuser.read(output, -1);
  return std::move(fuser.result);
}

}  // namespace croton

#include "schedule/lower.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <tuple>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "schedule/views.h"

namespace croton {

int BufferMap::of(Node* node) {
  auto [it, fresh] = index.try_emplace(node, static_cast<int>(program.buffers.size()));
  if (fresh) {
    BufferKind kind = node->op == &input_op      ? BufferKind::Argument
                      : node->op == &shared_op   ? BufferKind::Shared
                      : node->op == &constant_op ? BufferKind::Constant
                                                 : BufferKind::Intermediate;
    program.buffers.push_back({kind, node->type.dtype, program.sizes->dims(node), node});
  }
  return it->second;
}

namespace {

constexpr int recompute_limit = 12;  // instructions; a costlier value is kept for later passes instead

// Builds one nest. Loop positions: kept dims, then the other rows, then the inner dims.
class Lowering {
 public:
  Lowering(const Fusion& fusion, BufferMap& buffers, SizeTable& sizes)
      : fusion_(fusion), buffers_(buffers), sizes_(sizes) {}

  LoopNest group(int index) {
    group_ = &fusion_.groups[index];
    index_ = index;
    order_loops(group_->dims, group_->kept, group_->inner);
    free_split_ = !group_->inner;
    for (Node* node : group_->nodes) find_stage(node);
    for (Node* node : group_->nodes)
      for (const Var& input : node->inputs)
        if (Node* x = local(input)) keep_for(x, stages_[node]);
    for (Node* node : group_->nodes) finish(node);
    return take();
  }

  LoopNest copy(Node* x, int buffer, std::vector<Size> strides, Size offset) {
    order_loops(sizes_.dims(x), 0, 0);
    Place place{.group = -1, .dims = {}};
    for (int axis = 0; axis < x->type.rank(); ++axis) place.dims.push_back(axis);
    int value = read(Var(x), place, 0);
    store({value}, {buffer, x->type.dtype, std::move(strides), std::move(offset), true}, 0, x);
    return take();
  }

  LoopNest check(Node* node) {
    const Var& index = node->inputs[2];
    order_loops(sizes_.dims(index), 0, 0);
    Place all{.group = -1, .dims = {}};
    for (int d = 0; d < index.rank(); ++d) all.dims.push_back(d);
    append_indexed(
        {.kind = StepKind::Check, .dtype = DType::Int64, .args = {read(index, all, 0)}, .node = node});
    return take();
  }

  LoopNest scatter(Node* node, int buffer) {
    const Var &x = node->inputs[1], &index = node->inputs[2];
    int axis = static_cast<int>(node->attrs.ints[0]), count = index.rank();
    order_loops(sizes_.dims(x), 0, 0);
    Place all{.group = -1, .dims = {}}, along{.group = -1, .dims = {}};
    for (int d = 0; d < x.rank(); ++d) all.dims.push_back(d);
    for (int d = 0; d < count; ++d) along.dims.push_back(axis + d);
    std::vector<Size> into = dense_strides(sizes_.dims(node));
    Access access{buffer, x.dtype(), std::vector<Size>(x.rank()), 0, true};
    for (int d = 0; d < x.rank(); ++d)
      if (d < axis || d >= axis + count) access.strides[d] = into[d < axis ? d : d - count + 1];
    int where = read(index, along, 0), value = read(x, all, 0);
    append_indexed({.kind = StepKind::Scatter,
                    .dtype = x.dtype(),
                    .op = scatter_fold(static_cast<ScatterMode>(node->attrs.ints[1])),
                    .args = {where, value},
                    .access = add(access),
                    .stride = into[axis],
                    .node = node});
    nest_.serial = true;
    return take();
  }

 private:
  const Fusion& fusion_;
  BufferMap& buffers_;
  SizeTable& sizes_;
  const Group* group_ = nullptr;
  int index_ = -1;
  bool free_split_ = true;  // nothing depends on where rows end and inner loops begin
  LoopNest nest_;
  std::vector<int> position_;  // of each group dim among the loops
  std::unordered_map<const Node*, int> stages_, costs_, spilled_;
  std::map<std::pair<const Node*, int>, int> values_;  // node and pass -> step
  std::unordered_map<const Node*, int> inverses_;
  std::map<std::tuple<int, int, int>, int> loads_;  // access, pass and part -> step

  static const OpSpec* scatter_fold(ScatterMode mode) {
    switch (mode) {
      case ScatterMode::Add: return &sum_op;
      case ScatterMode::Max: return &max_op;
      case ScatterMode::Min: return &min_op;
      case ScatterMode::Set: break;
    }
    return nullptr;
  }

  void append_indexed(Step step) {
    step.size = sizes_.of(dim(Var(const_cast<Node*>(step.node)), static_cast<int>(step.node->attrs.ints[0])));
    nest_.passes[0].inner.push_back(push(std::move(step)));
  }

  // ---- loops

  void order_loops(const std::vector<Size>& dims, uint32_t kept, uint32_t inner) {
    if (!inner && !dims.empty() && !kept) inner = uint32_t{1} << (dims.size() - 1);
    position_.assign(dims.size(), 0);
    auto append = [&](uint32_t set) {
      for (size_t d = 0; d < dims.size(); ++d)
        if (set >> d & 1) {
          position_[d] = static_cast<int>(nest_.extents.size());
          nest_.extents.push_back(dims[d]);
        }
    };
    append(kept);
    nest_.kept_dims = static_cast<int>(nest_.extents.size());
    append(~(kept | inner));
    nest_.row_dims = static_cast<int>(nest_.extents.size());
    append(inner & ~kept);
    nest_.passes.resize(1);
  }

  size_t loops() const { return nest_.extents.size(); }

  LoopNest take() {
    collapse(nest_, free_split_);
    return std::move(nest_);
  }

  // ---- which pass computes what

  bool varies_inside(uint32_t mask) const {
    for (size_t d = 0; d < position_.size(); ++d)
      if (mask >> d & 1 && position_[d] >= nest_.row_dims) return true;
    return false;
  }

  bool is_row_value(const Node* node) const { return !varies_inside(fusion_.find(node)->mask); }

  // The node of this group that `x` shows, or null if it is read from memory.
  Node* local(const Var& x) const {
    Node* source = source_of(x.get());
    const Place* place = fusion_.find(source);
    return place && place->group == index_ && place->complete ? source : nullptr;
  }

  // Dims that a reduction runs over.
  uint32_t reduced(const Node* node) const { return group_->all() & ~fusion_.find(node)->mask; }

  void find_stage(Node* node) {
    int stage = 0, cost = node->op->cost;
    for (const Var& input : node->inputs)
      if (Node* x = local(input)) {
        bool ends_pass = x->op->kind == OpKind::Reduction && reduced(x);
        stage = std::max(stage, stages_[x] + (ends_pass ? 1 : 0));
        cost += costs_[x];
      }
    stages_[node] = stage;
    costs_[node] = is_row_value(node) ? 0 : std::min(cost, 1 << 20);
    size_t needed = stage + (node->op->kind == OpKind::Reduction ? 2 : 1);
    if (nest_.passes.size() < needed) nest_.passes.resize(needed);
  }

  // A value of an earlier pass that pass `stage` reads is stored if computing it again costs too much.
  void keep_for(Node* x, int stage) {
    if (is_row_value(x) || stages_[x] >= stage || spilled_.count(x)) return;
    if (costs_[x] > recompute_limit) {
      spilled_[x] = -1;
      return;
    }
    for (const Var& input : x->inputs)
      if (Node* y = local(input)) keep_for(y, stage);
  }

  // ---- steps

  int push(Step step) {
    nest_.steps.push_back(std::move(step));
    return static_cast<int>(nest_.steps.size()) - 1;
  }

  int add(Access access) {
    for (size_t i = 0; i < nest_.accesses.size(); ++i) {
      const Access& a = nest_.accesses[i];
      if (a.buffer == access.buffer && a.strides == access.strides && a.offset == access.offset &&
          a.dtype == access.dtype) {
        nest_.accesses[i].written |= access.written;
        return static_cast<int>(i);
      }
    }
    nest_.accesses.push_back(std::move(access));
    return static_cast<int>(nest_.accesses.size()) - 1;
  }

  // 0: invariant, 1: once a row, 2: inside.
  int level(const std::vector<Size>& strides) const {
    int level = 0;
    for (size_t d = 0; d < strides.size(); ++d)
      if (!strides[d].is(0)) level = std::max(level, static_cast<int>(d) < nest_.row_dims ? 1 : 2);
    return level;
  }

  int emit(Step step, int level, int pass) {
    int id = push(std::move(step));
    (level == 0   ? nest_.invariant
     : level == 1 ? nest_.passes[pass].row
                  : nest_.passes[pass].inner)
        .push_back(id);
    return id;
  }

  std::vector<AffineIndex> index_of(const Var& x, const Place& place) const {
    std::vector<AffineIndex> index(x.rank(), {std::vector<Size>(loops()), 0});
    for (int axis = 0; axis < x.rank(); ++axis) {
      int k = axis + static_cast<int>(place.dims.size()) - x.rank();
      if (k >= 0 && place.dims[k] >= 0 && !is_unit(x, axis))
        index[axis].strides[position_[place.dims[k]]] = 1;
    }
    return index;
  }

  bool is_unit(const Var& x, int axis) const { return sizes_.of(dim(x, axis)).is(1); }

  int constant(const Node* node) {
    Step step{.kind = StepKind::Constant, .dtype = node->type.dtype, .node = node};
    std::memcpy(&step.bits, node->attrs.value->data.get(), std::min<size_t>(8, size_of(step.dtype)));
    return memo(node, -1, [&] { return emit(step, 0, 0); });
  }

  template <class Make>
  int memo(const Node* node, int pass, Make make) {
    auto it = values_.find({node, pass});
    if (it != values_.end()) return it->second;
    int id = make();
    values_[{node, pass}] = id;
    return id;
  }

  // Scalars made of constants and sizes, computed once before the loops.
  int inlined(Node* node) {
    if (node->op == &constant_op) return constant(node);
    if (std::optional<Size> size = sizes_.find(Var(node)))
      return memo(node, -1, [&] {
        int id =
            emit({.kind = StepKind::Parameter, .dtype = DType::Int64, .size = *size, .node = node}, 0, 0);
        if (node->type.dtype == DType::Int64) return id;
        return emit(
            {.kind = StepKind::Apply, .dtype = node->type.dtype, .op = &cast_op, .args = {id}, .node = node},
            0, 0);
      });
    return memo(node, -1, [&] {
      Step step{.kind = StepKind::Apply, .dtype = node->type.dtype, .op = node->op, .node = node};
      for (const Var& x : node->inputs) step.args.push_back(inlined(source_of(x.get())));
      return emit(step, 0, 0);
    });
  }

  // The value of input `x` at the element that `place` describes, in pass `pass`.
  int read(const Var& x, const Place& place, int pass) {
    if (Node* source = local(x)) return value(source, pass);
    Node* source = source_of(x.get());
    if (is_inline(source, sizes_) && source->op != &iota_op) return inlined(source);
    if (source->op == &iota_op) return position(source, x, place, pass);
    FlatIndex flat = resolve(x.get(), index_of(x, place), sizes_, loops());
    if (source->op == &matmul_op) free_split_ = false;  // keeps its rows and columns apart, to follow it
    Access access{buffers_.of(source), source->type.dtype, std::move(flat.strides), std::move(flat.offset)};
    int part = part_of(x.get());
    if (part < 0) return load(std::move(access), pass, source);
    // Both at once: where the result is written over the operand, before the first store.
    int both[] = {at(StepKind::Load, access, pass, source, 0), at(StepKind::Load, access, pass, source, 1)};
    return both[part];
  }

  int load(Access access, int pass, const Node* node) {
    return at(StepKind::Load, std::move(access), pass, node);
  }

  int at(StepKind kind, Access access, int pass, const Node* node, int part = -1) {
    int lv = level(access.strides), id = add(std::move(access));
    auto [made, fresh] = loads_.try_emplace({id, lv == 2 ? pass : -1, part});
    if (fresh) {
      DType dtype = nest_.accesses[id].dtype;
      if (part >= 0) dtype = real_type(dtype);
      Step step{.kind = kind, .dtype = dtype, .access = id, .part = part, .node = node};
      made->second = emit(step, lv, lv == 2 ? pass : 0);
    }
    return made->second;
  }

  // An iota seen through views: its index along its axis is affine in the loops.
  int position(Node* source, const Var& x, const Place& place, int pass) {
    AffineIndex along = resolve_axes(x.get(), index_of(x, place), sizes_, loops())[source->attrs.ints[0]];
    Access access{no_buffer, DType::Int64, std::move(along.strides), std::move(along.constant)};
    return at(StepKind::Index, std::move(access), pass, source);
  }

  // The step that holds `node` in `pass`, made on demand.
  int value(Node* node, int pass) {
    bool row = is_row_value(node);
    int stage = stages_[node];
    if (row) return memo(node, -1, [&] { return compute(node, stage); });
    if (pass > stage && spilled_.count(node))
      return memo(node, pass, [&] { return load(kept_at(node), pass, node); });
    return memo(node, pass, [&] { return compute(node, pass); });
  }

  int compute(Node* node, int pass) {
    const Place& place = *fusion_.find(node);
    if (node->op->kind == OpKind::Reduction) return reduction(node, pass);
    if (node->op == &take_op) return gather(node, pass);
    Step step{.kind = StepKind::Apply, .dtype = node->type.dtype, .op = node->op, .node = node};
    if (Node* divisor = row_divisor(node)) {
      step.op = &find_op("mul");
      step.args = {read(node->inputs[0], place, pass), inverse(divisor)};
    } else {
      for (const Var& x : node->inputs) step.args.push_back(read(x, place, pass));
    }
    return emit(step, is_row_value(node) ? row_level(place) : 2, pass);
  }

  // The row value that `node` divides every element of a row by: one division a row is enough, and costs at
  // most one more rounding.
  Node* row_divisor(const Node* node) const {
    if (node->op->name != "true_div" || is_row_value(node)) return nullptr;
    Node* divisor = local(node->inputs[1]);
    return divisor && is_row_value(divisor) ? divisor : nullptr;
  }

  int inverse(Node* divisor) {
    auto [made, fresh] = inverses_.try_emplace(divisor);
    if (!fresh) return made->second;
    int value_id = value(divisor, stages_[divisor]);
    bool reduction = divisor->op->kind == OpKind::Reduction && reduced(divisor);
    Step step{.kind = StepKind::Apply,
              .dtype = divisor->type.dtype,
              .op = &find_op("reciprocal"),
              .args = {value_id},
              .node = divisor};
    return inverses_[divisor] = emit(step, 1, stages_[divisor] + reduction);
  }

  int row_level(const Place& place) const {
    return place.mask ? 1 : group_->inner || group_->accumulates ? 1 : 0;
  }

  int reduction(Node* node, int pass) {
    Place from = input_place(node);
    int x = read(node->inputs[0], from, pass);
    if (!reduced(node)) return x;
    Step step{.kind = StepKind::Reduce, .dtype = node->type.dtype, .op = node->op, .args = {x}, .node = node};
    return emit(step, 2, pass);
  }

  // Where the elements that a reduction combines lie.
  Place input_place(Node* node) const {
    const Place& place = *fusion_.find(node);
    int rank = node->inputs[0].rank(), kept = 0;
    Place from{.group = index_, .dims = std::vector<int>(rank, -1), .mask = group_->all()};
    uint32_t rest = group_->all() & ~place.mask;
    for (int axis = 0; axis < rank; ++axis) {
      bool gone = std::find(node->attrs.ints.begin(), node->attrs.ints.end(), axis) != node->attrs.ints.end();
      if (!gone) {
        from.dims[axis] = place.dims[kept++];
      } else if (!is_unit(node->inputs[0], axis)) {
        from.dims[axis] = std::countr_zero(rest);
        rest &= rest - 1;
      }
    }
    return from;
  }

  int gather(Node* node, int pass) {
    const Place& place = *fusion_.find(node);
    const Var &x = node->inputs[0], &index = node->inputs[1];
    int axis = static_cast<int>(node->attrs.ints[0]), count = index.rank();
    Place at{.group = index_, .dims = {}};
    for (int k = 0; k < count; ++k) at.dims.push_back(place.dims[axis + k]);
    int level = is_row_value(node) ? row_level(place) : 2;
    if (wraps_positions(*node)) {
      Step step{
          .kind = StepKind::Check, .dtype = DType::Int64, .args = {read(index, at, pass)}, .node = node};
      step.size = sizes_.of(dim(x, axis));
      return emit(step, level, pass);
    }
    std::vector<AffineIndex> outer(x.rank(), {std::vector<Size>(loops()), 0}), unit = outer;
    for (int d = 0; d < x.rank(); ++d)
      if (int k = d < axis ? d : d + count - 1; d != axis && place.dims[k] >= 0)
        outer[d].strides[position_[place.dims[k]]] = 1;
    FlatIndex base = resolve(x.get(), outer, sizes_, loops());
    unit[axis].constant = 1;
    FlatIndex next = resolve(x.get(), unit, sizes_, loops());
    FlatIndex origin = resolve(x.get(), std::vector<AffineIndex>(x.rank(), {std::vector<Size>(loops()), 0}),
                               sizes_, loops());
    Step step{
        .kind = StepKind::Gather, .dtype = node->type.dtype, .args = {read(index, at, pass)}, .node = node};
    step.access = add({buffers_.of(base.source), base.source->type.dtype, base.strides, base.offset});
    step.part = part_of(x.get());
    step.size = sizes_.of(dim(x, axis));
    step.stride = next.offset - origin.offset;
    return emit(step, level, pass);
  }

  // ---- results

  // Dense positions in the node's own buffer.
  Access own_access(Node* node) {
    const Place& place = *fusion_.find(node);
    Access access{buffers_.of(node), node->type.dtype, std::vector<Size>(loops()), 0, true};
    std::vector<Size> strides = dense_strides(sizes_.dims(node));
    for (size_t axis = 0; axis < strides.size(); ++axis)
      if (place.dims[axis] >= 0) access.strides[position_[place.dims[axis]]] = strides[axis];
    return access;
  }

  // Where a value waits for a later pass: its own buffer if it has one, else a row of scratch memory.
  Access kept_at(Node* node) {
    if (fusion_.materialized.count(node)) return own_access(node);
    // Slots are counted in 8 bytes an element, so that slots of different dtypes never overlap.
    int64_t slot = spilled_[node] * static_cast<int64_t>(8 / size_of(node->type.dtype));
    std::vector<Size> inner(nest_.extents.begin() + nest_.row_dims, nest_.extents.end());
    std::vector<Size> strides = dense_strides(inner);
    Access access{scratch_buffer, node->type.dtype, std::vector<Size>(loops()), Size(slot) * product(inner),
                  true};
    for (size_t d = 0; d < strides.size(); ++d) access.strides[nest_.row_dims + d] = strides[d];
    return access;
  }

  void store(std::vector<int> values, Access access, int pass, const Node* node, int at_level = 2) {
    DType dtype = values.size() == 2 ? real_type(access.dtype) : access.dtype;
    Step step{.kind = StepKind::Store, .dtype = dtype, .args = std::move(values), .node = node};
    step.access = add(std::move(access));
    emit(step, at_level, pass);
  }

  // Computes a node in its own pass, and stores it if others read it.
  void finish(Node* node) {
    int stage = stages_[node];
    bool accumulated = !fusion_.find(node)->complete;
    if (accumulated) return accumulate(node, stage);
    if (!fusion_.materialized.count(node) && !spilled_.count(node)) return;
    if (node->op == &complex_op) return store_parts(node, stage);
    int id = value(node, stage);
    bool is_reduction = node->op->kind == OpKind::Reduction && reduced(node);
    if (spilled_.count(node) && !fusion_.materialized.count(node))
      spilled_[node] = static_cast<int>(
          std::count_if(spilled_.begin(), spilled_.end(), [](auto& s) { return s.second >= 0; }));
    if (is_row_value(node))
      store({id}, own_access(node), stage + is_reduction, node, 1);
    else
      store({id}, kept_at_or_own(node), stage, node);
  }

  // A pair is stored and never a value.
  void store_parts(Node* node, int stage) {
    const Place& place = *fusion_.find(node);
    std::vector<int> parts;
    for (const Var& x : node->inputs) parts.push_back(read(x, place, stage));
    store(std::move(parts), own_access(node), stage, node, is_row_value(node) ? 1 : 2);
  }

  Access kept_at_or_own(Node* node) {
    return fusion_.materialized.count(node) ? own_access(node) : kept_at(node);
  }

  void accumulate(Node* node, int pass) {
    Node* source = local(node->inputs[0]);
    bool of_rows = source && is_row_value(source);
    int x = of_rows ? value(source, pass) : read(node->inputs[0], input_place(node), pass);
    Step step{.kind = StepKind::Accumulate, .dtype = node->type.dtype, .op = node->op, .node = node};
    step.access = add(own_access(node));
    if (of_rows || varies_inside(fusion_.find(node)->mask)) {
      step.args = {x};
      emit(step, of_rows ? 1 : 2, pass);
    } else {
      Step inner{
          .kind = StepKind::Reduce, .dtype = node->type.dtype, .op = node->op, .args = {x}, .node = node};
      step.args = {emit(inner, 2, pass)};
      emit(step, 1, pass + 1);
    }
  }
};

}  // namespace

LoopNest lower(const Fusion& fusion, int index, BufferMap& buffers, SizeTable& sizes) {
  return Lowering(fusion, buffers, sizes).group(index);
}

LoopNest lower_copy(Node* x, int buffer, std::vector<Size> strides, Size offset, const Fusion& fusion,
                    BufferMap& buffers, SizeTable& sizes) {
  return Lowering(fusion, buffers, sizes).copy(x, buffer, std::move(strides), std::move(offset));
}

LoopNest lower_check(Node* node, const Fusion& fusion, BufferMap& buffers, SizeTable& sizes) {
  return Lowering(fusion, buffers, sizes).check(node);
}

LoopNest lower_scatter(Node* node, int buffer, const Fusion& fusion, BufferMap& buffers, SizeTable& sizes) {
  return Lowering(fusion, buffers, sizes).scatter(node, buffer);
}

}  // namespace croton

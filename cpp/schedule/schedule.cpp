#include <algorithm>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/host.h"
#include "ops/ifelse.h"
#include "ops/scan.h"
#include "schedule/branches.h"
#include "schedule/fuse.h"
#include "schedule/loops.h"
#include "schedule/lower.h"
#include "schedule/lower_convolution.h"
#include "schedule/order.h"
#include "schedule/prepare.h"
#include "schedule/program.h"
#include "schedule/views.h"

namespace croton {
namespace {

// The 0-d constant that `x` repeats, or an empty Var.
Var repeated_number(const Var& x) {
  Var source(source_of(x.get()));
  return is_constant(source) && source.rank() == 0 ? source : Var();
}

class Scheduler {
 public:
  Scheduler(Program& program, const Fusion& fusion)
      : program_(program), fusion_(fusion), sizes_(*program.sizes), buffers_{program, {}} {}

  void run() {
    find_nested();
    for (size_t index = 0; index < fusion_.groups.size(); ++index) {
      const Group& group = fusion_.groups[index];
      if (group.special)
        special(group);
      else
        launch(lower(fusion_, static_cast<int>(index), buffers_, sizes_));
    }
    int k = 0;
    for (const Var& root : program_.roots) {
      int buffer = buffers_.of(source_of(root.get()));
      program_.buffers[buffer].kind = BufferKind::Output;
      program_.buffers[buffer].dims = sizes_.dims(root);
      program_.buffers[buffer].index = k++;
      program_.outputs.push_back(buffer);
    }
  }

 private:
  Program& program_;
  const Fusion& fusion_;
  SizeTable& sizes_;
  BufferMap buffers_;
  Var filled_;                              // the number that the array being made already has everywhere
  std::unordered_set<const Node*> nested_;  // concatenations that are made in their place in another one

  void find_nested() {
    std::unordered_map<const Node*, int> reads;
    for (const Group& group : fusion_.groups)
      for (const Node* node : group.nodes)
        for (const Var& x : node->inputs) ++reads[source_of(x.get())];
    for (const Var& root : program_.roots) ++reads[source_of(root.get())];
    for (const Group& group : fusion_.groups) {
      if (group.nodes[0]->op != &concatenate_op) continue;
      for (const Var& part : group.nodes[0]->inputs)
        if (part->op == &concatenate_op && reads[part.get()] == 1) nested_.insert(part.get());
    }
  }

  void launch(LoopNest nest) { program_.launches.push_back({.nest = std::move(nest)}); }

  void special(const Group& group) {
    Node* node = group.nodes[0];
    if (node->op->kind == OpKind::Library) return call(group.nodes);
    if (nested_.count(node)) return;
    int buffer = buffers_.of(node);
    if (node->op == &matmul_op) return matmul(node, buffer);
    if (node->op == &correlate_op || node->op == &correlate_transposed_op)
      return lower_convolution(node, program_, buffers_, sizes_);
    if (node->op == &concatenate_op) {
      fill_borders(node, buffer);
      return concatenate(node, buffer, dense_strides(sizes_.dims(node)), 0);
    }
    if (node->op == &set_slice_op) return set_slice(node, buffer);
    if (node->op == &scatter_op) return scatter(node, buffer);
    throw InternalError("no schedule for op " + std::string(node->op->name));
  }

  void copy(Node* x, int buffer, std::vector<Size> strides, Size offset) {
    launch(lower_copy(x, buffer, std::move(strides), std::move(offset), fusion_, buffers_, sizes_));
  }

  // Parts that repeat one number, as borders do, are cheapest as a whole array of it, over which the others
  // go.
  void fill_borders(Node* node, int buffer) {
    filled_ = Var();
    int borders = 0;
    for (const Var& part : node->inputs) {
      Var number = repeated_number(part);
      if (!number || (filled_ && !same(number, filled_))) continue;
      filled_ = number;
      ++borders;
    }
    if (borders < 2) filled_ = Var();
    if (filled_) {
      std::vector<Size> dims = sizes_.dims(node);
      program_.kept.push_back(broadcast_to(filled_, shape_of(Var(node))));
      copy(program_.kept.back().get(), buffer, dense_strides(dims), 0);
    }
  }

  void concatenate(Node* node, int buffer, const std::vector<Size>& strides, Size offset) {
    int64_t axis = node->attrs.ints[0];
    for (const Var& part : node->inputs) {
      if (nested_.count(part.get()))
        concatenate(part.get(), buffer, strides, offset);
      else if (Var number = repeated_number(part); !filled_ || !number || !same(number, filled_))
        copy(part.get(), buffer, strides, offset);
      offset = offset + sizes_.of(dim(part, static_cast<int>(axis))) * strides[axis];
    }
  }

  void set_slice(Node* node, int buffer) {
    std::vector<Size> strides = dense_strides(sizes_.dims(node));
    copy(node->inputs[0].get(), buffer, strides, 0);
    int64_t axis = node->attrs.ints[0];
    Size offset = sizes_.of(node->inputs[2]) * strides[axis];
    strides[axis] = strides[axis] * Size(node->attrs.ints[1]);
    copy(node->inputs[1].get(), buffer, std::move(strides), std::move(offset));
  }

  void scatter(Node* node, int buffer) {
    launch(lower_check(node, fusion_, buffers_, sizes_));
    program_.launches.back().guard = true;
    copy(node->inputs[0].get(), buffer, dense_strides(sizes_.dims(node)), 0);
    launch(lower_scatter(node, buffer, fusion_, buffers_, sizes_));
  }

  // Operand `x` of a product, whose loops are the batch and then its own two axes.
  Access operand(const Var& x, size_t batch) {
    size_t loops = batch + 2;
    std::vector<AffineIndex> index(x.rank(), {std::vector<Size>(loops), 0});
    for (int axis = 0; axis < x.rank(); ++axis) {
      size_t loop = loops - x.rank() + axis;
      if (!sizes_.of(dim(x, axis)).is(1)) index[axis].strides[loop] = 1;
    }
    FlatIndex flat = resolve(x.get(), std::move(index), sizes_, loops);
    if (int part = part_of(x.get()); part >= 0) {  // every second number
      for (Size& stride : flat.strides) stride = stride * Size(2);
      flat.offset = flat.offset * Size(2) + Size(part);
    }
    return {buffers_.of(flat.source), x.dtype(), std::move(flat.strides), std::move(flat.offset)};
  }

  void matmul(Node* node, int buffer) {
    const Var &a = node->inputs[0], &b = node->inputs[1];
    std::vector<Size> dims = sizes_.dims(node);
    size_t batch = dims.size() - 2;
    auto product = std::make_unique<Product>();
    product->dtype = node->type.dtype;
    product->batch.assign(dims.begin(), dims.begin() + batch);
    product->rows = {dims[batch]};
    product->columns = {dims[batch + 1]};
    product->terms = {sizes_.of(dim(a, a.rank() - 1))};
    product->a = operand(a, batch);
    product->b = operand(b, batch);
    product->c = {buffer, node->type.dtype, dense_strides(dims), 0, true};
    product->node = node;
    program_.launches.push_back({.product = std::move(product)});
  }

  // Where input `i` of a loop lies.
  RowBlock block_of(const Node& loop, size_t i) {
    Node* x = loop.inputs[i].get();
    if (is_sequence(loop, i)) return row_block(x, sizes_).value_or(RowBlock{0, 1});
    return {block_offset(x, sizes_).value_or(0), 1};
  }

  // The node of a call, and its results after the first that somebody reads.
  void call(const std::vector<Node*>& nodes) {
    Node* node = nodes[0];
    auto call = std::make_unique<Call>();
    call->node = node;
    for (size_t i = 0; i < node->inputs.size(); ++i) {
      const Var& x = node->inputs[i];
      call->buffers.push_back(is_size_input(*node, i) ? no_buffer : buffers_.of(source_of(x.get())));
      call->dims.push_back(sizes_.dims(x));
      if (node->op == &scan_op) call->blocks.push_back(block_of(*node, i));
    }
    size_t first = call->buffers.size();
    for (const ResultSpec& result : node->op->results(node->inputs, node->attrs)) {
      call->buffers.push_back(no_buffer);
      call->dims.emplace_back();
      for (const Var& size : result.sizes) call->dims.back().push_back(sizes_.of(size));
    }
    if (fusion_.materialized.count(node)) call->buffers[first] = buffers_.of(node);
    for (Node* output : std::span(nodes).subspan(1))
      call->buffers[first + output->attrs.ints[0]] = buffers_.of(output);
    if (node->op == &scan_op) call->loop = std::make_shared<ScheduledLoop>(schedule_loop(*call, sizes_));
    if (node->op == &lazy_ifelse_op)
      call->branches = std::make_shared<ScheduledBranches>(schedule_branches(*call));
    program_.launches.push_back({.call = std::move(call)});
  }
};

// A product and what runs behind its chunks happen at once: launches `first` to `last`.
void touch(Program& program, int number, int first, int last) {
  if (number < 0) return;
  BufferInfo& buffer = program.buffers[number];
  if (buffer.last_use < buffer.first_use) buffer.first_use = first;
  buffer.last_use = last;
}

void find_lifetimes(Program& program) {
  for (BufferInfo& buffer : program.buffers) {
    buffer.first_use = 0;
    buffer.last_use = -1;
  }
  int count = static_cast<int>(program.launches.size());
  for (int i = 0, first = 0, last = 0; i < count; ++i) {
    const Launch& launch = program.launches[i];
    if (!launch.follows) first = last = i;
    while (last + 1 < count && program.launches[last + 1].follows) ++last;
    for (const Access& access : launch.nest.accesses) touch(program, access.buffer, first, last);
    if (launch.product)
      for (const Access* access : {&launch.product->a, &launch.product->b, &launch.product->c})
        touch(program, access->buffer, first, last);
    if (launch.call)
      for (int number : launch.call->buffers) touch(program, number, first, last);
  }
}

}  // namespace

Program schedule(std::vector<Var> outputs, std::vector<const Node*> targets, std::span<const Var> written) {
  Program program;
  program.roots = prepare(std::move(outputs));
  program.kept.assign(written.begin(), written.end());
  std::vector<Node*> order = topological_order(program.roots);
  program.sizes = std::make_unique<SizeTable>(order, topological_order(written));
  Fusion fusion = fuse(order, program.roots, *program.sizes);
  Scheduler(program, fusion).run();
  attach_followers(program);
  find_in_place(program, targets);
  find_lifetimes(program);
  return program;
}

}  // namespace croton

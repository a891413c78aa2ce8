#include "runtime/executable.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/evaluate.h"
#include "graph/broadcast.h"
#include "graph/print.h"
#include "graph/scalar_io.h"
#include "ops/core_rows.h"
#include "ops/required_sizes.h"
#include "runtime/interrupts.h"
#include "runtime/launch.h"
#include "runtime/memory_pool.h"
#include "runtime/native_loop.h"
#include "runtime/thread_pool.h"

namespace croton {
namespace {

constexpr size_t max_plans = 256;

int index_of(const std::vector<Var>& leaves, const Node* node) {
  auto it =
      std::find_if(leaves.begin(), leaves.end(), [node](const Var& leaf) { return leaf.get() == node; });
  return it == leaves.end() ? -1 : static_cast<int>(it - leaves.begin());
}

int64_t apply_size_op(const Node* op, const std::vector<int64_t>& args) {
  std::vector<DType> types;
  std::vector<uint64_t> bits;
  for (size_t i = 0; i < args.size(); ++i) {
    types.push_back(op->inputs[i].dtype());
    bits.push_back(0);
    std::memcpy(&bits.back(), &args[i], size_of(types.back()));
  }
  uint64_t result = evaluate(scalar_program(*op->op, types, op->type.dtype), bits);
  return static_cast<int64_t>(load_scalar(op->type.dtype, &result));
}

std::string size_mismatch(const SizeCheck& check, int64_t a, int64_t b) {
  if (std::string stated = check.node ? requirement(*check.node) : ""; !stated.empty())
    return stated + ", given " + std::to_string(a) + " and " + std::to_string(b) +
           source_text(check.node->source);
  std::string text = check.node ? std::string(check.node->op->name) : "arguments";
  text += ": required equal sizes";
  if (check.axis >= 0) text += " along axis " + std::to_string(check.axis);
  text += ", given " + std::to_string(a) + " and " + std::to_string(b);
  if (!check.node) return text;
  for (size_t i = 0; i < check.node->inputs.size() && i < 3; ++i)
    text += (i ? " and " : " for ") + describe(check.node->inputs[i]);
  return text + source_text(check.node->source);
}

// What a step computes.
std::vector<std::string> op_names(const ScheduledLoop& loop) {
  std::vector<std::string> names;
  for (const Node* node : topological_order(loop.step))
    if (node->op->kind == OpKind::Elementwise || node->op->kind == OpKind::Reduction ||
        node->op->kind == OpKind::Contraction)
      names.emplace_back(node->op->name);
  return names;
}

// The kernels that the products of a program may need, whatever their sizes turn out to be.
std::vector<std::pair<ContractionSpec, ContractionKernel>> product_kernels(const Program& program,
                                                                           Backend& backend) {
  std::vector<std::pair<ContractionSpec, ContractionKernel>> kernels;
  for (const Launch& launch : program.launches) {
    if (!launch.product) continue;
    const Product& p = *launch.product;
    auto family = [&] {
      if (!p.is_matrix_product()) return indexed_family(p.dtype, backend.machine(), p.c.strides.back().is(2));
      bool vector = p.rows[0].is(1) || (p.columns[0].is(1) && p.c.strides[p.batch.size()].is(1));
      return contraction_family(p.dtype, backend.machine(), vector);
    };
    for (const ContractionSpec& spec : family()) {
      auto same = [&](const auto& kernel) { return kernel.first == spec; };
      if (std::none_of(kernels.begin(), kernels.end(), same)) kernels.push_back({spec, nullptr});
    }
  }
  return kernels;
}

}  // namespace

Executable::Executable(Program program, std::vector<Var> arguments, std::vector<Var> shared, Backend& backend)
    : program_(std::move(program)),
      backend_(backend),
      arguments_(std::move(arguments)),
      shared_(std::move(shared)) {
  for (const BufferInfo& buffer : program_.buffers) {
    bool argument = buffer.kind == BufferKind::Argument;
    buffer_source_.push_back(index_of(argument ? arguments_ : shared_, buffer.node));
    check_internal(!argument || buffer_source_.back() >= 0, "an input that is no argument");
  }
  for (const Atom& atom : program_.sizes->atoms()) {
    if (atom.leaf && atom.axis < 0) size_arguments_.push_back(index_of(arguments_, atom.leaf));
    if (atom.stride) stride_arguments_.push_back({index_of(arguments_, atom.leaf), atom.axis});
  }
  signature_size_ = size_arguments_.size() + stride_arguments_.size();
  for (const Var& leaf : arguments_) signature_size_ += leaf.type().dims.size();
  for (const Var& leaf : shared_) signature_size_ += leaf.type().dims.size();
  build_kernels();
}

void Executable::build_kernels() {
  const size_t count = program_.launches.size();
  code_.sources.resize(count);
  code_.kernels.resize(count);
  code_.loops.resize(count);
  code_.native.resize(count);
  code_.branches.resize(count);
  for (size_t i = 0; i < count; ++i) {
    build_loop(i);
    build_branches(i);
  }
  code_.contractions = product_kernels(program_, backend_);
  std::vector<LoadedKernel> loaded(count);
  std::unordered_map<std::string_view, size_t> first_of;  // launch of each structure
  std::vector<size_t> nests, twins(count);
  for (size_t i = 0; i < count; ++i) {
    if (!program_.launches[i].is_nest()) continue;
    code_.sources[i] = make_source(program_.launches[i].nest);
    auto [it, fresh] = first_of.try_emplace(code_.sources[i].key, i);
    twins[i] = it->second;
    if (fresh) nests.push_back(i);
  }
  // The longest first, so that no thread is left with one at the end; then those of products.
  std::stable_sort(nests.begin(), nests.end(), [&](size_t a, size_t b) {
    return program_.launches[a].nest.steps.size() > program_.launches[b].nest.steps.size();
  });
  parallel_for(static_cast<int64_t>(nests.size() + code_.contractions.size()), [&](int64_t task, int) {
    if (static_cast<size_t>(task) < nests.size()) {
      size_t i = nests[static_cast<size_t>(task)];
      loaded[i] = load_kernel(code_.sources[i], backend_);
    } else {
      auto& [spec, kernel] = code_.contractions[static_cast<size_t>(task) - nests.size()];
      kernel = reinterpret_cast<ContractionKernel>(load_kernel(spec, backend_).function);
    }
  });
  for (size_t i = 0; i < count; ++i) {
    if (!program_.launches[i].is_nest()) continue;
    if (twins[i] != i) loaded[i].function = loaded[twins[i]].function;
    code_.kernels[i] = reinterpret_cast<NestKernel>(loaded[i].function);
  }
  for (size_t i = 0; i < count; ++i) {
    const Launch& launch = program_.launches[i];
    std::vector<std::string> ops = op_names(launch.nest);
    if (launch.product) ops = {std::string(launch.product->node->op->name)};
    if (launch.call) ops = {op_label(*launch.call->node)};
    std::string name = launch.product                  ? "product"
                       : launch.call                   ? "call"
                       : launch.nest.passes.size() > 1 ? "rows"
                                                       : "map";
    reports_.push_back({name, std::move(ops), loaded[i].origin, loaded[i].milliseconds});
  }
}

std::vector<KernelReport> Executable::kernels() const {
  std::vector<KernelReport> all = reports_;
  auto add = [&](const std::shared_ptr<Executable>& inner) {
    if (!inner) return;
    std::vector<KernelReport> kernels = inner->kernels();
    all.insert(all.end(), kernels.begin(), kernels.end());
  };
  for (size_t i = 0; i < code_.loops.size(); ++i) {
    add(code_.loops[i]);
    for (const auto& side : code_.branches[i]) add(side);
    if (!code_.native[i]) continue;
    std::lock_guard lock(plans_mutex_);  // planning may compile
    for (const LoadedKernel& kernel : code_.native[i]->kernels())
      all.push_back({"loop", op_names(*program_.launches[i].call->loop), kernel.origin, kernel.milliseconds});
  }
  return all;
}

// The code of a loop, or the program of its step.
void Executable::build_loop(size_t index) {
  Call* call = program_.launches[index].call.get();
  if (!call || !call->loop) return;
  ScheduledLoop& loop = *call->loop;
  code_.native[index] = std::make_shared<NativeLoops>(loop, backend_);
  if (code_.native[index]->serves_all()) return;
  code_.loops[index] =
      std::make_shared<Executable>(std::move(loop.program), loop.arguments, std::vector<Var>{}, backend_);
}

// The programs of branches.
void Executable::build_branches(size_t index) {
  Call* call = program_.launches[index].call.get();
  if (!call || !call->branches) return;
  for (size_t k : {0, 1}) {
    ScheduledBranch& side = call->branches->sides[k];
    if (side.error.empty())
      code_.branches[index][k] =
          std::make_shared<Executable>(std::move(side.program), side.arguments, std::vector<Var>{}, backend_);
  }
}

void Executable::fill_signature(const ArgumentView* arguments, const Array* const* shared,
                                int64_t* out) const {
  for (size_t i = 0; i < arguments_.size(); ++i)
    for (size_t axis = 0; axis < arguments_[i]->type.dims.size(); ++axis) *out++ = arguments[i].shape[axis];
  for (size_t i = 0; i < shared_.size(); ++i)
    for (size_t axis = 0; axis < shared_[i]->type.dims.size(); ++axis) *out++ = shared[i]->shape[axis];
  for (int i : size_arguments_)
    *out++ = static_cast<int64_t>(load_scalar(arguments_[i]->type.dtype, arguments[i].data));
  for (auto [i, axis] : stride_arguments_) *out++ = arguments[i].strides[axis];
}

std::shared_ptr<const Plan> Executable::plan(const ArgumentView* arguments, const Array* const* shared) {
  int64_t small[64];
  std::vector<int64_t> large(signature_size_ > 64 ? signature_size_ : 0);
  int64_t* signature = large.empty() ? small : large.data();
  fill_signature(arguments, shared, signature);
  auto matches = [&](const Plan* plan) {
    return std::equal(plan->signature.begin(), plan->signature.end(), signature);
  };
  {
    std::lock_guard lock(plans_mutex_);
    if (last_ && matches(last_.get())) return last_;
    for (const auto& plan : plans_)
      if (matches(plan.get())) return last_ = plan;
  }
  return new_plan({signature, signature + signature_size_}, arguments, shared);
}

std::shared_ptr<const Plan> Executable::latest_plan() const {
  std::lock_guard lock(plans_mutex_);
  return last_;
}

std::vector<int64_t> Executable::atom_values(const ArgumentView* arguments,
                                             const Array* const* shared) const {
  std::vector<int64_t> values;
  for (const Atom& atom : program_.sizes->atoms()) {
    if (atom.op) {
      std::vector<int64_t> args;
      for (const Size& arg : atom.args) args.push_back(arg.evaluate(values));
      values.push_back(apply_size_op(atom.op, args));
      continue;
    }
    int i = index_of(arguments_, atom.leaf);
    if (i < 0)
      values.push_back(shared[index_of(shared_, atom.leaf)]->shape[atom.axis]);
    else if (atom.stride)
      values.push_back(arguments[i].strides[atom.axis] /
                       static_cast<int64_t>(size_of(atom.leaf->type.dtype)));
    else if (atom.axis >= 0)
      values.push_back(arguments[i].shape[atom.axis]);
    else
      values.push_back(static_cast<int64_t>(load_scalar(atom.leaf->type.dtype, arguments[i].data)));
  }
  return values;
}

void Executable::check_sizes(const std::vector<int64_t>& atoms) const {
  for (const SizeCheck& check : program_.sizes->checks()) {
    int64_t a = check.a.evaluate(atoms), b = check.b.evaluate(atoms);
    if (a == b) continue;
    std::string text = size_mismatch(check, a, b);
    bool broadcasts = check.node && check.axis >= 0 && (a == 1 || b == 1);
    if (broadcasts) throw BroadcastPattern(text);
    throw ValueError(text);
  }
}

std::shared_ptr<const Plan> Executable::new_plan(std::vector<int64_t> signature,
                                                 const ArgumentView* arguments, const Array* const* shared) {
  PollPause quiet;                     // polling may wait for a lock of whoever waits for this one
  std::lock_guard lock(plans_mutex_);  // symbolic sizes are looked up, and remembered, while planning
  std::vector<int64_t> atoms = atom_values(arguments, shared);
  check_sizes(atoms);
  auto plan = std::make_shared<Plan>(make_plan(program_, code_, std::move(atoms), backend_));
  plan->signature = std::move(signature);
  if (plans_.size() == max_plans) plans_.erase(plans_.begin());
  plans_.push_back(plan);
  return last_ = plan;
}

// Runs launch `index`; returns the next one to run.
size_t Executable::step(const Plan& plan, size_t index, LaunchContext& context) {
  bool changes_values = static_cast<int>(index) >= program_.first_in_place;
  if (!changes_values) poll_now_if_due();
  std::optional<PollPause> whole;  // updates happen wholly or not at all
  if (changes_values) whole.emplace();
  size_t next = run_launch(plan, index, context);
  if (context.error.step) raise_index_error(program_.launches[index].nest, context.error);
  return next;
}

void Executable::run_timed(const Plan& plan, LaunchContext& context, std::vector<LaunchTime>& times) {
  times.assign(plan.launches.size(), {});
  auto before = std::chrono::steady_clock::now();
  for (size_t i = 0; i < plan.launches.size();) {
    size_t next = step(plan, i, context);
    auto after = std::chrono::steady_clock::now();
    times[i].add(after - before);
    before = after;
    i = next;
  }
}

void Executable::run(const Plan& plan, const ArgumentView* arguments, const Array* const* shared,
                     void* const* outputs, std::vector<LaunchTime>* times) {
  size_t count = program_.buffers.size();
  char* small[128];
  std::vector<char*> large(count > 128 ? count : 0);
  char** buffers = large.empty() ? small : large.data();
  int workers = num_threads();
  PoolBlock arena(static_cast<size_t>(plan.arena_bytes + plan.scratch_bytes * workers));
  for (size_t i = 0; i < count; ++i) {
    const BufferInfo& buffer = program_.buffers[i];
    const void* data = nullptr;
    switch (buffer.kind) {
      case BufferKind::Argument: data = arguments[buffer_source_[i]].data; break;
      case BufferKind::Shared: data = shared[buffer_source_[i]]->data.get(); break;
      case BufferKind::Constant: data = buffer.node->attrs.value->data.get(); break;
      case BufferKind::Output: data = outputs[buffer.index]; break;
      case BufferKind::Intermediate: data = arena.data() + std::max<int64_t>(plan.arena_offsets[i], 0); break;
    }
    buffers[i] = static_cast<char*>(const_cast<void*>(data));
  }
  LaunchContext context{buffers, arena.data(), arena.data() + plan.arena_bytes, plan.scratch_bytes, workers,
                        {}};
  if (times) return run_timed(plan, context, *times);
  for (size_t i = 0; i < plan.launches.size();) i = step(plan, i, context);
}

}  // namespace croton

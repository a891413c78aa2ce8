#include "compile.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <shared_mutex>
#include <unordered_set>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/scalar_io.h"
#include "graph/substitute.h"
#include "ops/functions.h"
#include "ops/observe.h"
#include "rewrite/branches.h"
#include "rewrite/passes.h"
#include "runtime/interrupts.h"
#include "runtime/memory_pool.h"
#include "schedule/data_sizes.h"

namespace croton {
namespace {

constexpr size_t max_variants = 64;  // programs for special sizes and strides that a function keeps
constexpr size_t max_layouts = 16;   // strides that it is compiled for; arguments with others are copied

// Guards the values of all shared variables: calls that update hold it alone.
std::shared_mutex& shared_values() {
  static auto* mutex = new std::shared_mutex;
  return *mutex;
}

// Whether this thread is in the middle of a call that holds the values and shows some to an observer.
thread_local bool observed_values_held = false;

// Holds the values of all shared variables.
template <class Lock>
class ValuesHeld {
 public:
  /// `sink` takes the results of the call that waits, if it is one; `observed`: it has observers.
  explicit ValuesHeld(ResultSink* sink = nullptr, bool observed = false)
      : lock_(shared_values(), std::try_to_lock), observed_(observed) {
    if (!lock_) {
      // An observer would wait for the very call that it is called by.
      if (observed_values_held)
        throw ValueError(
            "shared variables: required none in what a running function calls, given one; take the values "
            "that it needs as inputs of the Print or the op");
      if (sink) sink->wait();
      lock_.lock();
    }
    if (observed_) observed_values_held = true;
  }
  ~ValuesHeld() {
    if (observed_) observed_values_held = false;
  }

 private:
  Lock lock_;
  bool observed_;
};
using ValuesRead = ValuesHeld<std::shared_lock<std::shared_mutex>>;
using ValuesWritten = ValuesHeld<std::unique_lock<std::shared_mutex>>;

std::vector<Var> shared_leaves(std::span<const Var> roots, std::span<const Update> updates) {
  std::vector<Var> found;
  auto add = [&](const Var& x) {
    for (const Var& known : found)
      if (same(known, x)) return;
    found.push_back(x);
  };
  for (Node* node : topological_order(roots))
    if (node->op == &shared_op) add(Var(node));
  for (const Update& update : updates) add(update.target);
  return found;
}

class Stopwatch {
 public:
  double lap() {
    auto now = std::chrono::steady_clock::now();
    double ms = std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
    return ms;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Function::Function(std::vector<Var> inputs, std::vector<Var> outputs, std::vector<Update> updates,
                   std::string name, bool profiled, std::vector<std::string> skip)
    : inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      updates_(std::move(updates)),
      name_(std::move(name)),
      skip_(std::move(skip)),
      profile_(profiled ? std::make_unique<Profile>() : nullptr) {
  Stopwatch watch;
  separate_sizes();
  set_roots(close_branches(roots()));  // behind sizes, which may come from inside a branch
  shared_ = shared_leaves(roots(), updates_);
  size_arguments_ = size_arguments(roots());
  observed_ = has_observers(roots());
  try {
    base_ = build(roots(), program_inputs_, shared_, targets());
  } catch (const ValueError& error) {
    base_error_ = error.what();  // sizes of 1 may still make it fit
  }
  milliseconds_ = watch.lap();
}

namespace {

// Operands of library ops, which lie in memory in any case, that `sizes` depend on as well.
std::vector<Var> shared_operands(std::span<const Var> roots, std::span<const Var> sizes) {
  std::unordered_set<const Node*> behind;
  for (Node* node : topological_order(sizes)) behind.insert(node);
  std::vector<Var> found;
  for (Node* node : topological_order(roots)) {
    if (node->op->kind != OpKind::Library) continue;
    for (const Var& x : node->inputs)
      if (x.rank() > 0 && x->op->kind != OpKind::Leaf && behind.erase(x.get())) found.push_back(x);
  }
  return found;
}

}  // namespace

// Sizes that depend on data become arguments, which a function of their own computes first; with them what it
// would be dear to compute once more.
void Function::separate_sizes() {
  program_inputs_ = inputs_;
  const std::vector<Var> written = roots();
  std::vector<Var> computed = data_dependent_sizes(written);
  if (computed.empty()) return;
  auto replace = [&](std::span<const Var> values) {
    std::unordered_map<const Node*, Var> replacements;
    for (const Var& x : values) {
      program_inputs_.push_back(make_input(x.type(), ""));
      replacements[x.get()] = program_inputs_.back();
    }
    set_roots(substitute(roots(), replacements));
  };
  replace(computed);
  std::vector<Var> operands = shared_operands(roots(), computed);
  replace(operands);
  computed.insert(computed.end(), operands.begin(), operands.end());
  computed = guard_by_branches(std::move(computed), written);
  sizes_ =
      std::make_unique<Function>(inputs_, std::move(computed), std::vector<Update>{}, name_, false, skip_);
}

std::vector<Var> Function::roots() const {
  std::vector<Var> all = outputs_;
  for (const Update& update : updates_) all.push_back(update.value);
  return all;
}

void Function::set_roots(const std::vector<Var>& roots) {
  std::copy_n(roots.begin(), outputs_.size(), outputs_.begin());
  for (size_t k = 0; k < updates_.size(); ++k) updates_[k].value = roots[outputs_.size() + k];
}

// The shared variable that each root is the next value of.
std::vector<const Node*> Function::targets() const {
  std::vector<const Node*> nodes(outputs_.size());
  for (const Update& update : updates_) nodes.push_back(update.target.get());
  return nodes;
}

std::shared_ptr<Executable> Function::build(const std::vector<Var>& roots, const std::vector<Var>& inputs,
                                            const std::vector<Var>& shared,
                                            const std::vector<const Node*>& targets) {
  std::vector<PassTime> times;
  Stopwatch watch;
  PassOptions options = PassOptions::from_environment();
  options.skip.insert(options.skip.end(), skip_.begin(), skip_.end());
  PassRunner runner(std::move(options));
  std::vector<Var> graph = optimize(roots, runner);
  for (const PassReport& pass : runner.reports())
    times.push_back({std::string(pass.name), pass.milliseconds});
  watch.lap();
  Program program = schedule(std::move(graph), targets, roots);
  times.push_back({"schedule", watch.lap()});
  auto executable = std::make_shared<Executable>(std::move(program), inputs, shared, llvm_backend());
  times.push_back({"code", watch.lap()});
  if (passes_.empty()) passes_ = std::move(times);
  return executable;
}

Function::Key Function::key_of_call(const ArgumentView* arguments, const Array* const* shared,
                                    Known known) const {
  Key key;
  auto add = [&](const Var& leaf, const int64_t* shape) {
    for (int axis = 0; axis < leaf.rank(); ++axis) {
      bool is_known = known == Known::All || (known == Known::Ones && shape[axis] == 1);
      key.push_back(is_known ? shape[axis] : unknown);
    }
  };
  for (size_t i = 0; i < program_inputs_.size(); ++i) {
    const Var& input = program_inputs_[i];
    add(input, arguments[i].shape);
    if (!size_arguments_.count(input.get())) continue;
    key.push_back(known == Known::All ? static_cast<int64_t>(load_scalar(input.dtype(), arguments[i].data))
                                      : unknown);
  }
  for (size_t i = 0; i < shared_.size(); ++i) add(shared_[i], shared[i]->shape.data());
  return key;
}

std::shared_ptr<Executable> Function::find_variant(const Key& key) const {
  std::lock_guard lock(variants_mutex_);
  auto it = variants_.find(key);
  return it == variants_.end() ? nullptr : it->second;
}

namespace {

// The leaf with the sizes that are known from `key` on, and stored as `layout` says (or densely).
Var specialised(const Var& leaf, const int64_t* known, const Layout* layout) {
  Type type = leaf.type();
  for (int axis = 0; axis < type.rank(); ++axis)
    if (known[axis] != unknown) type.dims[axis] = known[axis];
  if (leaf->op == &shared_op)
    return type == leaf.type() ? leaf : make_shared(leaf->attrs.shared, type, leaf->name);
  if (!layout) return type == leaf.type() ? leaf : make_input(type, leaf->name);
  Type arranged{type.dtype, {}};
  for (int64_t axis : layout->order) arranged.dims.push_back(type.dims[axis]);
  return make_input(std::move(arranged), leaf->name, layout->strides);
}

// What the program sees in the place of the argument: its axes in their own order.
Var in_own_order(const Var& arranged, const Layout* layout) {
  if (!layout || std::is_sorted(layout->order.begin(), layout->order.end())) return arranged;
  std::vector<int64_t> pattern(layout->order.size());
  for (size_t k = 0; k < pattern.size(); ++k) pattern[layout->order[k]] = static_cast<int64_t>(k);
  return dimshuffle(arranged, pattern);
}

// What is wrong with the sizes, in terms of the arguments as the user gave them.
std::string size_error(Executable& program, const ArgumentView* arguments, const Array* const* shared,
                       std::string otherwise) {
  try {
    program.plan(arguments, shared);
  } catch (const Error& error) {
    return error.what();
  }
  return otherwise;
}

}  // namespace

// Compiles the function anew for arguments of known sizes (those of 1 broadcast) and layouts.
std::shared_ptr<Executable> Function::variant(const Key& key, const std::vector<Layout>& layouts) {
  if (auto known = find_variant(key)) return known;
  PollPause quiet;  // polling may wait for a lock of whoever waits for this one
  std::lock_guard lock(variants_mutex_);
  std::unordered_map<const Node*, Var> replacements;
  const int64_t* known = key.data();
  auto specialise = [&](const Var& leaf, const Layout* layout) {
    Var narrowed = specialised(leaf, known, layout);
    known += leaf.rank();
    if (size_arguments_.count(leaf.get()))
      if (int64_t value = *known++; value != unknown)
        replacements[leaf.get()] = cast(make_int(value), leaf.dtype());
    if (!same(narrowed, leaf)) replacements[leaf.get()] = in_own_order(narrowed, layout);
    return narrowed;
  };
  std::vector<Var> inputs, shared;
  auto layout = layouts.begin();
  for (size_t i = 0; i < program_inputs_.size(); ++i) {
    bool strided = layout != layouts.end() && layout->argument == i;
    inputs.push_back(specialise(program_inputs_[i], strided ? &*layout++ : nullptr));
  }
  for (const Var& leaf : shared_) shared.push_back(specialise(leaf, nullptr));
  if (!layouts.empty()) layouts_.emplace(known, key.data() + key.size());
  std::vector<const Node*> narrowed = targets();
  for (const Node*& target : narrowed)
    if (auto it = replacements.find(target); it != replacements.end()) target = it->second.get();
  auto built = build(substitute(roots(), replacements), inputs, shared, narrowed);
  if (variants_.size() >= max_variants) variants_.erase(variants_.begin());
  return variants_[key] = built;
}

const Executable& Function::executable() const {
  if (base_) return *base_;
  std::lock_guard lock(variants_mutex_);
  if (variants_.empty()) throw ValueError(base_error_);
  return *variants_.begin()->second;
}

MemoryReport Function::memory() const {
  std::shared_ptr<const Executable> found;
  const Executable* latest = latest_.load(std::memory_order_relaxed);
  {
    std::lock_guard lock(variants_mutex_);
    if (latest == base_.get()) found = base_;
    for (const auto& [sizes, variant] : variants_)
      if (variant.get() == latest) found = variant;
  }
  std::shared_ptr<const Plan> plan = found ? found->latest_plan() : nullptr;
  if (!plan)
    throw ValueError("memory_report: required a call before, whose shapes decide the sizes, given none of " +
                     name_);
  return memory_report(found->program(), *plan);
}

bool Function::accepts(const ArgumentView* arguments) const {
  if (!any_strided(arguments, inputs_.size())) return true;
  Key key = ArrangedArguments(inputs_, arguments).key();
  std::lock_guard lock(variants_mutex_);
  return layouts_.size() < max_layouts || layouts_.count(key);
}

// The general program for the layouts if the sizes fit it; else the one for these sizes of 1; else, where
// sizes that are computed turn out to be 1, the one for exactly these sizes.
std::shared_ptr<Executable> Function::select(const ArgumentView* arguments, const ArrangedArguments* arranged,
                                             const Array* const* shared, std::shared_ptr<const Plan>& plan) {
  std::string error = base_error_;
  const ArgumentView* views = arranged ? arranged->views.data() : arguments;
  auto fits = [&](const std::shared_ptr<Executable>& executable) {
    if (!executable) return false;
    try {
      plan = executable->plan(views, shared);
      return true;
    } catch (const BroadcastPattern& mismatch) {
      if (error.empty()) error = mismatch.what();
      return false;
    }
  };
  if (!arranged && fits(base_)) return base_;
  std::vector<Layout> layouts = arranged ? arranged->layouts : std::vector<Layout>{};
  Key layout_key = arranged ? arranged->key() : Key{};
  auto key = [&](Known known) {
    Key sizes = key_of_call(arguments, shared, known);
    sizes.insert(sizes.end(), layout_key.begin(), layout_key.end());
    return sizes;
  };
  try {
    if (arranged && base_)
      if (auto made = variant(key(Known::None), layouts); fits(made)) return made;
    Key ones = key(Known::Ones), all = key(Known::All);
    if (auto known = find_variant(all); fits(known)) return known;
    if (ones != key(Known::None))
      if (auto made = variant(ones, layouts); fits(made)) return made;
    if (auto made = variant(all, layouts); fits(made)) return made;
  } catch (const ValueError& mismatch) {
    if (error.empty()) error = mismatch.what();
  }
  if (arranged && base_) error = size_error(*base_, arguments, shared, error);
  throw ValueError(error);
}

namespace {

class ArraySink : public ResultSink {
 public:
  void* allocate(size_t, DType dtype, const std::vector<int64_t>& shape, size_t bytes) override {
    arrays.push_back({dtype, shape, croton::allocate(std::max<size_t>(bytes, 1))});
    return arrays.back().data.get();
  }
  std::vector<Array> arrays;
};

}  // namespace

void Function::execute(const ArgumentView* arguments, ResultSink& sink) {
  if (!sizes_) return run(arguments, sink);
  ArraySink computed;
  sizes_->execute(arguments, computed);
  std::vector<ArgumentView> all(arguments, arguments + inputs_.size());
  for (const Array& x : computed.arrays) all.push_back({x.data.get(), x.shape.data()});
  run(all.data(), sink);
}

void Function::run(const ArgumentView* arguments, ResultSink& sink) {
  std::vector<const Array*> shared;
  for (const Var& x : shared_) shared.push_back(&x->attrs.shared->value);
  std::shared_ptr<const Plan> plan;
  std::optional<ArrangedArguments> arranged;
  if (any_strided(arguments, program_inputs_.size())) arranged.emplace(program_inputs_, arguments);
  std::shared_ptr<Executable> executable =
      select(arguments, arranged ? &*arranged : nullptr, shared.data(), plan);
  if (arranged) arguments = arranged->views.data();
  latest_.store(executable.get(), std::memory_order_relaxed);
  std::vector<void*> outputs;
  std::vector<Array> updated;
  for (size_t k = 0; k < plan->shapes.size(); ++k) {
    size_t bytes = static_cast<size_t>(plan->output_bytes[k]);
    if (k < outputs_.size()) {
      outputs.push_back(sink.allocate(k, outputs_[k].dtype(), plan->shapes[k], bytes));
    } else {
      const Update& update = updates_[k - outputs_.size()];
      const Array& old = update.target->attrs.shared->value;
      check_target(update, plan->shapes[k]);
      bool in_place = executable->program().in_place[k];
      updated.push_back({old.dtype, plan->shapes[k], in_place ? old.data : allocate(bytes)});
      outputs.push_back(updated.back().data.get());
    }
  }
  sink.begin(plan->brief);
  if (profile_) {
    std::vector<LaunchTime> times;
    executable->run(*plan, arguments, shared.data(), outputs.data(), &times);
    profile_->add_launches(executable, times);
  } else {
    executable->run(*plan, arguments, shared.data(), outputs.data());
  }
  for (size_t k = 0; k < updates_.size(); ++k)
    updates_[k].target->attrs.shared->value = std::move(updated[k]);
}

// A shared variable keeps the sizes that its type declares.
void Function::check_target(const Update& update, const std::vector<int64_t>& shape) const {
  const std::vector<int64_t>& dims = update.target.type().dims;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    if (dims[axis] != unknown && dims[axis] != shape[axis])
      throw ValueError("update: required size " + std::to_string(dims[axis]) + " along axis " +
                       std::to_string(axis) + " of " + describe(update.target) + ", given " +
                       std::to_string(shape[axis]) + source_text(update.value->source));
}

void Function::call(const ArgumentView* arguments, ResultSink& sink) {
  if (!updates_.empty()) {
    ValuesWritten held(&sink, observed_);
    execute(arguments, sink);
  } else if (!shared_.empty()) {
    ValuesRead held(&sink, observed_);
    execute(arguments, sink);
  } else {
    execute(arguments, sink);
  }
}

Array get_shared(const SharedStorage& storage) {
  ValuesRead held;
  return storage.value;
}

Array copy_shared(const SharedStorage& storage) {
  ValuesRead held;
  Array copy{storage.value.dtype, storage.value.shape, allocate(std::max<size_t>(storage.value.bytes(), 1))};
  if (copy.bytes()) std::memcpy(copy.data.get(), storage.value.data.get(), copy.bytes());
  return copy;
}

void set_shared(SharedStorage& storage, Array value) {
  ValuesWritten held;
  storage.value = std::move(value);
}

}  // namespace croton

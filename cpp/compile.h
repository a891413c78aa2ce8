// From expressions to a callable: the list of steps.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/layout.h"
#include "runtime/memory_report.h"
#include "runtime/profile.h"

namespace croton {

/// A shared variable and the expression of its next value.
struct Update {
  Var target;
  Var value;
};

/// One pass of the compilation and the milliseconds it took.
struct PassTime {
  std::string name;
  double milliseconds;
};

/// Receives the results of a call.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  /// Dense memory for output `k`, of `bytes` bytes; throws MemoryError.
  virtual void* allocate(size_t k, DType dtype, const std::vector<int64_t>& shape, size_t bytes) = 0;
  /// The call is about to wait for another one: locks that the other may need have to be given up.
  virtual void wait() {}
  /// The work begins; `brief` calls are over in less time than it takes to give up a lock.
  virtual void begin([[maybe_unused]] bool brief) {}
};

/// A compiled function. Calls may come from several threads at once.
class Function {
 public:
  /// `profiled`: measures each launch of each call. `skip`: names of passes to leave out.
  Function(std::vector<Var> inputs, std::vector<Var> outputs, std::vector<Update> updates, std::string name,
           bool profiled = false, std::vector<std::string> skip = {});

  /// Whether call() takes these arguments as they lie: dense ones always, and others while few programs for
  /// other strides are kept.
  bool accepts(const ArgumentView* arguments) const;
  /// Computes the outputs into `sink` and then stores all updates; or throws and stores none.
  void call(const ArgumentView* arguments, ResultSink& sink);
  const std::vector<Var>& inputs() const { return inputs_; }
  const std::vector<Var>& outputs() const { return outputs_; }
  const std::vector<PassTime>& passes() const { return passes_; }
  const std::string& name() const { return name_; }
  /// The program for arguments in general or, where only special sizes fit, that of a call made before.
  /// Throws ValueError if there is neither.
  const Executable& executable() const;
  /// The memory of the latest call. Throws ValueError where there was none.
  MemoryReport memory() const;
  double compile_milliseconds() const { return milliseconds_; }
  /// Null unless compiled with one. Whoever calls adds the time of the whole call.
  Profile* profile() const { return profile_.get(); }

 private:
  std::vector<Var> inputs_, outputs_;
  std::vector<Update> updates_;
  std::unique_ptr<Function> sizes_;  // where sizes depend on data: computes the other program inputs
  std::vector<Var> program_inputs_;  // `inputs_`, and these sizes
  std::unordered_set<const Node*> size_arguments_;
  std::vector<Var> shared_;
  std::string name_;
  std::vector<std::string> skip_;
  bool observed_ = false;  // whether calls show values to observers
  std::vector<PassTime> passes_;
  double milliseconds_ = 0;
  std::unique_ptr<Profile> profile_;
  std::atomic<const Executable*> latest_{nullptr};  // ran the latest call
  std::shared_ptr<Executable> base_;  // empty if sizes that meet cannot be equal: see base_error_
  std::string base_error_;
  // The sizes taken as known, in the order of all axes of inputs and shared variables (`unknown` for the
  // others) with the values of integer arguments that are sizes, and then the layouts of arguments that are
  // not dense.
  using Key = std::vector<int64_t>;
  mutable std::mutex variants_mutex_;
  std::map<Key, std::shared_ptr<Executable>> variants_;
  std::set<Key> layouts_;

  std::shared_ptr<Executable> build(const std::vector<Var>& roots, const std::vector<Var>& inputs,
                                    const std::vector<Var>& shared, const std::vector<const Node*>& targets);
  void separate_sizes();
  std::vector<const Node*> targets() const;
  std::vector<Var> roots() const;
  void set_roots(const std::vector<Var>& roots);
  enum class Known { None, Ones, All };  // sizes that a variant is compiled for
  Key key_of_call(const ArgumentView* arguments, const Array* const* shared, Known known) const;
  std::shared_ptr<Executable> find_variant(const Key& key) const;
  std::shared_ptr<Executable> variant(const Key& key, const std::vector<Layout>& layouts);
  std::shared_ptr<Executable> select(const ArgumentView* arguments, const ArrangedArguments* arranged,
                                     const Array* const* shared, std::shared_ptr<const Plan>& plan);
  void execute(const ArgumentView* arguments, ResultSink& sink);
  void run(const ArgumentView* arguments, ResultSink& sink);
  void check_target(const Update& update, const std::vector<int64_t>& shape) const;
};

/// The value of a shared variable, and its replacement (same dtype and rank). Later updates may write into
/// the memory of either.
Array get_shared(const SharedStorage& storage);
void set_shared(SharedStorage& storage, Array value);
/// A copy of the value, made while no call updates it.
Array copy_shared(const SharedStorage& storage);

}  // namespace croton

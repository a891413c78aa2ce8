// What the emitters of contraction kernels share: the function's frame, loops, vectors and masks.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <functional>
#include <string_view>
#include <vector>

#include "codegen/contraction.h"

namespace croton {

using Values = std::vector<llvm::Value*>;

/// Builds the body of one kernel.
class ContractionEmitter {
 public:
  ContractionEmitter(llvm::Module& module, std::string_view name, const ContractionSpec& spec);
  /// Emits the form that the spec names and returns the finished function.
  llvm::Function* emit();

 private:
  /// Reads the parameters that Broadcast and Dot share.
  void load_parameters();
  void emit_broadcast();
  void emit_dot();
  void emit_transpose();
  void emit_indexed();
  void emit_runs();
  void emit_gather();

  void broadcast_tile(llvm::Value* m, llvm::Value* n);
  void broadcast_step(const Values& a_rows, llvm::Value* a_at, llvm::Value* b_at, Values& sums);
  void dot_tile(llvm::Value* m, llvm::Value* n);
  void dot_inner(const Values& a_rows, const Values& b_columns, llvm::Value* a_at, llvm::Value* b_at,
                 llvm::Value* extent, Values& sums);
  void dot_store(const Values& c_rows, llvm::Value* n, const Values& sums);
  void indexed_tile(llvm::Value* m, llvm::Value* rows, llvm::Value* terms, const Values& b_columns,
                    const Values& c_columns);
  /// As load and store, of elements that are `spread` apart.
  llvm::Value* load_spread(llvm::Value* address, llvm::Value* mask);
  void store_spread(llvm::Value* value, llvm::Value* address, llvm::Value* mask);
  llvm::Value* spread_mask(llvm::Value* mask, int part);
  Values transpose(Values rows);
  /// One vector whose lane i is the sum of all lanes of sums[i]; sums.size() is a power of two.
  llvm::Value* horizontal_sums(Values sums);

  /// for (i = begin; i < end; i += step) body(i).
  void loop(llvm::Value* begin, llvm::Value* end, int64_t step,
            const std::function<void(llvm::Value*)>& body);
  /// Runs `body` if `condition`; `values` are what the body leaves in them, or what they were.
  void when(llvm::Value* condition, Values& values, const std::function<void(Values&)>& body);
  /// The reduction loops from `level` inward, each with `sums` carried through; extents are not 0.
  void reduce(int level, llvm::Value* a_at, llvm::Value* b_at, Values& sums,
              const std::function<void(llvm::Value*, llvm::Value*, Values&)>& innermost);

  llvm::Value* param(int index);
  /// The table whose address is parameter `index`, and one of its elements.
  llvm::Value* table(int index);
  llvm::Value* entry(llvm::Value* table, llvm::Value* index);
  llvm::Value* i64(int64_t value) { return b_.getInt64(value); }
  /// Address of element `index` behind `base`.
  llvm::Value* at(llvm::Value* base, llvm::Value* index);
  /// Addresses of `count` lines from `first`, `stride` apart; those from `end` on are the last one again.
  Values lines(llvm::Value* base, llvm::Value* first, int count, llvm::Value* end, llvm::Value* stride);
  /// Lanes whose index is below `count`.
  llvm::Value* mask_below(llvm::Value* count, int lanes);
  llvm::Value* load(llvm::Value* address, llvm::Value* mask);
  void store(llvm::Value* value, llvm::Value* address, llvm::Value* mask);
  llvm::Value* fma(llvm::Value* x, llvm::Value* y, llvm::Value* z);
  llvm::BasicBlock* block(const char* name);

  const ContractionSpec& spec_;
  llvm::Function* function_;
  llvm::IRBuilder<> b_;
  llvm::Type* scalar_;
  llvm::FixedVectorType* vector_;
  llvm::Align align_;
  llvm::Value *a_, *bp_, *c_, *p_, *m0_, *m1_, *n0_, *n1_;
  llvm::Value *accumulate_ = nullptr, *a_m_ = nullptr, *b_n_ = nullptr, *c_m_ = nullptr;
  Values masks_;                                        // of each vector of a tile; null if it is whole
  std::vector<std::array<llvm::Value*, 3>> reduction_;  // extent, step in A, step in B
};

}  // namespace croton

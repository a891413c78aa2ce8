// Emits the LLVM code of one loop nest: loops over rows and columns (emit_nest.cpp), values of the steps
// (nest_values.cpp), and the steps of the innermost loop with reductions and indices (nest_steps.cpp).
#pragma once

#include <llvm/IR/Module.h>

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "codegen/llvm/emit_scalar.h"
#include "codegen/llvm/memory.h"
#include "codegen/nest_source.h"

namespace croton {

inline constexpr int inline_cost = 12;  // rows up to this many instructions are never called

class NestEmitter {
  using BasicBlock = llvm::BasicBlock;
  using Type = llvm::Type;
  using Value = llvm::Value;

 public:
  NestEmitter(llvm::Module& module, const std::string& symbol, const NestSource& source, int vector_bits);
  llvm::Function* emit();

 private:
  llvm::Module& module_;
  const NestSource& source_;
  const LoopNest& nest_;
  llvm::IRBuilder<> b_;
  int lanes_;
  ScalarEmitter scalar_, vector_;
  MemoryEmitter memory_, one_;
  llvm::Function* function_ = nullptr;
  Value *pointer_table_ = nullptr, *parameter_table_ = nullptr, *first_row_ = nullptr, *last_row_ = nullptr,
        *first_column_ = nullptr, *last_column_ = nullptr, *flags_ = nullptr;
  std::vector<Value*> values_, splats_;  // of each step: as computed, and repeated over the lanes
  std::vector<Value*> bases_, rows_;     // of each access: from the table, and at the current row
  std::vector<Value*> parameters_;
  std::vector<Value*> row_index_, inner_index_;
  std::vector<std::vector<Value*>> accumulators_;  // of each Reduce step: stack slots
  std::vector<Value*> aside_;                      // of each sum of floats: a slot for a double
  Value *bad_step_ = nullptr, *bad_index_ = nullptr;
  Value* is_long_ = nullptr;               // whether sums may have been put aside
  Value* stream_ = nullptr;                // whether stores bypass the cache
  std::array<Value*, 3> block_ends_ = {};  // of blocks of 1, 2 and 4 vectors
  struct GatherSource {
    Value* row = nullptr;      // how far the row is that all elements are read of
    bool reads_index = false;  // the indices lie side by side in memory
  };
  std::vector<GatherSource> gathers_;  // of each step
  bool call_costly_ = false;
  bool streaming_ = false;

  // ---- set-up
  int choose_lanes(int vector_bits) const;
  void make_function(const std::string& symbol);
  void count_costly_steps();
  Value* entry_slot(Type* type);
  void load_arguments();

  // ---- loops
  void loop(Value* from, Value* to, Value* step, const std::function<void(Value*)>& body);
  Value* extent(int d);
  std::vector<Value*> row_indices(Value* row);
  Value* scaled(const StrideCode& code, Value* index);
  Value* plus(Value* a, Value* b);
  void emit_rows();
  void emit_row(std::vector<Value*> index);
  void emit_scalars(const std::vector<int>& ids);
  void emit_pass(const LoopPass& pass);
  void emit_inner_loops(const LoopPass& pass, int d);
  void emit_columns(const LoopPass& pass);
  Value* block_end(int copies);
  void prepare_columns();
  void emit_stretches(const LoopPass& pass, Value* from, Value* to, int step,
                      const std::function<void(Value*)>& body);
  void emit_blocks(const LoopPass& pass, Value* from, Value* to, int copies);
  Value* lane_numbers(Type* element);
  Value* tail_mask(Value* left);
  int cost_of(const LoopPass& pass) const;
  static int choose_unroll(int cost);
  bool is_read(int access) const;
  bool can_stream(const LoopPass& pass) const;
  bool streams(const Step& step) const;

  // ---- values
  void prepare_splats(const LoopPass& pass);
  Value* splat(Value* value);
  Value* inner_value(int id);
  Value* parameter_bits(const Step& step, int id);
  Value* constant(const Step& step, int id);
  Value* affine(const Step& step);
  Value* scalar_step(const Step& step, int id);
  Value* apply(const Step& step, bool inside);
  llvm::Function* function_of(const OpSpec& op, const ScalarProgram& program,
                              const std::vector<DType>& types);

  // ---- inner steps
  Value* inner_base(int access);
  Value* lane_steps(const StrideCode& code);
  Value* lane_offsets(const StrideCode& code, Value* column);
  Value* load_row(const Step& step, Value* base, Value* column, Value* mask);
  Value* load_part(const Step& step, const StrideCode& code, Value* base, Value* column, Value* mask);
  void store_parts(const Step& step, Value* base, Value* column, Value* mask, bool streaming);
  void store_row(const Step& step, Value* value, Value* base, Value* column, Value* mask,
                 bool streaming = false);
  Value* inner_index_value(const Step& step, Value* column);
  std::pair<Value*, Value*> checked_index(const Step& step, int id, Value* index, Value* mask);
  Value* index_offset(int id, Value* index);
  std::pair<Value*, Value*> at_part(const Step& step, Value* base, Value* offset);
  Value* prepare_gathers(const LoopPass& pass);
  Value* inner_gather(const Step& step, int id, Value* column, Value* mask);
  Value* either(Value* condition, const std::function<Value*()>& yes, const std::function<Value*()>& no);
  Value* gather_each(const Step& step, int id, Value* column);
  Value* any_gather(const Step& step, int id, Value* column, Value* mask);
  void inner_scatter(const Step& step, int id, Value* column, Value* mask);
  void emit_inner(const LoopPass& pass, Value* column, Value* mask, int copy);
  void prefetch_next_row(Value* column);

  // ---- reductions in registers
  void open_reduction(int id);
  void reduce(const Step& step, int id, Value* mask, int copy);
  void close_reduction(int id);
  bool is_float_sum(int id) const;
  bool has_float_sum(const LoopPass& pass) const;
  void put_sums_aside(const LoopPass& pass, Value* condition);
  Value* with_sum_aside(int id, Value* sum);
  Value* identity(const Step& step);
  void report_errors();
};

}  // namespace croton

// Tiles of results whose operands are found by tables, and the packing of their columns.
#include "codegen/llvm/contraction_emitter.h"

namespace croton {

using llvm::Value;

Value* ContractionEmitter::table(int index) { return b_.CreateIntToPtr(param(index), b_.getPtrTy()); }

Value* ContractionEmitter::entry(Value* table, Value* index) {
  return b_.CreateLoad(b_.getInt64Ty(), b_.CreateGEP(b_.getInt64Ty(), table, index));
}

void ContractionEmitter::emit_indexed() {
  accumulate_ = b_.CreateICmpNE(param(0), i64(0));
  Value *rows = table(1), *vectors = table(2), *terms = table(3);
  reduction_.push_back({param(4), i64(2), i64(0)});
  loop(n0_, n1_, spec_.vectors, [&](Value* n) {
    Values b_columns, c_columns;
    masks_.clear();
    for (int v = 0; v < spec_.vectors; ++v) {
      Value* at_entry = b_.CreateNSWMul(b_.CreateNSWAdd(n, i64(v)), i64(3));
      b_columns.push_back(at(bp_, entry(vectors, at_entry)));
      c_columns.push_back(at(c_, entry(vectors, b_.CreateNSWAdd(at_entry, i64(1)))));
      masks_.push_back(mask_below(entry(vectors, b_.CreateNSWAdd(at_entry, i64(2))), spec_.lanes));
    }
    loop(m0_, m1_, spec_.rows, [&](Value* m) { indexed_tile(m, rows, terms, b_columns, c_columns); });
  });
}

void ContractionEmitter::indexed_tile(Value* m, Value* rows, Value* terms, const Values& b_columns,
                                      const Values& c_columns) {
  Values a_rows, c_rows;
  Value* last = b_.CreateNSWSub(m1_, i64(1));
  for (int r = 0; r < spec_.rows; ++r) {
    Value* line = b_.CreateNSWAdd(m, i64(r));
    if (r > 0) line = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, line, last);
    Value* pair = b_.CreateNSWMul(line, i64(2));
    a_rows.push_back(at(a_, entry(rows, pair)));
    c_rows.push_back(entry(rows, b_.CreateNSWAdd(pair, i64(1))));
  }
  Values sums(spec_.rows * spec_.vectors, llvm::Constant::getNullValue(vector_));
  reduce(0, i64(0), i64(0), sums, [&](Value* term, Value*, Values& sums) {
    Value *a_at = entry(terms, term), *b_at = entry(terms, b_.CreateNSWAdd(term, i64(1)));
    Values columns;
    for (int v = 0; v < spec_.vectors; ++v) columns.push_back(load(at(b_columns[v], b_at), masks_[v]));
    for (int r = 0; r < spec_.rows; ++r) {
      Value* element = b_.CreateVectorSplat(spec_.lanes, b_.CreateLoad(scalar_, at(a_rows[r], a_at)));
      for (int v = 0; v < spec_.vectors; ++v) {
        Value*& sum = sums[r * spec_.vectors + v];
        sum = fma(element, columns[v], sum);
      }
    }
  });
  const int count = static_cast<int>(sums.size());
  auto place = [&](int i) { return at(c_columns[i % spec_.vectors], c_rows[i / spec_.vectors]); };
  // All are loaded before any is stored: clamped rows are the same row again.
  when(accumulate_, sums, [&](Values& sums) {
    for (int i = 0; i < count; ++i)
      sums[i] = b_.CreateFAdd(sums[i], load_spread(place(i), masks_[i % spec_.vectors]));
  });
  for (int i = 0; i < count; ++i) store_spread(sums[i], place(i), masks_[i % spec_.vectors]);
}

Value* ContractionEmitter::spread_mask(Value* mask, int part) {
  std::vector<int> lanes;
  std::vector<llvm::Constant*> used;
  for (int lane = part * spec_.lanes; lane < (part + 1) * spec_.lanes; ++lane) {
    lanes.push_back(lane / spec_.spread);
    used.push_back(b_.getInt1(lane % spec_.spread == 0));
  }
  return b_.CreateAnd(b_.CreateShuffleVector(mask, lanes), llvm::ConstantVector::get(used));
}

Value* ContractionEmitter::load_spread(Value* address, Value* mask) {
  if (spec_.spread == 1) return load(address, mask);
  std::vector<int> even(spec_.lanes);
  for (int lane = 0; lane < spec_.lanes; ++lane) even[lane] = lane * spec_.spread;
  Value* first = load(address, spread_mask(mask, 0));
  return b_.CreateShuffleVector(first, load(at(address, i64(spec_.lanes)), spread_mask(mask, 1)), even);
}

void ContractionEmitter::store_spread(Value* value, Value* address, Value* mask) {
  if (spec_.spread == 1) return store(value, address, mask);
  for (int part = 0; part < spec_.spread; ++part) {
    std::vector<int> lanes(spec_.lanes);
    for (int lane = 0; lane < spec_.lanes; ++lane) lanes[lane] = (part * spec_.lanes + lane) / spec_.spread;
    store(b_.CreateShuffleVector(value, lanes), at(address, i64(part * spec_.lanes)),
          spread_mask(mask, part));
  }
}

void ContractionEmitter::emit_runs() {
  Value *positions = table(0), *to_stride = param(1), *count = b_.CreateNSWSub(n1_, n0_);
  const int step = spec_.vectors;
  Value* mask = mask_below(count, spec_.lanes);
  auto copy = [&](const std::function<Value*(Value*)>& line) {
    loop(m0_, m1_, 1, [&](Value* k) {
      store(line(at(a_, entry(positions, k))), at(c_, b_.CreateNSWMul(k, to_stride)), mask);
    });
  };
  if (step == 1) return copy([&](Value* from) { return load(from, mask); });
  Value* reached = b_.CreateNSWSub(b_.CreateNSWMul(count, i64(step)), i64(step - 1));
  Value* first = mask_below(reached, spec_.lanes);
  Value* second = mask_below(b_.CreateNSWSub(reached, i64(spec_.lanes)), spec_.lanes);
  std::vector<int> even(spec_.lanes);
  for (int lane = 0; lane < spec_.lanes; ++lane) even[lane] = lane * step;
  auto halves = [&](Value* from, Value* rest) {
    return b_.CreateShuffleVector(load(from, first), rest, even);
  };
  Values none;
  auto short_run = [&](Values&) {
    copy([&](Value* from) { return halves(from, llvm::Constant::getNullValue(vector_)); });
  };
  auto long_run = [&](Values&) {
    copy([&](Value* from) { return halves(from, load(at(from, i64(spec_.lanes)), second)); });
  };
  Value* fits = b_.CreateICmpSLE(reached, i64(spec_.lanes));
  when(fits, none, short_run);
  when(b_.CreateNot(fits), none, long_run);
}

void ContractionEmitter::emit_gather() {
  Value *positions = table(0), *to_stride = param(1);
  auto* indices = llvm::FixedVectorType::get(b_.getInt64Ty(), spec_.lanes);
  Value* lanes = b_.CreateAlignedLoad(indices, table(2), llvm::Align(8));
  Value* mask = mask_below(b_.CreateNSWSub(n1_, n0_), spec_.lanes);
  loop(m0_, m1_, 1, [&](Value* k) {
    Value* from = b_.CreateGEP(scalar_, at(a_, entry(positions, k)), lanes);
    Value* line = b_.CreateMaskedGather(vector_, from, align_, mask, llvm::Constant::getNullValue(vector_));
    store(line, at(c_, b_.CreateNSWMul(k, to_stride)), mask);
  });
}

}  // namespace croton

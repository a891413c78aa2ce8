// The two forms of a tile of results: broadcast x vector along n, and vector x vector along k.
#include <bit>

#include "codegen/llvm/contraction_emitter.h"

namespace croton {

using llvm::Value;

void ContractionEmitter::load_parameters() {
  accumulate_ = b_.CreateICmpNE(param(0), i64(0));
  a_m_ = param(1);
  b_n_ = param(2);
  c_m_ = param(3);
  for (int i = 0; i < spec_.reduction_loops; ++i) {
    reduction_.push_back({param(4 + 3 * i), param(5 + 3 * i), param(6 + 3 * i)});
  }
}

void ContractionEmitter::emit_broadcast() {
  load_parameters();
  // Columns outside, rows inside: the panel of B stays in the nearest cache while A streams past.
  loop(n0_, n1_, spec_.columns(), [&](Value* n) {
    masks_.assign(spec_.vectors, nullptr);
    Value* left = b_.CreateNSWSub(n1_, n);
    for (int v = 0; spec_.masked && v < spec_.vectors; ++v) {
      masks_[v] = mask_below(b_.CreateNSWSub(left, i64(v * spec_.lanes)), spec_.lanes);
    }
    loop(m0_, m1_, spec_.rows, [&](Value* m) { broadcast_tile(m, n); });
  });
}

void ContractionEmitter::broadcast_tile(Value* m, Value* n) {
  Values a_rows = lines(a_, m, spec_.rows, m1_, a_m_);
  Values sums(spec_.rows * spec_.vectors, llvm::Constant::getNullValue(vector_));
  reduce(0, i64(0), n, sums,
         [&](Value* a_at, Value* b_at, Values& sums) { broadcast_step(a_rows, a_at, b_at, sums); });
  Values c_rows = lines(at(c_, n), m, spec_.rows, m1_, c_m_);
  auto place = [&](int i) { return at(c_rows[i / spec_.vectors], i64(i % spec_.vectors * spec_.lanes)); };
  const int count = static_cast<int>(sums.size());
  // All are loaded before any is stored: clamped rows are the same row again. Reading C under a mask instead
  // of a branch would make every tile wait for what it need not know.
  when(accumulate_, sums, [&](Values& sums) {
    for (int i = 0; i < count; ++i)
      sums[i] = b_.CreateFAdd(sums[i], load(place(i), masks_[i % spec_.vectors]));
  });
  for (int i = 0; i < count; ++i) store(sums[i], place(i), masks_[i % spec_.vectors]);
}

void ContractionEmitter::broadcast_step(const Values& a_rows, Value* a_at, Value* b_at, Values& sums) {
  Values columns;
  Value* base = at(bp_, b_at);
  for (int v = 0; v < spec_.vectors; ++v) {
    columns.push_back(load(at(base, i64(v * spec_.lanes)), masks_[v]));
  }
  for (int r = 0; r < spec_.rows; ++r) {
    Value* element = b_.CreateVectorSplat(spec_.lanes, b_.CreateLoad(scalar_, at(a_rows[r], a_at)));
    for (int v = 0; v < spec_.vectors; ++v) {
      Value*& sum = sums[r * spec_.vectors + v];
      sum = fma(element, columns[v], sum);
    }
  }
}

void ContractionEmitter::emit_dot() {
  load_parameters();
  loop(n0_, n1_, spec_.vectors,
       [&](Value* n) { loop(m0_, m1_, spec_.rows, [&](Value* m) { dot_tile(m, n); }); });
}

void ContractionEmitter::dot_tile(Value* m, Value* n) {
  Values a_rows = lines(a_, m, spec_.rows, m1_, a_m_);
  Values b_columns = lines(bp_, n, spec_.vectors, n1_, b_n_);
  Values sums(spec_.rows * spec_.vectors, llvm::Constant::getNullValue(vector_));
  // The innermost index runs in vectors, so the loops around it are one fewer.
  auto inner = reduction_.back();
  auto innermost = [&](Value* a_at, Value* b_at, Values& sums) {
    dot_inner(a_rows, b_columns, a_at, b_at, inner[0], sums);
  };
  if (reduction_.size() == 1) {
    innermost(i64(0), i64(0), sums);
  } else {
    reduction_.pop_back();
    reduce(0, i64(0), i64(0), sums, innermost);
    reduction_.push_back(inner);
  }
  dot_store(lines(at(c_, n), m, spec_.rows, m1_, c_m_), n, sums);
}

void ContractionEmitter::dot_inner(const Values& a_rows, const Values& b_columns, Value* a_at, Value* b_at,
                                   Value* extent, Values& sums) {
  auto step = [&](Value* k, Value* mask, Values& sums) {
    Values columns;
    Value *a_here = b_.CreateNSWAdd(a_at, k), *b_here = b_.CreateNSWAdd(b_at, k);
    for (Value* column : b_columns) columns.push_back(load(at(column, b_here), mask));
    for (int r = 0; r < spec_.rows; ++r) {
      Value* row = load(at(a_rows[r], a_here), mask);
      for (int v = 0; v < spec_.vectors; ++v) {
        Value*& sum = sums[r * spec_.vectors + v];
        sum = fma(row, columns[v], sum);
      }
    }
  };
  // The last vector, whole or not, is always a masked one.
  Value* whole = b_.CreateAnd(b_.CreateNSWSub(extent, i64(1)), i64(-int64_t{spec_.lanes}));
  auto *head = block("vectors"), *body = block("vector"), *done = block("last"), *from = b_.GetInsertBlock();
  b_.CreateBr(head);
  b_.SetInsertPoint(head);
  auto* k = b_.CreatePHI(b_.getInt64Ty(), 2);
  k->addIncoming(i64(0), from);
  std::vector<llvm::PHINode*> phis;
  for (auto& sum : sums) {
    phis.push_back(b_.CreatePHI(vector_, 2));
    phis.back()->addIncoming(sum, from);
    sum = phis.back();
  }
  b_.CreateCondBr(b_.CreateICmpSLT(k, whole), body, done);
  b_.SetInsertPoint(body);
  Values next = sums;
  step(k, nullptr, next);
  k->addIncoming(b_.CreateNSWAdd(k, i64(spec_.lanes)), body);
  for (size_t i = 0; i < phis.size(); ++i) phis[i]->addIncoming(next[i], body);
  b_.CreateBr(head);
  b_.SetInsertPoint(done);
  step(whole, mask_below(b_.CreateNSWSub(extent, whole), spec_.lanes), sums);
}

void ContractionEmitter::dot_store(const Values& c_rows, Value* n, const Values& sums) {
  int width = static_cast<int>(std::bit_ceil(static_cast<unsigned>(spec_.vectors)));
  auto* piece = llvm::FixedVectorType::get(scalar_, width);
  Value* columns =
      b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateNSWSub(n1_, n), i64(spec_.vectors));
  Value* mask = mask_below(columns, width);
  Value* before = b_.CreateAnd(mask, b_.CreateVectorSplat(width, accumulate_));
  Values results;  // all are loaded before any is stored: clamped rows are the same row again
  for (int r = 0; r < spec_.rows; ++r) {
    Values row;
    for (int v = 0; v < width; ++v) row.push_back(sums[r * spec_.vectors + std::min(v, spec_.vectors - 1)]);
    Value* old = b_.CreateMaskedLoad(piece, c_rows[r], align_, before, llvm::Constant::getNullValue(piece));
    results.push_back(b_.CreateFAdd(horizontal_sums(row), old));
  }
  for (int r = 0; r < spec_.rows; ++r) store(results[r], c_rows[r], mask);
}

// Pairs are added within 16-byte groups, which processors shuffle fastest; then the groups are added.
Value* ContractionEmitter::horizontal_sums(Values sums) {
  const int width = static_cast<int>(sums.size()), group = 16 / static_cast<int>(size_of(spec_.dtype));
  for (int left = group; left > 1; left /= 2) {
    Values pairs;
    for (size_t i = 0; i < sums.size(); i += 2) {
      Value *x = sums[i], *y = sums[std::min(i + 1, sums.size() - 1)];
      std::vector<int> even(spec_.lanes), odd(spec_.lanes);
      for (int lane = 0; lane < spec_.lanes; ++lane) {
        int place = lane % group, first = lane - place;
        even[lane] = 2 * place < group ? first + 2 * place : spec_.lanes + first + 2 * place - group;
        odd[lane] = even[lane] + 1;
      }
      pairs.push_back(b_.CreateFAdd(b_.CreateShuffleVector(x, y, even), b_.CreateShuffleVector(x, y, odd)));
    }
    sums = pairs;
  }
  for (int lanes = spec_.lanes; lanes > group; lanes /= 2) {
    for (Value*& sum : sums) {
      std::vector<int> low(lanes / 2), high(lanes / 2);
      for (int i = 0; i < lanes / 2; ++i) high[i] = (low[i] = i) + lanes / 2;
      sum = b_.CreateFAdd(b_.CreateShuffleVector(sum, low), b_.CreateShuffleVector(sum, high));
    }
  }
  for (int lanes = group; sums.size() > 1; lanes *= 2) {
    Values joined;
    std::vector<int> all(2 * lanes);
    for (int i = 0; i < 2 * lanes; ++i) all[i] = i;
    for (size_t i = 0; i < sums.size(); i += 2)
      joined.push_back(b_.CreateShuffleVector(sums[i], sums[i + 1], all));
    sums = joined;
  }
  std::vector<int> first(width);
  for (int i = 0; i < width; ++i) first[i] = i;
  return b_.CreateShuffleVector(sums[0], first);
}

}  // namespace croton

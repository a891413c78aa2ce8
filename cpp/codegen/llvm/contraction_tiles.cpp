// The two forms of a tile of results: broadcast x vector along n, and vector x vector along k.
#include <bit>

#include "base/error.h"
#include "codegen/llvm/contraction_emitter.h"

namespace croton {

using llvm::Value;

void ContractionEmitter::load_parameters() {
  accumulate_ = b_.CreateICmpNE(param(0), i64(0));
  a_m_ = param(1);
  b_n_ = param(2);
  c_m_ = param(3);
  has_terms_ = b_.getTrue();
  for (int i = 0; i < spec_.reduction_loops; ++i) {
    reduction_.push_back({param(4 + 3 * i), param(5 + 3 * i), param(6 + 3 * i)});
    has_terms_ = b_.CreateAnd(has_terms_, b_.CreateICmpSGT(reduction_.back()[0], i64(0)));
  }
}

void ContractionEmitter::emit_broadcast() {
  load_parameters();
  // Columns outside, rows inside: the panel of B stays in the nearest cache while A streams past.
  loop(n0_, n1_, spec_.columns(), [&](Value* n) {
    if (spec_.masked) {
      Value* last = b_.CreateNSWAdd(n, i64((spec_.vectors - 1) * spec_.lanes));
      mask_ = mask_below(b_.CreateNSWSub(n1_, last), spec_.lanes);
    }
    loop(m0_, m1_, spec_.rows, [&](Value* m) { broadcast_tile(m, n); });
  });
}

void ContractionEmitter::broadcast_tile(Value* m, Value* n) {
  Values a_rows = lines(a_, m, spec_.rows, m1_, a_m_);
  // Addresses in C are made where they are used: registers are short in the reduction.
  auto each = [&](const std::function<void(int, Value*, Value*)>& visit) {
    Values c_rows = lines(at(c_, n), m, spec_.rows, m1_, c_m_, llvm::Intrinsic::umin);
    for (int r = 0; r < spec_.rows; ++r) {
      for (int v = 0; v < spec_.vectors; ++v) {
        Value* mask = v + 1 == spec_.vectors ? mask_ : nullptr;
        visit(r * spec_.vectors + v, at(c_rows[r], i64(v * spec_.lanes)), mask);
      }
    }
  };
  Values sums(spec_.rows * spec_.vectors, llvm::Constant::getNullValue(vector_));
  when(accumulate_, sums, [&](Values& sums) {
    each([&](int i, Value* address, Value* mask) { sums[i] = load(address, mask); });
  });
  when(has_terms_, sums, [&](Values& sums) {
    reduce(0, i64(0), n, sums,
           [&](Value* a_at, Value* b_at, Values& sums) { broadcast_step(a_rows, a_at, b_at, sums); });
  });
  each([&](int i, Value* address, Value* mask) { store(sums[i], address, mask); });
}

void ContractionEmitter::broadcast_step(const Values& a_rows, Value* a_at, Value* b_at, Values& sums) {
  Values columns;
  Value* base = at(bp_, b_at);
  for (int v = 0; v < spec_.vectors; ++v) {
    columns.push_back(load(at(base, i64(v * spec_.lanes)), v + 1 == spec_.vectors ? mask_ : nullptr));
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
  when(has_terms_, sums, [&](Values& sums) {
    auto innermost = [&](Value* a_at, Value* b_at, Values& sums) {
      dot_inner(a_rows, b_columns, a_at, b_at, inner[0], sums);
    };
    if (reduction_.size() == 1) return innermost(i64(0), i64(0), sums);
    reduction_.pop_back();
    reduce(0, i64(0), i64(0), sums, innermost);
    reduction_.push_back(inner);
  });
  dot_store(lines(at(c_, n), m, spec_.rows, m1_, c_m_, llvm::Intrinsic::umin), n, sums);
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
  Value* whole = b_.CreateAnd(extent, i64(-int64_t{spec_.lanes}));
  when(b_.CreateICmpSGT(whole, i64(0)), sums, [&](Values& sums) {
    auto *body = block("vectors"), *done = block("whole"), *from = b_.GetInsertBlock();
    b_.CreateBr(body);
    b_.SetInsertPoint(body);
    auto* k = b_.CreatePHI(b_.getInt64Ty(), 2);
    k->addIncoming(i64(0), from);
    std::vector<llvm::PHINode*> phis;
    for (auto& sum : sums) {
      phis.push_back(b_.CreatePHI(vector_, 2));
      phis.back()->addIncoming(sum, from);
      sum = phis.back();
    }
    step(k, nullptr, sums);
    Value* next = b_.CreateNSWAdd(k, i64(spec_.lanes));
    k->addIncoming(next, body);
    for (size_t i = 0; i < phis.size(); ++i) phis[i]->addIncoming(sums[i], body);
    b_.CreateCondBr(b_.CreateICmpSLT(next, whole), body, done);
    b_.SetInsertPoint(done);
  });
  when(b_.CreateICmpSLT(whole, extent), sums,
       [&](Values& sums) { step(whole, mask_below(b_.CreateNSWSub(extent, whole), spec_.lanes), sums); });
}

void ContractionEmitter::dot_store(const Values& c_rows, Value* n, const Values& sums) {
  // Rows are summed in groups that fill a vector, then each row's lanes go to its place.
  int width = static_cast<int>(std::bit_ceil(static_cast<unsigned>(spec_.vectors)));
  int group =
      std::max(1, std::min(spec_.lanes / width, static_cast<int>(std::bit_ceil(unsigned(spec_.rows)))));
  check_internal(width <= spec_.lanes, "columns of a dot tile");
  auto* piece = llvm::FixedVectorType::get(scalar_, width);
  Value* columns =
      b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, b_.CreateNSWSub(n1_, n), i64(spec_.vectors));
  Value* mask = mask_below(columns, width);
  Value* before = b_.CreateAnd(mask, b_.CreateVectorSplat(width, accumulate_));
  Values results;  // all are loaded before any is stored: clamped rows are the same row again
  for (int first = 0; first < spec_.rows; first += group) {
    Values together;
    for (int r = first; r < first + group; ++r) {
      for (int v = 0; v < width; ++v) {
        int row = std::min(r, spec_.rows - 1), column = std::min(v, spec_.vectors - 1);
        together.push_back(sums[row * spec_.vectors + column]);
      }
    }
    Value* total = horizontal_sums(together);
    for (int r = first; r < std::min(first + group, spec_.rows); ++r) {
      std::vector<int> lanes(width);
      for (int v = 0; v < width; ++v) lanes[v] = (r - first) * width + v;
      Value* old = b_.CreateMaskedLoad(piece, c_rows[r], align_, before, llvm::Constant::getNullValue(piece));
      results.push_back(b_.CreateFAdd(b_.CreateShuffleVector(total, lanes), old));
    }
  }
  for (size_t i = 0; i < results.size(); ++i) store(results[i], c_rows[i], mask);
}

Value* ContractionEmitter::horizontal_sums(Values sums) {
  auto half = [&](Value* x, Value* y, int lanes, int offset) {
    std::vector<int> pick(lanes);
    for (int i = 0; i < lanes; ++i) pick[i] = 2 * i + offset;
    return b_.CreateShuffleVector(x, y, pick);
  };
  for (int lanes = spec_.lanes, left = spec_.lanes; left > 1; left /= 2) {
    if (sums.size() > 1) {
      Values pairs;
      for (size_t i = 0; i < sums.size(); i += 2) {
        pairs.push_back(
            b_.CreateFAdd(half(sums[i], sums[i + 1], lanes, 0), half(sums[i], sums[i + 1], lanes, 1)));
      }
      sums = pairs;
    } else {
      lanes /= 2;
      sums[0] = b_.CreateFAdd(half(sums[0], sums[0], lanes, 0), half(sums[0], sums[0], lanes, 1));
    }
  }
  return sums[0];
}

}  // namespace croton

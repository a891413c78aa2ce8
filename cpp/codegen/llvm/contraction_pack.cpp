// Packing kernels: panels of an operand copied or transposed into scratch memory.
#include "codegen/llvm/contraction_emitter.h"

namespace croton {

using llvm::Value;

void ContractionEmitter::emit_transpose() {
  Value *from_stride = param(0), *to_stride = param(1), *n_last = b_.CreateNSWSub(n1_, i64(1));
  loop(n0_, n1_, spec_.lanes, [&](Value* n) {
    Values sources = lines(a_, n, spec_.lanes, n_last, from_stride);
    loop(m0_, m1_, spec_.lanes, [&](Value* k) {
      Value* left = b_.CreateNSWSub(m1_, k);
      auto *edge = block("edge"), *whole = block("inside"), *both = block("loaded");
      b_.CreateCondBr(b_.CreateICmpSLT(left, i64(spec_.lanes)), edge, whole);
      Values rows[2];
      for (int i : {0, 1}) {
        b_.SetInsertPoint(i ? whole : edge);
        Value* mask = i ? nullptr : mask_below(left, spec_.lanes);
        for (Value* source : sources) rows[i].push_back(load(at(source, k), mask));
        b_.CreateBr(both);
      }
      b_.SetInsertPoint(both);
      Values loaded;
      for (int i = 0; i < spec_.lanes; ++i) {
        auto* phi = b_.CreatePHI(vector_, 2);
        phi->addIncoming(rows[0][i], edge);
        phi->addIncoming(rows[1][i], whole);
        loaded.push_back(phi);
      }
      Value* to = at(at(c_, n), b_.CreateNSWMul(k, to_stride));
      for (Value* row : transpose(loaded)) {
        store(row, to, nullptr);
        to = at(to, to_stride);
      }
    });
  });
}

Values ContractionEmitter::transpose(Values rows) {
  int lanes = spec_.lanes;
  for (int distance = 1; distance < lanes; distance *= 2) {
    for (int i = 0; i < lanes; ++i) {
      if (i & distance) continue;
      std::vector<int> low(lanes), high(lanes);
      for (int lane = 0; lane < lanes; ++lane) {
        bool second = lane & distance;
        low[lane] = second ? lanes + lane - distance : lane;
        high[lane] = second ? lanes + lane : lane + distance;
      }
      Value *x = rows[i], *y = rows[i + distance];
      rows[i] = b_.CreateShuffleVector(x, y, low);
      rows[i + distance] = b_.CreateShuffleVector(x, y, high);
    }
  }
  return rows;
}

void ContractionEmitter::emit_copy() {
  Value *from_stride = param(0), *to_stride = param(1);
  loop(n0_, n1_, spec_.columns(), [&](Value* n) {
    if (spec_.masked) {
      Value* last = b_.CreateNSWAdd(n, i64((spec_.vectors - 1) * spec_.lanes));
      mask_ = mask_below(b_.CreateNSWSub(n1_, last), spec_.lanes);
    }
    loop(m0_, m1_, 1, [&](Value* k) {
      Value* from = at(at(a_, n), b_.CreateNSWMul(k, from_stride));
      Value* to = at(at(c_, n), b_.CreateNSWMul(k, to_stride));
      for (int v = 0; v < spec_.vectors; ++v) {
        Value *mask = v + 1 == spec_.vectors ? mask_ : nullptr, *offset = i64(v * spec_.lanes);
        store(load(at(from, offset), mask), at(to, offset), nullptr);
      }
    });
  });
}

}  // namespace croton

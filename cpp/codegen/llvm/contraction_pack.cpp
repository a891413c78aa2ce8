// The packing kernel: panels of an operand transposed into scratch memory.
#include "codegen/llvm/contraction_emitter.h"

namespace croton {

using llvm::Value;

void ContractionEmitter::emit_transpose() {
  Value *from_stride = param(0), *to_stride = param(1);
  // The addresses of the rows are kept in memory: there are more of them than registers.
  auto* rows = b_.CreateAlloca(b_.getPtrTy(), i64(spec_.lanes));
  auto row = [&](int i) { return b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), rows, i); };
  loop(n0_, n1_, spec_.lanes, [&](Value* n) {
    Values sources = lines(a_, n, spec_.lanes, n1_, from_stride);
    for (int i = 0; i < spec_.lanes; ++i) b_.CreateStore(sources[i], row(i));
    loop(m0_, m1_, spec_.lanes, [&](Value* k) {
      Value* mask = mask_below(b_.CreateNSWSub(m1_, k), spec_.lanes);
      Values loaded;
      for (int i = 0; i < spec_.lanes; ++i) {
        loaded.push_back(load(at(b_.CreateLoad(b_.getPtrTy(), row(i)), k), mask));
      }
      Value* to = at(at(c_, n), b_.CreateNSWMul(k, to_stride));
      for (Value* column : transpose(loaded)) {
        store(column, to, nullptr);
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

}  // namespace croton

// Where intermediates lie: blocks that are never needed at once share memory.
#pragma once

#include <cstdint>
#include <vector>

namespace croton {

/// First-fit placement of blocks with lifetimes [first, last] (inclusive).
class ArenaLayout {
 public:
  /// Offset of a new block, a multiple of 64.
  int64_t place(int64_t bytes, int first, int last);
  int64_t bytes() const { return bytes_; }

 private:
  struct Block {
    int64_t offset, bytes;
    int first, last;
  };
  std::vector<Block> blocks_;  // sorted by offset
  int64_t bytes_ = 0;
};

}  // namespace croton

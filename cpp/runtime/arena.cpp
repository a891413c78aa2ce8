#include "runtime/arena.h"

#include <algorithm>

namespace croton {

int64_t ArenaLayout::place(int64_t bytes, int first, int last) {
  bytes = (bytes + 63) / 64 * 64;
  int64_t offset = 0;
  for (const Block& block : blocks_) {
    if (block.last < first || last < block.first) continue;
    if (block.offset >= offset + bytes) break;
    offset = std::max(offset, block.offset + block.bytes);
  }
  Block block{offset, bytes, first, last};
  auto at = std::upper_bound(blocks_.begin(), blocks_.end(), block,
                             [](const Block& a, const Block& b) { return a.offset < b.offset; });
  blocks_.insert(at, block);
  bytes_ = std::max(bytes_, offset + bytes);
  return offset;
}

}  // namespace croton

// Compiled objects kept on disk by content key, so that a second process does not compile. Nothing here
// throws or prints: whatever goes wrong with the disk is a miss, counted in the statistics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace croton {

/// What was stored under the key by this build of the library, verified by its checksum; costs one open,
/// read, close.
std::optional<std::string> disk_cache_get(uint64_t key_hi, uint64_t key_lo);

/// Stores `content` under the key; other processes see either all of it or nothing.
void disk_cache_put(uint64_t key_hi, uint64_t key_lo, std::string_view content);

/// Uses `folder` from now on; "" or "off" turns the cache off. At the start it is CROTON_CACHE_DIR, else
/// XDG_CACHE_HOME/croton, else ~/.cache/croton. A folder of another user or one that everybody can write is
/// not used.
void set_disk_cache_folder(const std::string& folder);

/// Bytes that the folder may hold (512 MB by default); checked now and then after writing.
void set_disk_cache_limit(uint64_t bytes);

/// Deletes the entries not used for longest until the folder is well within the limit.
void trim_disk_cache();

struct DiskCacheStats {
  uint64_t hits = 0, misses = 0, writes = 0;
  uint64_t errors = 0;     // failed reads and writes, entries found damaged
  std::string folder;      // "" when the cache is off
  std::string off_reason;  // why it is off
};
DiskCacheStats disk_cache_stats();

}  // namespace croton

#include "runtime/disk_cache.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "runtime/build_id.h"

#if defined(__unix__) || defined(__APPLE__)
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#define CROTON_HAS_DISK_CACHE 1
#endif

namespace croton {
namespace {

/// Where entries lie. Immutable once published, and kept for the process, so that readers need no lock.
struct Folder {
  std::string path;  // "" when off
  std::string off_reason;
  const Folder* previous = nullptr;
};

std::atomic<const Folder*> current_folder{nullptr};
std::atomic<uint64_t> size_limit{uint64_t{512} << 20};
std::atomic<uint64_t> hits{0}, misses{0}, writes{0}, errors{0};
std::atomic<uint64_t> puts_since_trim{0};

#if CROTON_HAS_DISK_CACHE

constexpr char kMagic[8] = {'C', 'R', 'O', 'T', 'O', 'N', 'O', 'B'};
constexpr uint64_t kFormat = 1;
constexpr uint64_t kMaxEntryBytes = uint64_t{1} << 30;
constexpr time_t kStampSeconds = 3600;  // how fine the time of the last use is kept

/// The first bytes of an entry, before the content; in the machine's own byte order, which is part of the
/// build.
struct Header {
  char magic[8];
  uint64_t format, build, key_hi, key_lo, length;
  uint64_t check[2];
};
static_assert(sizeof(Header) == 64);

/// 128 bits over header fields and content; four lanes, since one chain of multiplications would take as long
/// as reading the file.
void checksum(const Header& header, std::string_view content, uint64_t out[2]) {
  uint64_t lanes[4];
  for (uint64_t i = 0; i < 4; ++i) lanes[i] = hash_bytes(&header, offsetof(Header, check), i);
  const char* data = content.data();
  size_t size = content.size();
  for (; size >= 32; size -= 32, data += 32) {
    uint64_t words[4];
    std::memcpy(words, data, 32);
    for (int i = 0; i < 4; ++i) lanes[i] = mix(lanes[i], words[i]);
  }
  uint64_t tail = hash_bytes(data, size, lanes[3]);
  out[0] = mix(mix(lanes[0], lanes[1]), mix(lanes[2], tail));
  out[1] = mix(mix(tail, lanes[2]), mix(lanes[1], lanes[0]));
}

Header make_header(uint64_t key_hi, uint64_t key_lo, std::string_view content) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.format = kFormat;
  header.build = build_id();
  header.key_hi = key_hi;
  header.key_lo = key_lo;
  header.length = content.size();
  checksum(header, content, header.check);
  return header;
}

/// Key and build in the name: builds that share a folder do not displace each other's entries.
std::string entry_name(uint64_t key_hi, uint64_t key_lo) {
  char name[64];
  std::snprintf(name, sizeof name, "%016llx%016llx.%016llx.o", static_cast<unsigned long long>(key_hi),
                static_cast<unsigned long long>(key_lo), static_cast<unsigned long long>(build_id()));
  return name;
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_entry_name(std::string_view name) {
  return name.size() == 51 && is_hex(name.substr(0, 32)) && name[32] == '.' && is_hex(name.substr(33, 16)) &&
         name.substr(49) == ".o";
}
bool is_temporary_name(std::string_view name) {
  return name.size() > 56 && name[0] == '.' && is_entry_name(name.substr(1, 51)) && name.ends_with(".tmp");
}

/// Makes the folder if need be; returns why it cannot be used, or "".
std::string prepare_folder(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    mkdir(path.substr(0, slash).c_str(), 0700);  // what exists stays as it is; what fails shows below
    if (slash == std::string::npos) break;
  }
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return "the folder cannot be made";
  if (!S_ISDIR(info.st_mode)) return "it is not a folder";
  if (info.st_uid != geteuid()) return "the folder belongs to another user";
  if (info.st_mode & S_IWOTH) return "everybody can write into the folder";
  return "";
}

std::unique_ptr<Folder> open_folder(std::string path) {
  auto folder = std::make_unique<Folder>();
  if (path.empty() || path == "off") {
    folder->off_reason = "it is turned off";
    return folder;
  }
  std::error_code ignored;
  std::string absolute = std::filesystem::absolute(path, ignored).string();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  folder->off_reason = absolute.empty() ? "the folder cannot be made" : prepare_folder(absolute);
  if (folder->off_reason.empty()) folder->path = absolute;
  return folder;
}

std::unique_ptr<Folder> default_folder() {
  if (getuid() != geteuid()) {  // the environment belongs to someone with fewer rights
    auto folder = std::make_unique<Folder>();
    folder->off_reason = "the program runs with another user's rights";
    return folder;
  }
  if (const char* path = std::getenv("CROTON_CACHE_DIR")) return open_folder(path);
  if (const char* path = std::getenv("XDG_CACHE_HOME"); path && path[0] == '/')
    return open_folder(std::string(path) + "/croton");
  if (const char* path = std::getenv("HOME"); path && path[0] == '/')
    return open_folder(std::string(path) + "/.cache/croton");
  auto folder = std::make_unique<Folder>();
  folder->off_reason = "there is no home folder";
  return folder;
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool close() {
    int result = ::close(descriptor_);
    descriptor_ = -1;
    return result == 0;
  }

 private:
  int descriptor_;
};

/// Reads or writes header and content with as few calls as the system allows.
template <class Transfer>
bool transfer_all(Transfer transfer, int file, Header& header, char* content, size_t size) {
  iovec parts[2] = {{&header, sizeof header}, {content, size}};
  int first = 0;
  while (first < 2) {
    ssize_t done = transfer(file, parts + first, 2 - first);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bool moved = done > 0;
    while (first < 2 && static_cast<size_t>(done) >= parts[first].iov_len) done -= parts[first++].iov_len;
    if (first == 2) break;
    if (!moved) return false;  // the end of a file shorter than its size said
    parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + done;
    parts[first].iov_len -= done;
  }
  return true;
}

/// The content of an open entry if everything about it is as it was written.
std::optional<std::string> read_entry(int file, uint64_t key_hi, uint64_t key_lo) {
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  if (info.st_uid != geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH))) return std::nullopt;
  uint64_t size = static_cast<uint64_t>(info.st_size);
  if (size < sizeof(Header) || size > kMaxEntryBytes) return std::nullopt;
  Header found;
  std::string content(size - sizeof(Header), '\0');
  if (!transfer_all(readv, file, found, content.data(), content.size())) return std::nullopt;
  Header expected = make_header(key_hi, key_lo, content);
  if (std::memcmp(&found, &expected, sizeof found) != 0) return std::nullopt;
  if (time(nullptr) - info.st_mtime > kStampSeconds) futimens(file, nullptr);  // marks it as used
  return content;
}

/// A name that no other process, thread or container sharing the folder uses at this time.
std::string temporary_name(const std::string& entry) {
  static std::atomic<uint64_t> counter{0};
  uint64_t now = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  uint64_t unique = mix(mix(now, static_cast<uint64_t>(getpid())), counter.fetch_add(1));
  char suffix[32];
  std::snprintf(suffix, sizeof suffix, ".%016llx.tmp", static_cast<unsigned long long>(unique));
  return "." + entry + suffix;
}

bool write_entry(const std::string& folder, const std::string& name, Header header,
                 std::string_view content) {
  std::string temporary = folder + "/" + temporary_name(name);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  int descriptor = open(temporary.c_str(), kFlags, 0600);
  // Someone may have deleted the whole folder meanwhile.
  if (descriptor < 0 && errno == ENOENT && prepare_folder(folder).empty())
    descriptor = open(temporary.c_str(), kFlags, 0600);
  if (descriptor < 0) return false;
  File file(descriptor);
  char* data = const_cast<char*>(content.data());
  bool written = transfer_all(writev, file.get(), header, data, content.size());
  written = file.close() && written;
  if (written && rename(temporary.c_str(), (folder + "/" + name).c_str()) == 0) return true;
  unlink(temporary.c_str());
  return false;
}

struct Entry {
  std::string name;
  timespec used;
  uint64_t bytes;
};

/// The entries of the folder; deletes what crashed writers left behind. Never touches files of another kind.
std::vector<Entry> list_entries(DIR* directory) {
  std::vector<Entry> entries;
  while (dirent* item = readdir(directory)) {
    bool temporary = is_temporary_name(item->d_name);
    struct stat info;
    if (!temporary && !is_entry_name(item->d_name)) continue;
    if (fstatat(dirfd(directory), item->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!temporary) {
#if defined(__APPLE__)
      timespec used = info.st_mtimespec;
#else
      timespec used = info.st_mtim;
#endif
      uint64_t on_disk = static_cast<uint64_t>(info.st_blocks) * 512;
      entries.push_back({item->d_name, used, std::max(static_cast<uint64_t>(info.st_size), on_disk)});
    } else if (time(nullptr) - info.st_mtime > kStampSeconds) {
      unlinkat(dirfd(directory), item->d_name, 0);
    }
  }
  return entries;
}

#else  // no POSIX files: the cache is off

std::unique_ptr<Folder> open_folder(std::string) {
  auto folder = std::make_unique<Folder>();
  folder->off_reason = "this system is not supported";
  return folder;
}
std::unique_ptr<Folder> default_folder() { return open_folder(""); }

#endif

const Folder& folder_in_use() {
  const Folder* folder = current_folder.load(std::memory_order_acquire);
  if (folder) return *folder;
  std::unique_ptr<Folder> made = default_folder();
  if (current_folder.compare_exchange_strong(folder, made.get(), std::memory_order_acq_rel))
    return *made.release();
  return *folder;
}

}  // namespace

void set_disk_cache_folder(const std::string& path) {
  std::unique_ptr<Folder> made = open_folder(path);
  made->previous = current_folder.load(std::memory_order_acquire);
  while (!current_folder.compare_exchange_weak(made->previous, made.get(), std::memory_order_acq_rel)) {
  }
  made.release();
}

void set_disk_cache_limit(uint64_t bytes) { size_limit.store(bytes, std::memory_order_relaxed); }

DiskCacheStats disk_cache_stats() {
  const Folder& folder = folder_in_use();
  return {hits.load(), misses.load(), writes.load(), errors.load(), folder.path, folder.off_reason};
}

#if CROTON_HAS_DISK_CACHE

std::optional<std::string> disk_cache_get(uint64_t key_hi, uint64_t key_lo) try {
  const Folder& folder = folder_in_use();
  if (folder.path.empty()) return std::nullopt;
  std::string path = folder.path + "/" + entry_name(key_hi, key_lo);
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  int problem = file.get() < 0 ? errno : 0;
  std::optional<std::string> content;
  if (!problem) content = read_entry(file.get(), key_hi, key_lo);
  ++(content ? hits : misses);
  if (!content && problem != ENOENT) ++errors;
  // Not where only the moment is bad (too many open files, say). ELOOP: a symbolic link, which we never make.
  if (!content && (!problem || problem == ELOOP)) unlink(path.c_str());
  return content;
} catch (const std::bad_alloc&) {
  ++misses;
  return std::nullopt;
}

void disk_cache_put(uint64_t key_hi, uint64_t key_lo, std::string_view content) try {
  const Folder& folder = folder_in_use();
  if (folder.path.empty()) return;
  bool fits = content.size() <= kMaxEntryBytes - sizeof(Header) && content.size() <= size_limit.load();
  if (fits &&
      write_entry(folder.path, entry_name(key_hi, key_lo), make_header(key_hi, key_lo, content), content))
    ++writes;
  else
    ++errors;
  // Keys are hashes, so this is one put in 64 over all processes, however few each makes.
  if (key_lo % 64 == 0 || ++puts_since_trim >= 64) trim_disk_cache();
} catch (const std::bad_alloc&) {
  ++errors;
}

void trim_disk_cache() {
  puts_since_trim.store(0);
  const Folder& folder = folder_in_use();
  if (folder.path.empty()) return;
  DIR* directory = opendir(folder.path.c_str());
  if (!directory) return;
  std::vector<Entry> entries = list_entries(directory);
  uint64_t total = 0, limit = size_limit.load();
  for (const Entry& entry : entries) total += entry.bytes;
  if (total > limit) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.used.tv_sec != b.used.tv_sec ? a.used.tv_sec < b.used.tv_sec : a.used.tv_nsec < b.used.tv_nsec;
    });
    for (const Entry& entry : entries) {
      if (total <= limit - limit / 4) break;  // some room, so that the next write does not come here again
      unlinkat(dirfd(directory), entry.name.c_str(), 0);
      total -= entry.bytes;
    }
  }
  closedir(directory);
}

#else

std::optional<std::string> disk_cache_get(uint64_t, uint64_t) { return std::nullopt; }
void disk_cache_put(uint64_t, uint64_t, std::string_view) {}
void trim_disk_cache() {}

#endif

}  // namespace croton

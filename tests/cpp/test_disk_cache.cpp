#include "runtime/disk_cache.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "check.h"
#include "runtime/build_id.h"

using namespace croton;
namespace fs = std::filesystem;

namespace {

fs::path root;

std::string content_of(uint64_t key, size_t size = 3000) {
  std::string content(size, '\0');
  for (size_t i = 0; i < size; ++i) content[i] = static_cast<char>((i * 131 + key * 7) >> 2);
  return content;
}

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::vector<fs::path> files(const fs::path& folder) {
  std::vector<fs::path> found;
  for (auto& item : fs::directory_iterator(folder)) found.push_back(item.path());
  return found;
}

/// The file of a key in `folder`.
fs::path path_of(const fs::path& folder, unsigned long long key_hi, unsigned long long key_lo) {
  char name[40];
  std::snprintf(name, sizeof name, "%016llx%016llx.", key_hi, key_lo);
  for (auto& path : files(folder))
    if (path.filename().string().rfind(name, 0) == 0) return path;
  return {};
}

/// Runs `body` in a child process and returns its exit status.
template <class Body>
int in_child(Body body) {
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    check_failures = 0;
    body();
    std::fflush(stdout);
    _exit(check_failures ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

void test_round_trip() {
  fs::path folder = root / "a" / "b" / "cache";
  set_disk_cache_folder(folder.string());
  CHECK(disk_cache_stats().folder == folder.string());
  struct stat info;
  CHECK(stat(folder.c_str(), &info) == 0 && (info.st_mode & 0777) == 0700);
  CHECK(!disk_cache_get(1, 2));
  for (size_t size : {0, 1, 7, 31, 32, 33, 64, 20'000, 3'000'000}) {
    disk_cache_put(1, size, content_of(size, size));
    auto found = disk_cache_get(1, size);
    CHECK(found && *found == content_of(size, size));
    CHECK(!disk_cache_get(size, 1) || size == 1);
  }
  disk_cache_put(1, 7, "other");
  CHECK(disk_cache_get(1, 7) == "other");
  for (auto& path : files(folder)) CHECK(stat(path.c_str(), &info) == 0 && (info.st_mode & 0777) == 0600);
  CHECK(files(folder).size() == 9);
  CHECK(disk_cache_stats().errors == 0);
  CHECK(build_id() != 0);
  CHECK(in_child([] { CHECK(disk_cache_get(1, 20'000) == content_of(20'000, 20'000)); }) == 0);
}

/// Every way of damaging an entry: it must be a miss, go away, and be replaced by the next put.
void test_corruption() {
  fs::path folder = root / "corrupt";
  set_disk_cache_folder(folder.string());
  const std::string content = content_of(5, 500);
  disk_cache_put(3, 5, content);
  fs::path path = files(folder).at(0);
  const std::string good = read_file(path);
  CHECK(good.size() == 564);

  std::vector<std::string> bad;
  for (size_t i = 0; i < good.size(); ++i)
    for (int bit : {0, 3, 7}) {
      bad.push_back(good);
      bad.back()[i] = static_cast<char>(bad.back()[i] ^ (1 << bit));
    }
  for (size_t size = 0; size < good.size(); size += 13) bad.push_back(good.substr(0, size));
  bad.push_back(good + "x");
  bad.push_back(std::string(564, '\0'));
  bad.push_back(good.substr(0, 64) + std::string(500, '\0'));
  std::string swapped = good;  // words exchanged between and within lanes
  std::swap_ranges(swapped.begin() + 64, swapped.begin() + 72, swapped.begin() + 96);
  bad.push_back(swapped);
  swapped = good;
  std::swap_ranges(swapped.begin() + 64, swapped.begin() + 72, swapped.begin() + 72);
  bad.push_back(swapped);
  for (const std::string& text : bad) {
    write_file(path, text);
    uint64_t errors = disk_cache_stats().errors;
    CHECK(!disk_cache_get(3, 5));
    CHECK(disk_cache_stats().errors == errors + 1);
    CHECK(!fs::exists(path));
  }
  disk_cache_put(3, 5, content);
  CHECK(disk_cache_get(3, 5) == content);

  // A good entry under another key's name.
  disk_cache_put(3, 6, "six");
  for (auto& other : files(folder))
    if (other != path) fs::rename(other, path);
  CHECK(!disk_cache_get(3, 5));

  // Things that are not files of ours.
  disk_cache_put(3, 5, content);
  fs::permissions(path, fs::perms::others_write, fs::perm_options::add);
  CHECK(!disk_cache_get(3, 5));
  disk_cache_put(3, 5, content);
  fs::rename(path, root / "elsewhere");
  fs::create_symlink(root / "elsewhere", path);
  CHECK(!disk_cache_get(3, 5));
  CHECK(mkfifo(path.c_str(), 0600) == 0);
  CHECK(!disk_cache_get(3, 5));
  fs::create_directory(path);
  CHECK(!disk_cache_get(3, 5));
  disk_cache_put(3, 5, content);  // cannot be written either: counted, not thrown
  CHECK(!disk_cache_get(3, 5));
  fs::remove(path);
  CHECK(files(folder).empty());
}

void test_unusable_folders() {
  auto is_off = [](const fs::path& folder) {
    set_disk_cache_folder(folder.string());
    disk_cache_put(1, 1, "x");
    DiskCacheStats stats = disk_cache_stats();
    return stats.folder.empty() && !stats.off_reason.empty() && !disk_cache_get(1, 1);
  };
  CHECK(is_off(""));
  CHECK(is_off("off"));
  fs::path open_to_all = root / "open";
  fs::create_directory(open_to_all);
  fs::permissions(open_to_all, fs::perms::all);
  CHECK(is_off(open_to_all));
  CHECK(files(open_to_all).empty());
  write_file(root / "file", "x");
  CHECK(is_off(root / "file"));
  CHECK(is_off(root / "file" / "below"));
  if (geteuid() == 0) {
    fs::path foreign = root / "foreign";
    fs::create_directory(foreign);
    CHECK(chown(foreign.c_str(), 12345, 12345) == 0);
    CHECK(is_off(foreign));
    // A file of another user in a folder of ours.
    set_disk_cache_folder((root / "mixed").string());
    disk_cache_put(1, 1, "x");
    CHECK(chown(files(root / "mixed").at(0).c_str(), 12345, 12345) == 0);
    CHECK(!disk_cache_get(1, 1));
  }
}

void test_environment() {
  auto folder_with = [](const char* cache, const char* xdg, const char* home, const std::string& expected) {
    return in_child([&] {
      auto set = [](const char* name, const char* value) { value ? setenv(name, value, 1) : unsetenv(name); };
      set("CROTON_CACHE_DIR", cache);
      set("XDG_CACHE_HOME", xdg);
      set("HOME", home);
      CHECK(disk_cache_stats().folder == expected);
    });
  };
  std::string base = root.string();
  std::string own = base + "/own", xdg = base + "/xdg", home = base + "/home";
  CHECK(folder_with(own.c_str(), xdg.c_str(), home.c_str(), own) == 0);
  CHECK(folder_with((own + "//").c_str(), nullptr, nullptr, own) == 0);
  CHECK(folder_with(nullptr, xdg.c_str(), home.c_str(), xdg + "/croton") == 0);
  CHECK(folder_with(nullptr, "relative", home.c_str(), home + "/.cache/croton") == 0);
  CHECK(folder_with(nullptr, nullptr, home.c_str(), home + "/.cache/croton") == 0);
  CHECK(folder_with(nullptr, nullptr, nullptr, "") == 0);
  CHECK(folder_with("", xdg.c_str(), home.c_str(), "") == 0);
  CHECK(folder_with("off", xdg.c_str(), home.c_str(), "") == 0);
}

void set_age(const fs::path& path, time_t seconds) {
  timespec times[2] = {{time(nullptr) - seconds, 0}, {time(nullptr) - seconds, 0}};
  utimensat(AT_FDCWD, path.c_str(), times, 0);
}

void test_limit() {
  fs::path folder = root / "limited";
  set_disk_cache_folder(folder.string());
  for (uint64_t key = 1; key <= 40; ++key) {
    disk_cache_put(9, key, content_of(key, 10'000));
    set_age(path_of(folder, 9, key), static_cast<time_t>(100'000 - key * 100));
  }
  CHECK(disk_cache_get(9, 2).has_value());  // used now, though written long ago
  write_file(folder / "README", std::string(100'000, 'x'));
  std::string entry = path_of(folder, 9, 5).filename().string();
  fs::path stale = folder / ("." + entry + ".0123456789abcdef.tmp");
  fs::path busy = folder / ("." + entry + ".0123456789abcdee.tmp");
  write_file(stale, "left by a crash");
  write_file(busy, "being written");
  set_age(stale, 10'000);
  trim_disk_cache();
  CHECK(!fs::exists(stale) && fs::exists(busy));
  CHECK(files(folder).size() == 42);

  set_disk_cache_limit(200'000);
  trim_disk_cache();
  CHECK(fs::exists(folder / "README"));
  CHECK(!disk_cache_get(9, 1) && !disk_cache_get(9, 3) && !disk_cache_get(9, 20));
  CHECK(disk_cache_get(9, 2) && disk_cache_get(9, 40));
  uint64_t total = 0;
  for (auto& path : files(folder))
    if (path.extension() == ".o") total += fs::file_size(path);
  CHECK(total <= 200'000 && total >= 80'000);

  // Without being asked, too.
  for (uint64_t key = 100; key < 300; ++key) disk_cache_put(9, key, content_of(key, 10'000));
  total = 0;
  for (auto& path : files(folder))
    if (path.extension() == ".o") total += fs::file_size(path);
  CHECK(total <= 200'000 + 64 * 10'064);
  set_disk_cache_limit(uint64_t{512} << 20);
}

void test_failing_disk() {
  fs::path folder = root / "failing";
  set_disk_cache_folder(folder.string());
  disk_cache_put(1, 1, "x");
  fs::remove_all(folder);
  CHECK(!disk_cache_get(1, 1));
  disk_cache_put(1, 1, "again");  // the folder comes back
  CHECK(disk_cache_get(1, 1) == "again");

  // No room: files may not grow beyond 1,000 bytes.
  CHECK(in_child([&] {
          signal(SIGXFSZ, SIG_IGN);
          rlimit small = {1000, 1000};
          setrlimit(RLIMIT_FSIZE, &small);
          uint64_t errors = disk_cache_stats().errors;
          disk_cache_put(1, 2, content_of(2, 5000));
          CHECK(disk_cache_stats().errors == errors + 1);
          CHECK(!disk_cache_get(1, 2));
          disk_cache_put(1, 3, "small");
          CHECK(disk_cache_get(1, 3) == "small");
          CHECK(files(folder).size() == 2);  // no temporary file stays
        }) == 0);

  // No descriptor left: a miss, but the entry stays.
  CHECK(in_child([&] {
          rlimit none = {0, 0};
          setrlimit(RLIMIT_NOFILE, &none);
          CHECK(!disk_cache_get(1, 1));
        }) == 0);
  CHECK(disk_cache_get(1, 1) == "again");

  // No right to write; the superuser has it always, so become nobody.
  fs::permissions(root, fs::perms::others_exec | fs::perms::others_read, fs::perm_options::add);
  fs::path sealed = root / "sealed";
  fs::create_directory(sealed);
  if (geteuid() == 0) CHECK(chown(sealed.c_str(), 12345, 12345) == 0);
  CHECK(in_child([&] {
          if (geteuid() == 0) CHECK(setgid(12345) == 0 && setuid(12345) == 0);
          set_disk_cache_folder(sealed.string());
          CHECK(disk_cache_stats().folder == sealed.string());
          disk_cache_put(1, 1, "x");
          CHECK(disk_cache_get(1, 1) == "x");
          fs::permissions(sealed, fs::perms::owner_read | fs::perms::owner_exec);
          uint64_t errors = disk_cache_stats().errors;
          disk_cache_put(1, 2, "y");
          CHECK(disk_cache_stats().errors == errors + 1);
          CHECK(disk_cache_get(1, 1) == "x");
          fs::permissions(sealed, fs::perms::owner_all);
        }) == 0);
}

/// Processes and threads writing, reading and trimming the same keys: a hit is always right.
void test_concurrency() {
  fs::path folder = root / "shared";
  auto work = [&] {
    set_disk_cache_folder(folder.string());
    set_disk_cache_limit(100'000);
    auto body = [] {
      uint64_t right = 0;
      for (uint64_t i = 0; i < 600; ++i) {
        uint64_t key = i * 7 % 20;
        auto found = disk_cache_get(4, key);
        if (found) {
          CHECK(*found == content_of(key, 10'000 + key));
          ++right;
        } else {
          disk_cache_put(4, key, content_of(key, 10'000 + key));
        }
      }
      CHECK(right > 0);
    };
    std::thread other(body);
    body();
    other.join();
  };
  std::vector<pid_t> children;
  std::fflush(stdout);
  for (int i = 0; i < 4; ++i) {
    pid_t child = fork();
    if (child == 0) {
      alarm(60);
      check_failures = 0;
      uint64_t errors = disk_cache_stats().errors;
      work();
      CHECK(disk_cache_stats().errors == errors);
      std::fflush(stdout);
      _exit(check_failures ? 1 : 0);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  for (auto& path : files(folder)) CHECK(path.extension() == ".o");
}

}  // namespace

int main() {
  std::string pattern = (fs::temp_directory_path() / "croton_cache_XXXXXX").string();
  root = mkdtemp(pattern.data());
  test_environment();  // first: it needs a process that has not chosen a folder yet
  test_round_trip();
  test_corruption();
  test_unusable_folders();
  test_limit();
  test_failing_disk();
  test_concurrency();
  fs::remove_all(root);
  return check_result();
}

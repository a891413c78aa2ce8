#include "runtime/build_id.h"

#include "base/hash.h"

#if defined(__unix__) || defined(__APPLE__)
#include <dlfcn.h>
#include <sys/stat.h>
#endif
#if defined(__linux__)
#include <elf.h>
#include <link.h>
#endif

namespace croton {
namespace {

#if defined(__linux__)

/// The hash of the NT_GNU_BUILD_ID note among `size` bytes of notes, or 0.
uint64_t id_in_notes(const char* notes, size_t size) {
  auto padded = [](size_t bytes) { return (bytes + 3) / 4 * 4; };
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes, sizeof note);
    size_t total = sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
    if (total > size) return 0;
    const char* name = notes + sizeof note;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0)
      return hash_bytes(name + 4, note.n_descsz);
    notes += total;
    size -= total;
  }
  return 0;
}

/// Called for each loaded object: looks for the one that holds build_id() itself.
int visit_object(dl_phdr_info* object, size_t, void* result) {
  auto here = reinterpret_cast<uintptr_t>(&build_id);
  bool holds = false;
  uint64_t id = 0;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr) & header = object->dlpi_phdr[i];
    uintptr_t start = object->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD) holds |= here - start < header.p_memsz;
    if (header.p_type == PT_NOTE && !id)
      id = id_in_notes(reinterpret_cast<const char*>(start), header.p_memsz);
  }
  if (holds) *static_cast<uint64_t*>(result) = id;
  return holds;
}

uint64_t linker_id() {
  uint64_t id = 0;
  dl_iterate_phdr(visit_object, &id);
  return id;
}

#else
uint64_t linker_id() { return 0; }
#endif

uint64_t find_id() {
  if (uint64_t id = linker_id()) return id;
#if defined(__unix__) || defined(__APPLE__)
  Dl_info info;
  struct stat file;
  if (dladdr(reinterpret_cast<void*>(&build_id), &info) && stat(info.dli_fname, &file) == 0)
    return mix(mix(static_cast<uint64_t>(file.st_size), static_cast<uint64_t>(file.st_mtime)), 1);
#endif
  return 0;
}

}  // namespace

uint64_t build_id() {
  static const uint64_t id = find_id();
  return id;
}

}  // namespace croton

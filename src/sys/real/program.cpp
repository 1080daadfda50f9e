#include "sys/program.h"

#include <elf.h>
#include <link.h>

#include <cstring>

#include "base/text.h"

namespace llmops::sys {
namespace {

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

/// Notes are a head, a name and a description, each padded to four bytes.
std::string id_in_notes(const char* at, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    std::memcpy(&head, at, sizeof head);
    const auto name = sizeof head, description = name + padded(head.n_namesz);
    const auto whole = description + padded(head.n_descsz);
    if (whole > size) return {};
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && std::memcmp(at + name, "GNU", 4) == 0) {
      return text::to_hex({at + description, head.n_descsz});
    }
    at += whole;
    size -= whole;
  }
  return {};
}

int look(dl_phdr_info* info, std::size_t, void* found) {
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const auto& header = info->dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    auto id = id_in_notes(reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr), header.p_memsz);
    if (!id.empty()) *static_cast<std::string*>(found) = std::move(id);
  }
  return 1;  // The first object is the program.
}

}  // namespace

const std::string& build_id() {
  static const std::string id = [] {
    std::string found;
    dl_iterate_phdr(look, &found);
    return found.empty() ? std::string("unknown") : found;
  }();
  return id;
}

}  // namespace llmops::sys

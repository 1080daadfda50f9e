#include "sys/real/git_refs.h"

#include <algorithm>

#include "base/text.h"
#include "sys/real/file_io.h"

namespace llmops::sys {
namespace {

constexpr int kDepth = 5;

bool per_work_tree(std::string_view name) {
  return !name.starts_with("refs/") || name.starts_with("refs/bisect/") || name.starts_with("refs/worktree/") ||
         name.starts_with("refs/rewritten/");
}

Result<std::optional<ObjectId>> read_packed(const GitLayout& layout, std::string_view name) {
  TRY(const auto text, read_if_present(layout.common_dir / "packed-refs"));
  const std::string wanted = " " + std::string(name) + "\n";
  const std::size_t digits = layout.format == ObjectFormat::sha1 ? 40 : 64;
  const std::string_view lines = text ? std::string_view(*text) : std::string_view();
  for (auto at = lines.find(wanted); at != std::string_view::npos; at = lines.find(wanted, at + 1)) {
    if (at < digits || (at > digits && lines[at - digits - 1] != '\n')) continue;
    const auto id = lines.substr(at - digits, digits);
    if (is_object_id(id, layout.format)) return std::optional<ObjectId>(id);
  }
  return std::optional<ObjectId>{};
}

}  // namespace

bool is_object_id(std::string_view text, ObjectFormat format) {
  return text.size() == (format == ObjectFormat::sha1 ? 40 : 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Path loose_ref_file(const GitLayout& layout, std::string_view name) {
  return (per_work_tree(name) ? layout.git_dir : layout.common_dir) / name;
}

Result<RefRead> read_ref(const GitLayout& layout, std::string name) {
  RefRead out;
  out.ask_git = !layout.files_refs;
  for (int depth = 0; depth < kDepth && !out.ask_git; ++depth) {
    if (name.find("..") != std::string::npos) break;
    TRY(const auto loose, read_if_present(loose_ref_file(layout, name)));
    if (!loose) {
      TRY(out.id, read_packed(layout, name));
      return out;
    }
    const std::string_view line = text::trim(*loose);
    if (!line.starts_with("ref:")) {
      if (is_object_id(line, layout.format)) {
        out.id = ObjectId(line);
      } else {
        out.ask_git = true;
      }
      return out;
    }
    name = text::trim(line.substr(4));
    out.target = name;
  }
  out.ask_git = true;
  return out;
}

}  // namespace llmops::sys

#pragma once
/// \file  A git tree with files put into it or taken from it; only the folders on their way are read and written.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/real/git_layout.h"

namespace llmops::sys {

struct TreeEdit {
  std::map<std::string, std::string> folders;   ///< Raw trees as they are now, by path; `` is the top. Absent: empty.
  std::map<std::string, std::string_view> put;  ///< Bytes by path, borrowed.
  std::set<std::string> removed;                ///< Paths.
};

/// The folders that an edit of `path` needs: ``, `a`, `a/b` for `a/b/c`.
std::set<std::string> folders_above(std::string_view path);
/// Whether git can hold this path: relative, no empty part, no `.`, `..` or `.git`, no control characters.
bool valid_tree_path(std::string_view path);
/// Writes the blobs and the trees; the new top's id.
Result<ObjectId> write_edited_tree(const GitLayout& layout, const TreeEdit& edit);

}  // namespace llmops::sys

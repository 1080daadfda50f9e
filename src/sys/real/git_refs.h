#pragma once
/// \file  Refs that are files: loose ones and `packed-refs`.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/real/git_layout.h"

namespace llmops::sys {

bool is_object_id(std::string_view text, ObjectFormat format);
/// The file that holds a loose ref: in the common folder, but for those that each work tree has of its own.
Path loose_ref_file(const GitLayout& layout, std::string_view name);

struct RefRead {
  std::optional<ObjectId> id;  ///< Nothing where there is no such ref.
  std::string target;          ///< The last ref of the chain, for a symbolic one (`HEAD` → `refs/heads/main`).
  bool ask_git = false;        ///< Not readable this way.
};
/// Follows symbolic refs.
Result<RefRead> read_ref(const GitLayout& layout, std::string name);

}  // namespace llmops::sys

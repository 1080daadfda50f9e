#pragma once
/// \file  The work tree as a git tree.
#include "base/result.h"
#include "sys/git.h"
#include "sys/real/git_commit_files.h"

namespace llmops::sys {

/// `GitRepository::snapshot_work_tree`: adds everything to a copy of the index, which is removed at the end. `hidden`
/// are changed paths that git was told not to look at.
Result<DirtyTree> snapshot_work_tree(const CommitTools& tools, const std::vector<std::string>& hidden);
/// `GitRepository::keep`.
Result<void> keep(const CommitTools& tools, const std::string& ref, const ObjectId& commit);

/// The NUL-separated parts of a text, without `.llmops` and what lies in it.
std::vector<std::string> paths_of(std::string_view text);

}  // namespace llmops::sys

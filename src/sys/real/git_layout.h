#pragma once
/// \file  Where a repository's parts are, found by looking, without git.
#include "base/result.h"
#include "sys/file_system.h"
#include "sys/git.h"
#include "sys/system.h"

namespace llmops::sys {

struct GitLayout {
  Path root, git_dir, common_dir;
  ObjectFormat format = ObjectFormat::sha1;
  bool files_refs = true;        ///< Refs are files: loose ones and `packed-refs`.
  bool worktree_config = false;  ///< `config.worktree` counts.
  bool modes_count = true;       ///< `core.fileMode`.
  bool ask_git = false;          ///< Something here is for git to judge: the owner, an unknown extension.
};

/// Walks up from `folder`. Errors as `Git::open` says.
Result<GitLayout> find_repository(const Path& folder, const Env& env);

}  // namespace llmops::sys

#pragma once
/// \file  Commits made of files, without a work tree.
#include <vector>

#include "base/result.h"
#include "sys/git.h"
#include "sys/real/git_command.h"
#include "sys/real/git_layout.h"

namespace llmops::sys {

/// What committing needs; all borrowed.
struct CommitTools {
  const GitLayout& layout;
  const GitCommand& git;
  FileSystem& files;
  Clock& clock;
  const Env& env;
};

/// `GitRepository::commit_files`.
Result<GitRepository::Committed> commit_files(const CommitTools& tools,
                                              const std::vector<GitRepository::RefUpdate>& updates);

struct CommitDraft {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::string message;
};
Result<ObjectId> write_commit(const CommitTools& tools, const CommitDraft& draft);

}  // namespace llmops::sys

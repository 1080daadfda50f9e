#pragma once
/// \file  Who a commit is by.
#include <string>

#include "base/result.h"
#include "sys/real/git_command.h"
#include "sys/real/git_layout.h"

namespace llmops::sys {

struct GitIdentity {
  std::string author, committer;  ///< `Name <address>`
};

/// As git would have it: from `GIT_AUTHOR_NAME` and its like, then `user.name` and `user.email`; where the name is not
/// set, `llmops <llmops@localhost>`. Git is started only where included configuration files may say otherwise.
Result<GitIdentity> read_identity(const GitLayout& layout, const Env& env, const GitCommand& git);

}  // namespace llmops::sys

#pragma once
/// \file  Moving refs, all or none, and what stands in the way.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/real/git_command.h"
#include "sys/real/git_layout.h"

namespace llmops::sys {

struct RefMove {
  std::string ref;
  std::optional<ObjectId> from;  ///< What it must hold now; nothing: it must not exist.
  ObjectId to;
};

enum class MoveEnd {
  moved,
  changed,  ///< A ref holds something else than `from`: nothing moved.
  locked,   ///< A lock file is there: nothing moved.
};

/// `reason` goes into the reflog. Any other failure is an error; refs that git had moved by then are put back, and
/// where that fails too, the hint names them.
Result<MoveEnd> move_refs(const GitCommand& git, const GitLayout& layout, const std::vector<RefMove>& moves,
                          const std::string& reason);

/// Removes the lock files of these refs that are older than ten seconds while no git works in this repository and
/// nobody holds them open. The names of the removed ones.
std::vector<std::string> remove_stale_locks(const GitLayout& layout, const std::vector<RefMove>& moves);

}  // namespace llmops::sys

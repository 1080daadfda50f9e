#pragma once
/// \file  Commits as `git log` tells them.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/git.h"
#include "sys/real/git_command.h"

namespace llmops::sys {

/// The options that make `git log` print what `parse_log` reads.
std::vector<std::string> log_args(std::size_t limit);
Result<std::vector<CommitInfo>> parse_log(std::string_view text);

}  // namespace llmops::sys

#pragma once
/// \file  The processes below one, as /proc shows them now.
#include <sys/types.h>

#include <vector>

namespace llmops::sys {

/// Children first made come first; those that ended but were not waited for are among them. Empty where /proc is not
/// mounted.
std::vector<pid_t> children_of(pid_t process);
/// Children, their children, and so on.
std::vector<pid_t> descendants_of(pid_t process);
/// SIGKILL to `process` and everything below it.
void kill_tree(pid_t process);

}  // namespace llmops::sys

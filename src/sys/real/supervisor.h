#pragma once
/// \file  The process that every program is started from, forked while this one is small.
#include <sys/types.h>

#include "base/result.h"
#include "sys/real/unique_fd.h"

namespace llmops::sys {

/// The supervisor as its maker holds it. It takes the sockets of guardians to be (`send_fd`) on `socket`, forks each,
/// and ends with it: when `socket` is closed, so by any death of its maker, it waits for the guardians, kills what a
/// killed guardian left behind, and exits. It is to be waited for.
struct Supervisor {
  pid_t pid = -1;
  UniqueFd socket;
};

/// Forks it: in a session of its own (no signals from the terminal), a subreaper, all signals but SIGKILL and SIGSTOP
/// without effect, no descriptor of ours kept. An error of kind `environment` where the system has no more processes.
Result<Supervisor> fork_supervisor();

}  // namespace llmops::sys

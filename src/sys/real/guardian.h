#pragma once
/// \file  The process above one program: starts it, waits for it, and leaves nothing of it behind.
#include "sys/real/spawn_wire.h"

namespace llmops::sys {

/// Reads the program's spec from `fds.control`, runs it in a session of its own, and reports its start and its end
/// there. Every process that the program leaves behind becomes this one's child (it is a subreaper), so that it can be
/// told from other programs' processes, however it was detached.
///
/// A stop order or the spec's timeout: SIGTERM to the program's group, after the spec's grace SIGKILL to all below. The
/// control socket closed by the starter, or with it: the same with a grace of a quarter second. The program ended by
/// itself: what it left has a tenth of a second to end (helpers that wait for their parent's end do), then SIGKILL.
///
/// To be called in a process of its own, single-threaded, with all signals blocked and descriptors 0 to 2 open to
/// /dev/null. Returns its exit status: 0 when nothing is left below it.
int guard_program(SpawnFds fds);

}  // namespace llmops::sys

#pragma once
/// \file  The process above a program: starts it, waits for it, and leaves nothing of it behind.
#include "sys/real/spawn_wire.h"

namespace llmops::sys {

/// Takes orders from `control`, one after the other: runs a program in a session of its own, and reports its start and
/// its end there. Every process that the program leaves behind becomes this one's child (it is a subreaper), so that it
/// can be told from other programs' processes, however it was detached.
///
/// A stop order or the spec's timeout: SIGTERM to the program's group, after the spec's grace SIGKILL to all below. The
/// control socket closed by the starter, or with it: the same with a grace of a quarter second. The program ended by
/// itself: what it left has a tenth of a second to end (helpers that wait for their parent's end do), then SIGKILL.
///
/// To be called in a process of its own, single-threaded, with all signals blocked and descriptors 0 to 2 open to
/// /dev/null. Returns its exit status, when the starter is gone or something can't be killed: 0 when nothing is left
/// below it.
int guard_programs(UniqueFd control);

}  // namespace llmops::sys

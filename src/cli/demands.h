#pragma once
/// \file  What an environment demands before anything runs there.
#include "base/result.h"
#include "cli/session.h"

namespace llmops::cli {

/// An error of kind `refused`, with what to do, where the environment that `ready` is resolved for wants a clean work
/// tree and this one has changes, or comes after one that has no passing run of this release.
Result<void> check_demands(Session& session, const Ready& ready);

}  // namespace llmops::cli

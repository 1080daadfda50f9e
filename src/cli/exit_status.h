#pragma once
#include "lineage/run.h"

namespace llmops::cli {

/// What a finished run says to whoever waits for its status.
int status_of(const lineage::Run& run);

}  // namespace llmops::cli

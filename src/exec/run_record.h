#pragma once
/// \file  What a run was, and its record.
#include <string>
#include <vector>

#include "exec/executor.h"
#include "exec/services.h"
#include "lineage/run.h"
#include "plan/plan.h"

namespace llmops::exec {

struct StepTimes {
  lineage::Time began{}, ended{};
};

/// Fills in what `run` does not have yet: of what recipe it is, and its steps as they ended. `times` by step index.
void describe(const plan::Plan& plan, const RunOptions& options, const std::vector<StepTimes>& times,
              lineage::Run& run);

struct Written {
  bool is_new = false;  ///< False where the record was there already, or nothing is worth one.
  std::string said;     ///< A word for the person, usually empty.
};

/// Writes the record of a run that was not interrupted. A run in which something ran is recorded; one in which nothing
/// did, only where this repository has no passing record of this commit yet. A step that is up to date by a record
/// which this repository has not (it ran in another clone) gets one of its own.
Result<Written> record_run(Services& services, const plan::Plan& plan, lineage::Run& run, bool ran);

}  // namespace llmops::exec

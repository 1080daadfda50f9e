#include "cli/exit_status.h"

#include "cli/shell.h"

namespace llmops::cli {
namespace {

int outcome_status(const step::Outcome& outcome) {
  switch (outcome.status) {
    case step::Status::failed:
      return outcome.gate.is_null() ? kFailed : kRefused;
    case step::Status::inconclusive:
      return kInconclusive;
    case step::Status::error:
      return outcome.error ? status_of(outcome.error->kind) : kFailed;
    default:
      return kPassed;
  }
}

}  // namespace

int status_of(const lineage::Run& run) {
  if (run.status == lineage::RunStatus::interrupted) return kInterrupted;
  int status = kPassed;
  for (const auto& step : run.steps) status = worse(status, outcome_status(step.outcome));
  return status;
}

}  // namespace llmops::cli

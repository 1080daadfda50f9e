#include "lineage/run.h"

#include <array>
#include <utility>

namespace llmops::lineage {
namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 5> kStatuses = {{{RunStatus::passed, "passed"},
                                                                              {RunStatus::failed, "failed"},
                                                                              {RunStatus::inconclusive, "inconclusive"},
                                                                              {RunStatus::error, "error"},
                                                                              {RunStatus::interrupted, "interrupted"}}};

RunStatus status_of(step::Status status) {
  switch (status) {
    case step::Status::ran:
    case step::Status::cached:
    case step::Status::skipped:
      return RunStatus::passed;
    case step::Status::failed:
      return RunStatus::failed;
    case step::Status::inconclusive:
      return RunStatus::inconclusive;
    case step::Status::error:
      return RunStatus::error;
  }
  return RunStatus::error;
}

int badness(RunStatus status) {
  switch (status) {
    case RunStatus::passed:
      return 0;
    case RunStatus::inconclusive:
      return 1;
    case RunStatus::failed:
      return 2;
    case RunStatus::error:
    case RunStatus::interrupted:
      return 3;
  }
  return 3;
}

}  // namespace

std::string_view to_string(RunStatus status) {
  for (const auto& [known, name] : kStatuses) {
    if (known == status) return name;
  }
  return "error";
}

std::optional<RunStatus> run_status_from(std::string_view text) {
  for (const auto& [known, name] : kStatuses) {
    if (name == text) return known;
  }
  return std::nullopt;
}

RunStatus status_of(const std::vector<StepRun>& steps) {
  auto worst = RunStatus::passed;
  for (const auto& step : steps) {
    const auto status = status_of(step.outcome.status);
    if (badness(status) > badness(worst)) worst = status;
  }
  return worst;
}

}  // namespace llmops::lineage

#include "cli/exit_status.h"

#include <doctest/doctest.h>

#include "cli/shell.h"

using namespace llmops;
using namespace llmops::cli;

namespace {

step::Outcome ended(step::Status status) {
  step::Outcome outcome;
  outcome.status = status;
  return outcome;
}

step::Outcome broken(ErrorKind kind) {
  auto outcome = ended(step::Status::error);
  outcome.error = Error{kind, "it broke", {}, {}, {}};
  return outcome;
}

step::Outcome gate_says_no() {
  auto outcome = ended(step::Status::failed);
  outcome.gate = doc::Node::map({{"decision", "fail"}});
  return outcome;
}

lineage::Run run_of(const std::vector<step::Outcome>& outcomes) {
  lineage::Run run;
  for (const auto& outcome : outcomes) {
    lineage::StepRun step;
    step.outcome = outcome;
    run.steps.push_back(std::move(step));
  }
  run.status = lineage::status_of(run.steps);
  return run;
}

}  // namespace

TEST_CASE("each kind of error has its exit status") {
  CHECK(status_of(ErrorKind::step) == 1);
  CHECK(status_of(ErrorKind::usage) == 2);
  CHECK(status_of(ErrorKind::invalid) == 3);
  CHECK(status_of(ErrorKind::refused) == 4);
  CHECK(status_of(ErrorKind::environment) == 6);
  CHECK(status_of(ErrorKind::bug) == 70);
  CHECK(status_of(ErrorKind::interrupted) == 130);
}

TEST_CASE("where several statuses apply, one counts") {
  const std::vector<int> order = {130, 70, 2, 6, 3, 1, 4, 5, 0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i; j < order.size(); ++j) {
      CAPTURE(order[i]);
      CAPTURE(order[j]);
      CHECK(worse(order[i], order[j]) == order[i]);
      CHECK(worse(order[j], order[i]) == order[i]);
    }
  }
}

TEST_CASE("a run's status is that of its worst step") {
  CHECK(status_of(run_of({})) == 0);
  CHECK(status_of(run_of({ended(step::Status::ran), ended(step::Status::cached), ended(step::Status::skipped)})) == 0);
  CHECK(status_of(run_of({ended(step::Status::ran), ended(step::Status::failed)})) == 1);
  CHECK(status_of(run_of({gate_says_no()})) == 4);
  CHECK(status_of(run_of({ended(step::Status::inconclusive)})) == 5);
  CHECK(status_of(run_of({ended(step::Status::inconclusive), gate_says_no()})) == 4);
  CHECK(status_of(run_of({gate_says_no(), ended(step::Status::failed)})) == 1);
  CHECK(status_of(run_of({broken(ErrorKind::invalid), ended(step::Status::failed)})) == 3);
  CHECK(status_of(run_of({broken(ErrorKind::invalid), broken(ErrorKind::environment)})) == 6);
  CHECK(status_of(run_of({broken(ErrorKind::bug), broken(ErrorKind::environment)})) == 70);
}

TEST_CASE("an interrupted run says so, whatever its steps say") {
  auto run = run_of({ended(step::Status::failed)});
  run.status = lineage::RunStatus::interrupted;

  CHECK(status_of(run) == 130);
}

#pragma once
/// \file  What happens during a run, told to whoever listens: the terminal, a file, a trace.
#include <functional>
#include <string>
#include <variant>

#include "lineage/run.h"
#include "plan/plan.h"
#include "step/context.h"

namespace llmops::exec {

struct RunStarted {
  std::string run, recipe, environment;
  std::size_t steps = 0, to_run = 0;  ///< `to_run`: ready and not up to date at the start.
};
struct StepStarted {
  std::string id, kind, reason;  ///< Why it runs.
  lineage::Time at{};
};
struct StepTold {
  std::string id;
  step::StepEvent event;
};
struct StepEnded {
  std::string id, kind;
  step::Outcome outcome;
};
struct RunEnded {
  const lineage::Run* run = nullptr;
  bool wrote_record = false;
};
/// A word for the person, not of any step: waiting for another run, a stale lock removed.
struct Said {
  std::string text;
};

using Event = std::variant<RunStarted, StepStarted, StepTold, StepEnded, RunEnded, Said>;
/// Called one at a time, from any thread. Must be quick and must not throw.
using Listener = std::function<void(const Event&)>;

}  // namespace llmops::exec

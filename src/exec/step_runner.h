#pragma once
/// \file  One step, from its plan to its outcome: inputs, tries, time limit.
#include <functional>

#include "exec/event.h"
#include "exec/services.h"
#include "model/asker.h"
#include "plan/plan.h"

namespace llmops::exec {

struct StepWork {
  const recipe::Step* step = nullptr;
  std::string run_id, environment, recipe_path;
  recipe::Scope scope;  ///< Of `Stage::run`.
  step::Inputs inputs;
  model::Budget* budget = nullptr;
  sys::Path log_file;
};

/// Runs the step until it passes, its tries are used up, or the run stops. Never throws; whatever goes wrong is in the
/// outcome.
step::Outcome run_step(Services& services, model::Asker& asker, const StepWork& work, StopToken stop,
                       const std::function<void(step::StepEvent)>& emit);

}  // namespace llmops::exec

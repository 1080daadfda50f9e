#pragma once
#include "step/context.h"
#include "steps/gate/gate_config.h"

namespace llmops::steps::gate {

/// Selects and decides. A gate that says no is a failed outcome, not an error; `outcome.gate` says everything.
Result<step::Outcome> run_gate(const GateConfig& config, step::Context& context);

}  // namespace llmops::steps::gate

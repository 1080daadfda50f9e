#pragma once
#include "step/kind.h"
#include "steps/gate/gate_config.h"

namespace llmops::steps::gate {

/// Steps without results, cells and metrics that none of them measures, each at its place: what running would say once
/// the evals were paid for. What their configuration doesn't tell is passed over.
Errors check_references(const GateConfig& config, const step::Surroundings& around);

}  // namespace llmops::steps::gate

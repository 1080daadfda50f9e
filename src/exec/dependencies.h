#pragma once
/// \file  What a step rested on, for its record.
#include <vector>

#include "lineage/run.h"
#include "plan/plan.h"

namespace llmops::exec {

/// The recipe, and each model, prompt, dataset and file that the step read, with what its bytes were.
std::vector<lineage::Dependency> dependencies_of(const plan::Plan& plan, const recipe::Step& step);

}  // namespace llmops::exec

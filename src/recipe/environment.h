#pragma once
/// \file  A document seen from one environment: its overrides put in place, its values resolved.
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "recipe/recipe.h"

namespace llmops::recipe {

/// Fills in environment, vars, models, prompts and datasets of `recipe` from its `document`, and completes `scope` with
/// `vars` and `environment`.
Errors apply_environment(Recipe& recipe, const LoadOptions& options, Scope& scope);

}  // namespace llmops::recipe

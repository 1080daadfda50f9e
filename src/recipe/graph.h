#pragma once
/// \file  Which step needs which, and why.
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "recipe/recipe.h"

namespace llmops::recipe {

/// From `needs`, references, made models, prompts and datasets, and paths that another step makes. Errors: an unknown
/// step, and a cycle with its path (`a → b → a`).
Result<Graph, Errors> dependencies(const Recipe& recipe);

}  // namespace llmops::recipe

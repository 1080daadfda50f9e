#pragma once
/// \file  Where the steps of a recipe write: each to a place of its own, and never over what git tracks.
#include "asset/asset.h"
#include "base/result.h"
#include "recipe/recipe.h"

namespace llmops::recipe {

/// Two steps that run here and make the same path, or one within the other's folder; the error stands at the later one
/// and names both. Two steps whose `if` is decided only on the way may be alternatives, and are let pass. `scope` is
/// that of reading.
Errors check_overlaps(const Recipe& recipe, const Scope& scope);

/// Outputs of steps that run here which are tracked by git, folders that hold such files, paths through a tracked link
/// or submodule, and paths that other links lead to such files or out of the repository: a step's outputs are removed
/// before it runs.
Errors check_untracked(const Recipe& recipe, asset::AssetSource& source);

/// Where an output whose path is known only when its step runs comes to lie, as a path from the root, links above it
/// followed. An error of kind `invalid`, without a place, where removing what is there would harm.
Result<std::string> free_place(asset::AssetSource& source, const std::string& path);

}  // namespace llmops::recipe

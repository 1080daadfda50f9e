#pragma once
/// \file  A repository's files in memory, and a recipe read from them with the real step kinds.
#include <map>
#include <string>
#include <utility>

#include "base/result.h"
#include "fakes/fake_env.h"
#include "fakes/memory_assets.h"
#include "fakes/memory_cache.h"
#include "fakes/memory_file_system.h"
#include "recipe/recipe.h"
#include "steps/all.h"

namespace llmops::fakes {

struct RecipeFiles {
  explicit RecipeFiles(std::map<std::string, std::string> with) : assets(std::move(with)) {}

  Result<recipe::Recipe, Errors> load(recipe::LoadOptions options = {}, const std::string& path = "work.yaml") {
    options.scope.env = &env;
    return recipe::load(assets, cache, steps::all(), path, options);
  }

  MemoryFileSystem files;
  MemoryCache cache{files};
  FakeEnv env;
  MemoryAssets assets;
};

/// A recipe named `work` with these further lines.
inline std::string work(const std::string& lines) { return "llmops: 1\nname: work\n" + lines; }

}  // namespace llmops::fakes

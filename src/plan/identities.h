#pragma once
/// \file  What a recipe reads, by content: gathered once, so that planning is pure.
#include <map>
#include <set>
#include <string>

#include "asset/asset.h"
#include "base/result.h"
#include "model/catalog.h"
#include "model/config.h"
#include "recipe/recipe.h"
#include "sys/system.h"

namespace llmops::plan {

/// A model's content, and its configuration as far as it is known now.
struct ModelIdentity {
  model::ModelConfig config;
  model::ModelFiles files;
  std::string made_by_path;  ///< A file or adapter that a step makes; its digest comes late.
};

/// Stands behind the blob id of a tracked file that can be executed, where that counts.
inline constexpr std::string_view kExecutable = " 100755";

/// A plain value.
struct Identities {
  std::string repository;                       ///< The root commit, or empty without one.
  std::map<std::string, std::string> paths;     ///< Path or pattern → identity of its content; made paths are absent.
  std::map<std::string, std::string> words;     ///< Words of commands that are tracked files → blob id.
  std::set<std::string> executables;            ///< Of the files that programs and `inputs` of steps name.
  std::map<std::string, ModelIdentity> models;  ///< By name.
  std::map<std::string, std::string> files;     ///< Every tracked file that was read → blob id, for the record.
};

/// What gathering needs of the outside.
struct GatherContext {
  asset::AssetSource& source;
  sys::FileSystem& files;
  sys::Clock& clock;
  store::Cache& cache;
  model::ModelStore& models;
  sys::Path root;
};

/// Finds the content of everything that `recipe`'s steps (those that run here, or all) read. All errors in one go, each
/// at the place that names what is missing.
enum class Which { here, all };
Result<Identities, Errors> gather(const recipe::Recipe& recipe, GatherContext& context, std::string repository,
                                  Which which);

/// Models whose answers can't be kept, since nothing tells what their program is made of: warnings, each at its model.
Errors warnings(const recipe::Recipe& recipe, const Identities& identities);

/// One digest for the files that a folder or pattern stands for: their paths, contents and modes.
std::string identity_of(const std::vector<asset::Asset>& files);

/// Paths that steps of this recipe make.
std::set<std::string> made_paths(const recipe::Recipe& recipe);
/// The made path that `path` is, or lies below, or matches as a pattern; empty when it is none.
std::string maker_path(const std::set<std::string>& made, const std::string& path);

/// Evidence is bound to this: the recipe as all environments share it, what its expressions stand for, and the content
/// of all it reads. Endpoint addresses, keys, secrets, and each environment's own values are left out.
Digest release_key(const recipe::Recipe& shared, const Identities& identities);

}  // namespace llmops::plan

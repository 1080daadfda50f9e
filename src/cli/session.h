#pragma once
/// \file  A repository opened for one command.
#include <memory>
#include <string>
#include <vector>

#include "asset/asset.h"
#include "cli/shell.h"
#include "exec/services.h"
#include "lineage/records.h"
#include "plan/plan.h"

namespace llmops::cli {

/// How a recipe is to be read.
struct RecipeChoice {
  std::string recipe;  ///< Path or name.
  std::string environment;
  std::vector<std::string> vars;  ///< `k=v`.
};

/// A recipe with all that planning needs.
struct Ready {
  std::shared_ptr<const recipe::Recipe> recipe;
  plan::Identities identities;
  Digest release_key;
};

class Session {
 public:
  /// Needs a repository with a commit.
  enum class Need { repository, commit };
  static Result<std::unique_ptr<Session>> open(Shell& shell, Need need);

  exec::Services& services() { return *services_; }
  sys::GitRepository& repository() { return *repository_; }
  asset::AssetSource& source() { return *source_; }
  store::Cache& cache() { return *cache_; }
  const recipe::Scope& scope() const { return scope_; }

  Result<Ready, Errors> ready(const RecipeChoice& choice);
  Result<plan::Plan, Errors> plan(const Ready& ready);
  /// What a recipe says and nothing acts on yet, be it valid or not; none where its file can't be read.
  Errors warnings(const std::string& recipe);
  /// A path as typed, relative to where the command acts, as one from the repository's root.
  std::string from_root(const std::string& typed) const;

 private:
  /// By path or name, to a path from the root. One that is not there is an error of kind `usage`, however it was named.
  Result<std::string> find_recipe(const std::string& typed);

  explicit Session(Shell& shell) : shell_(shell) {}

  Shell& shell_;
  std::unique_ptr<sys::GitRepository> repository_;
  std::unique_ptr<store::Cache> cache_;
  std::unique_ptr<asset::AssetSource> source_;
  std::unique_ptr<model::ModelStore> models_;
  std::unique_ptr<exec::Secrets> secrets_;
  std::unique_ptr<exec::Services> services_;
  recipe::Scope scope_;
};

/// The place of the local model store.
sys::Path models_folder(const sys::Env& env);

}  // namespace llmops::cli

#pragma once
/// \file  A recipe, checked and resolved for one environment: a plain value.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asset/asset.h"
#include "base/result.h"
#include "doc/node.h"
#include "model/config.h"
#include "recipe/file.h"
#include "recipe/scope.h"
#include "step/kind.h"
#include "store/cache.h"

namespace llmops::recipe {

/// A thing declared by name; `config` may still hold expressions that wait.
struct Declaration {
  std::string name;
  SourcePos at;
  doc::Node config;
};

enum class StepCache { automatic, never };

struct Step {
  std::string id;       ///< `train`, or `train[size=small]` of a matrix.
  std::string base_id;  ///< Without the matrix.
  SourcePos at;
  const step::Kind* kind = nullptr;
  doc::Node config;
  std::vector<schema::Placed<std::string>> needs;  ///< As written, matrix steps by base id or full id.
  std::optional<doc::Node> condition;
  bool here = true;  ///< Runs in this environment at all.
  std::vector<std::pair<std::string, doc::Node>> env;
  doc::Node matrix = doc::Node::map();
  std::optional<Duration> timeout;
  StepRetry retry;
  StepCache cache = StepCache::automatic;
  step::Declared declared;
};

/// Steps by their position in `Recipe::steps`.
struct Graph {
  std::vector<std::vector<std::size_t>> needs;  ///< Of each step, sorted, each once.
  std::vector<std::size_t> order;               ///< Every step after those it needs; otherwise as written.
};

struct Recipe {
  std::string name, description;
  std::string path;         ///< From the repository's root.
  std::string environment;  ///< The one it is resolved for.
  EnvironmentConfig environment_config;
  std::vector<std::string> environments;  ///< All, in order; never empty.
  doc::Node triggers;
  doc::Node vars = doc::Node::map();
  std::map<std::string, Error> missing_vars;  ///< As in `Scope`; their text stands in `vars`.
  std::vector<Declaration> models, prompts, datasets;
  std::vector<Step> steps;  ///< In written order, matrix expanded.
  Graph graph;              ///< Of `steps`; filled in by `load`.
  doc::Node document;       ///< The whole file after includes, before overrides: what the release key is made of.
  std::vector<std::string> files;  ///< Its own file, those it includes, and schemas that they name.

  const Declaration* model(std::string_view name) const;
  const Declaration* prompt(std::string_view name) const;
  const Declaration* dataset(std::string_view name) const;
  const Step* step(std::string_view id) const;
};

/// Whether an environment's own values take effect.
enum class Overrides { apply, ignore };

/// A step's configuration as far as `scope` lets it be known, checked like one that is written without expressions.
Result<doc::Node, Errors> config_now(const Step& step, const Scope& scope);

/// What a step reads and makes, as far as `scope` lets it be known: names that a step yields (`models:
/// ["${steps.pick.outputs.model}"]`) are only known once it is done.
Result<step::Declared> declared_now(const Step& step, const Scope& scope);

/// What the step's kind says against its configuration in `scope`, where all is known that it waited for.
Errors check_now(const Recipe& recipe, const Step& step, const Scope& scope);

struct LoadOptions {
  std::string environment;                                ///< Empty: the first.
  Overrides overrides = Overrides::apply;                 ///< `ignore`: the recipe as every environment shares it.
  std::vector<std::pair<std::string, std::string>> vars;  ///< `--var k=v`; the value is read as a YAML scalar.
  Scope scope;                                            ///< Environment variables and git.
};

/// Reads, checks and resolves a recipe. Every error in one go: syntax, shape, unknown names, references, a cycle in
/// `needs` (its path is shown). Nothing is run, nothing is asked, secrets are not read.
Result<Recipe, Errors> load(asset::AssetSource& source, store::Cache& cache, const step::Kinds& kinds,
                            const std::string& path, const LoadOptions& options);

/// Keys of a recipe's document that nothing acts on yet, with their places: warnings.
Errors warnings(const doc::Node& document, const step::Kinds& kinds);

/// Paths of recipes in the repository (`recipes/**/*.yaml`, `*.yaml` at the root that have a `llmops:` key), and their
/// names.
struct Found {
  std::string path, name;
};
Result<std::vector<Found>> find_all(asset::AssetSource& source);
/// A path, or a recipe's name, to a path. An unknown one is an error of kind `usage` with the nearest name.
Result<std::string> find(asset::AssetSource& source, const std::string& path_or_name);

}  // namespace llmops::recipe

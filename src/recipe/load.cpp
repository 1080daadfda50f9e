#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "recipe/document.h"
#include "recipe/environment.h"
#include "recipe/graph.h"
#include "recipe/outputs.h"
#include "recipe/recipe.h"
#include "recipe/steps.h"
#include "recipe/typed.h"

namespace llmops::recipe {
namespace {

template <class Items>
auto* by_name(Items& items, std::string_view name) {
  for (auto& item : items) {
    if (item.name == name) return &item;
  }
  return static_cast<decltype(&items.front())>(nullptr);
}

void append(Errors& to, Errors from) { to.insert(to.end(), from.begin(), from.end()); }

/// In each file's order, whichever check found them.
Errors in_order(Errors errors) {
  const auto place = [](const Error& error) {
    return std::tuple(error.at.source ? std::string_view(error.at.source->name) : std::string_view(), error.at.line,
                      error.at.column);
  };
  std::stable_sort(errors.begin(), errors.end(), [&](const Error& a, const Error& b) { return place(a) < place(b); });
  return errors;
}

/// Two steps that make one path seem to need each other; told as a circle, that would hide what is wrong.
Recipe without_outputs(Recipe recipe) {
  for (auto& step : recipe.steps) step.declared.outputs.clear();
  return recipe;
}

}  // namespace

Result<doc::Node, Errors> config_now(const Step& step, const Scope& scope) {
  return resolve_as(step.kind->config_type(), step.config, scope);
}

Result<step::Declared> declared_now(const Step& step, const Scope& scope) {
  bool late = false;
  static_cast<void>(for_each_reference(
      step.config, [&](const auto& reference, const auto&) { late = late || reference.root() == "steps"; }));
  if (!late) return step.declared;
  auto config = config_now(step, scope);
  if (!config) return std::move(config).error().front();
  auto declared = step.kind->declare(*config);
  if (!declared) return std::move(declared).error().front();
  return *std::move(declared);
}

const Declaration* Recipe::model(std::string_view wanted) const { return by_name(models, wanted); }
const Declaration* Recipe::prompt(std::string_view wanted) const { return by_name(prompts, wanted); }
const Declaration* Recipe::dataset(std::string_view wanted) const { return by_name(datasets, wanted); }

const Step* Recipe::step(std::string_view id) const {
  for (const auto& known : steps) {
    if (known.id == id) return &known;
  }
  return nullptr;
}

Result<Recipe, Errors> load(asset::AssetSource& source, store::Cache& cache, const step::Kinds& kinds,
                            const std::string& path, const LoadOptions& options) {
  TRY(auto document, read_document(source, cache, kinds, path));
  Recipe recipe;
  recipe.path = path;
  recipe.files = std::move(document.files);
  recipe.document = std::move(document.node);
  recipe.name = recipe.document.get("name", "");
  recipe.description = recipe.document.get("description", "");
  if (const auto* triggers = recipe.document.find("triggers")) recipe.triggers = *triggers;
  Scope scope = options.scope;
  scope.stage = Stage::read;
  auto errors = apply_environment(recipe, options, scope);
  if (!errors.empty()) return errors;
  errors = read_steps(recipe, kinds, scope);
  append(errors, check_references(recipe, scope));
  // What an environment overrides may be all that makes the steps fit together.
  if (options.overrides == Overrides::apply) append(errors, check_surroundings(recipe));
  auto overlaps = check_overlaps(recipe, scope);
  auto graph = overlaps.empty() ? dependencies(recipe) : dependencies(without_outputs(recipe));
  append(errors, std::move(overlaps));
  append(errors, check_untracked(recipe, source));
  if (!graph) append(errors, std::move(graph).error());
  if (!errors.empty()) return in_order(std::move(errors));
  recipe.graph = *std::move(graph);
  return recipe;
}

Errors warnings(const doc::Node& document, const step::Kinds& kinds) {
  return schema::without_effect(recipe_type(kinds), document);
}

}  // namespace llmops::recipe

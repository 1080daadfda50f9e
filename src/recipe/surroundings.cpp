#include <algorithm>

#include "model/config.h"
#include "recipe/steps.h"
#include "recipe/typed.h"

namespace llmops::recipe {
namespace {

bool is_named(const Step& step, const std::string& name) { return step.id == name || step.base_id == name; }

std::map<std::string, asset::CaseFields> datasets_of(const Recipe& recipe) {
  std::map<std::string, asset::CaseFields> out;
  for (const auto& dataset : recipe.datasets) {
    out[dataset.name] = schema::read<DatasetConfig>(dataset.config).fields();
  }
  return out;
}

bool scores_itself(const Recipe& recipe, const std::string& dataset) {
  const auto* declaration = recipe.dataset(dataset);
  return declaration && !schema::read<DatasetConfig>(declaration->config).assertions.empty();
}

/// The steps that `step` looks at; nothing where it names one that is not there, which is told elsewhere.
std::optional<std::map<std::string, step::Surroundings::Neighbour>> neighbours_of(const Step& step,
                                                                                  const Recipe& recipe) {
  std::map<std::string, step::Surroundings::Neighbour> out;
  for (const auto& name : step.declared.reads.steps) {
    bool known = false;
    for (const auto& other : recipe.steps) {
      if (!is_named(other, name.value)) continue;
      known = true;
      if (!other.here) continue;
      auto& neighbour = out[other.id] = {other.declared, other.condition.has_value()};
      auto& measures = neighbour.declared.measures;
      if (scores_itself(recipe, measures.dataset)) measures.metrics.reset();  // Only its cases tell them all.
    }
    if (!known) return std::nullopt;
  }
  return out;
}

/// All but the steps.
step::Surroundings around_steps(const Recipe& recipe) {
  step::Surroundings out;
  out.datasets = datasets_of(recipe);
  for (const auto& model : recipe.models) out.providers.emplace(model.name, model.config.get("provider", ""));
  out.embedders = embedders_of(recipe);
  return out;
}

}  // namespace

std::vector<std::string> embedders_of(const Recipe& recipe) {
  std::vector<std::string> out;
  for (const auto& model : recipe.models) {
    if (model::embeds(schema::read<model::ModelConfig>(model.config))) out.push_back(model.name);
  }
  return out;
}

Errors check_surroundings(const Recipe& recipe) {
  Errors out;
  auto around = around_steps(recipe);
  for (const auto& step : recipe.steps) {
    if (!step.here) continue;
    auto neighbours = neighbours_of(step, recipe);
    if (!neighbours) continue;
    around.steps = *std::move(neighbours);
    for (auto& error : step.kind->check(step.config, around)) {
      // Steps of one matrix say the same.
      if (std::find(out.begin(), out.end(), error) == out.end()) out.push_back(std::move(error));
    }
  }
  return out;
}

Errors check_now(const Recipe& recipe, const Step& step, const Scope& scope) {
  if (!holds_expressions(step.config)) return {};  // Checked when it was read.
  auto config = config_now(step, scope);
  if (!config) return std::move(config).error();
  if (auto declared = step.kind->declare(*config); !declared) return std::move(declared).error();
  auto neighbours = neighbours_of(step, recipe);
  if (!neighbours) return {};
  auto around = around_steps(recipe);
  around.steps = *std::move(neighbours);
  return step.kind->check(*config, around);
}

}  // namespace llmops::recipe

#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/query.h"
#include "schema/record.h"
#include "score/scorer.h"

namespace llmops::steps::eval {

struct EvalBudget {
  std::optional<Usd> usd;
  std::optional<std::int64_t> queries;
};
const schema::Record<EvalBudget>& record_of(EvalBudget*);

/// What a recipe may write under `eval:`.
struct EvalConfig {
  std::vector<schema::Placed<std::string>> models, prompts;
  schema::Placed<std::string> dataset;
  std::vector<std::string> choices;
  std::string choice_norm = "none";
  std::vector<score::ScorerConfig> scorers;
  std::int64_t repeat = 1;
  Ratio max_errors{0.01};
  EvalBudget budget;
  std::optional<std::int64_t> concurrency;
  model::Parameters parameters;
};
const schema::Record<EvalConfig>& record_of(EvalConfig*);

}  // namespace llmops::steps::eval

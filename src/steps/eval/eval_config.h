#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/budget.h"
#include "model/query.h"
#include "schema/record.h"
#include "score/scorer.h"
#include "steps/eval/case_filter.h"

namespace llmops::steps::eval {

struct RepeatConfig {
  std::int64_t times = 1;
  schema::Placed<std::string> reduce{"mean", {}};
};
const schema::Record<RepeatConfig>& record_of(RepeatConfig*);

/// What a recipe may write under `eval:`.
struct EvalConfig {
  std::vector<schema::Placed<std::string>> models, prompts;
  schema::Placed<std::string> dataset;
  CaseFilter cases;
  SourcePos cases_at;
  std::vector<std::string> choices;
  std::string choice_norm = "none";
  std::vector<score::ScorerConfig> scorers;
  schema::Placed<std::string> judge;     ///< Of scorers that ask a model and name none.
  schema::Placed<std::string> embedder;  ///< Of scorers that compare by vectors and name none.
  RepeatConfig repeat;
  Ratio max_errors{0.01};
  model::BudgetLimits budget;
  std::optional<std::int64_t> concurrency;
  model::Parameters parameters;
};
const schema::Record<EvalConfig>& record_of(EvalConfig*);

/// Of a node that passed its check; the scorers know their judge and embedder.
EvalConfig read_config(const doc::Node& node);

/// The same with the recipe's only model that embeds as `embedder`, where a scorer needs one and none is named.
doc::Node with_only_embedder(doc::Node node, const std::vector<std::string>& embedders);

}  // namespace llmops::steps::eval

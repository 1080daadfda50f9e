#include "steps/eval/eval_config.h"

namespace llmops::steps::eval {

const schema::Record<EvalBudget>& record_of(EvalBudget*) {
  static const auto record =
      schema::Record<EvalBudget>("eval_budget", "Limits that end the asking; what there is, is kept.")
          .may("usd", &EvalBudget::usd, "Dollars.")
          .may("queries", &EvalBudget::queries, "Queries that are really asked.");
  return record;
}

namespace {

schema::Type repeats() {
  auto type = schema::Type::of(schema::Type::Kind::integer);
  type.least = 1;
  type.most = 1000;
  return type;
}

}  // namespace

const schema::Record<EvalConfig>& record_of(EvalConfig*) {
  static const auto record =
      schema::Record<EvalConfig>("eval", "Ask every model with every prompt on every case, and score the answers.")
          .need("models", &EvalConfig::models, "Models to ask, by name.")
          .may("prompts", &EvalConfig::prompts,
               "Prompts to ask with, by name; none for programs that are sent the case.")
          .need("dataset", &EvalConfig::dataset, "The cases, by name.")
          .may("choices", &EvalConfig::choices, "The answer is one of these, the likeliest to the model.")
          .may_as(schema::Type::choice_of({"none", "length"}), "choice_norm", &EvalConfig::choice_norm,
                  "How likelihoods of choices are compared: as they are, or divided by their number of tokens.")
          .need("scorers", &EvalConfig::scorers, "How an answer becomes numbers.")
          .may_as(repeats(), "repeat", &EvalConfig::repeat, "Answers drawn for each case; they are averaged within it.")
          .may("max_errors", &EvalConfig::max_errors,
               "Share of failed queries above which the step is inconclusive: nothing is decided on it.")
          .may("budget", &EvalConfig::budget, "Limits that end the asking.")
          .may("concurrency", &EvalConfig::concurrency, "Queries in flight over all models together.")
          .may("parameters", &EvalConfig::parameters, "How answers are drawn; wins over the models' own.");
  return record;
}

}  // namespace llmops::steps::eval

#include "steps/eval/eval_config.h"

namespace llmops::steps::eval {
namespace {

schema::Type repeats() {
  auto type = schema::Type::of(schema::Type::Kind::integer);
  type.least = 1;
  type.most = 1000;
  return type;
}

}  // namespace

const schema::Record<RepeatConfig>& record_of(RepeatConfig*) {
  static const auto record =
      schema::Record<RepeatConfig>("repeat", "How many answers to each case, and how they become one score.")
          .need_as(repeats(), "times", &RepeatConfig::times, "Answers drawn for each case.")
          .may("reduce", &RepeatConfig::reduce,
               "How the scores of a case's answers become one: `mean`, `mode`, `majority`, `at_least(n)`, `pass_at(n)` "
               "(how likely one of n answers passes) or `pass_all(n)` (how likely all do). The last four are for what "
               "passes or fails; other metrics are averaged.")
          .short_for("times");
  return record;
}

const schema::Record<EvalConfig>& record_of(EvalConfig*) {
  static const auto record =
      schema::Record<EvalConfig>("eval", "Ask every model with every prompt on every case, and score the answers.")
          .need("models", &EvalConfig::models, "Models to ask, by name.")
          .may("prompts", &EvalConfig::prompts,
               "Prompts to ask with, by name; none for programs that are sent the case.")
          .need("dataset", &EvalConfig::dataset, "The cases, by name.")
          .may("cases", &EvalConfig::cases, "Which of the cases are asked; without it, all.")
          .may("choices", &EvalConfig::choices, "The answer is one of these, the likeliest to the model.")
          .may_as(schema::Type::choice_of({"none", "length"}), "choice_norm", &EvalConfig::choice_norm,
                  "How likelihoods of choices are compared: as they are, or divided by their number of tokens.")
          .may("scorers", &EvalConfig::scorers,
               "How an answer becomes numbers; needed unless the dataset's cases have scorers of their own (`assert`).")
          .may("judge", &EvalConfig::judge, "The model that judged scorers ask, by name, where they name no other.")
          .may("embedder", &EvalConfig::embedder,
               "The model that embeds for scorers that compare by vectors, by name, where they name no other; without "
               "one, the recipe's only model that embeds.")
          .may("repeat", &EvalConfig::repeat,
               "Answers drawn for each case; they are averaged within it, or as `reduce` says.")
          .may("max_errors", &EvalConfig::max_errors,
               "Share of failed queries above which the step is inconclusive: nothing is decided on it.")
          .may("budget", &EvalConfig::budget, "Limits that end the asking.")
          .may("concurrency", &EvalConfig::concurrency, "Queries in flight over all models together.")
          .may("parameters", &EvalConfig::parameters, "How answers are drawn; wins over the models' own.");
  return record;
}

EvalConfig read_config(const doc::Node& node) {
  auto out = schema::read<EvalConfig>(node);
  if (const auto* cases = node.find("cases")) out.cases_at = cases->at();
  for (auto& scorer : out.scorers) scorer = score::with_helpers(std::move(scorer), {out.judge, out.embedder});
  return out;
}

doc::Node with_only_embedder(doc::Node node, const std::vector<std::string>& embedders) {
  if (embedders.size() != 1) return node;
  for (const auto& scorer : read_config(node).scorers) {
    for (const auto& embedder : score::asks_of(scorer).embedders) {
      if (!embedder.value.empty()) continue;
      doc::Node only(embedders.front());
      only.set_at(embedder.at);
      node["embedder"] = std::move(only);
      return node;
    }
  }
  return node;
}

}  // namespace llmops::steps::eval

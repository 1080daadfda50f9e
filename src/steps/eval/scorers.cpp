#include "steps/eval/scorers.h"

#include <set>

namespace llmops::steps::eval {

Result<std::vector<std::unique_ptr<score::Scorer>>, Errors> scorers_of(const EvalConfig& config) {
  std::vector<std::unique_ptr<score::Scorer>> out;
  std::set<std::string> names = {kLatency, kCost};
  Errors errors;
  for (const auto& scorer : config.scorers) {
    auto made = score::make_scorer(scorer);
    if (!made) {
      errors.insert(errors.end(), made.error().begin(), made.error().end());
    } else if (!names.insert((*made)->metric().name).second) {
      errors.push_back(invalid_error("two scorers give the metric `" + (*made)->metric().name + "`", scorer.scorer.at,
                                     "name one of them with `metric:`"));
    } else {
      out.push_back(*std::move(made));
    }
  }
  if (!errors.empty()) return errors;
  return out;
}

Errors check_expected(const EvalConfig& config, const asset::CaseFields& dataset) {
  Errors errors;
  if (!dataset.expected.empty()) return errors;
  for (const auto& scorer : config.scorers) {
    if (!score::needs_expected(scorer)) continue;
    errors.push_back(invalid_error("`" + scorer.scorer.tag + "` has nothing to compare with", scorer.scorer.at,
                                   "give it a text, or name the dataset's `expected` field"));
  }
  return errors;
}

}  // namespace llmops::steps::eval

#include "steps/eval/scorers.h"

#include <set>

#include "base/text.h"

namespace llmops::steps::eval {

Result<std::vector<std::unique_ptr<score::Scorer>>, Errors> scorers_of(const EvalConfig& config) {
  std::vector<std::unique_ptr<score::Scorer>> out;
  std::set<std::string> names = {kLatency, kTimeToFirstToken, kCost};
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

Errors check_case_fields(const EvalConfig& config, const asset::Cases& cases) {
  std::map<std::string, SourcePos> missing;
  for (const auto& scorer : config.scorers) {
    for (auto& [field, at] : score::case_fields(scorer)) missing.emplace(std::move(field), at);
  }
  std::vector<std::string> known;
  for (std::size_t i = 0; i < cases.size() && !missing.empty(); ++i) {
    const auto one = cases.at(i);
    if (!one) continue;
    for (const auto& entry : one->fields.entries()) {
      missing.erase(entry.key);
      if (i == 0) known.push_back(entry.key);
    }
  }
  Errors errors;
  for (const auto& [field, at] : missing) {
    errors.push_back(
        invalid_error("no case of the dataset `" + config.dataset.value + "` has the field `" + field + "`", at,
                      text::did_you_mean(field, known)));
  }
  return errors;
}

}  // namespace llmops::steps::eval

#include "steps/eval/scorers.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "doc/json.h"
#include "sys/hash.h"

namespace llmops::steps::eval {

bool is_weighted(const EvalConfig& config) {
  return std::any_of(config.scorers.begin(), config.scorers.end(),
                     [](const auto& scorer) { return scorer.weight != 1; });
}

std::vector<double> weights_of(const EvalConfig& config, const Scorers& scorers) {
  std::vector<double> out;
  for (std::size_t i = 0; i < scorers.size(); ++i) {
    out.push_back(scorers[i]->metric().scale == score::Scale::amount ? 0 : config.scorers[i].weight);
  }
  return out;
}

Result<Scorers, Errors> scorers_of(const EvalConfig& config) {
  Scorers out;
  std::set<std::string> names = {kLatency, kTimeToFirstToken, kCost};
  if (is_weighted(config)) names.insert(kScore);
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

Digest scorers_digest(const EvalConfig& config, const doc::Node& written, const step::Inputs& inputs) {
  const auto* scorers = written.find("scorers");
  auto all = scorers ? doc::to_canonical_json(*scorers) : std::string();
  std::vector<std::string> judges;
  for (const auto& scorer : config.scorers) {
    for (const auto& judge : score::asks_of(scorer).models) judges.push_back(judge.value);
  }
  if (judges.empty() && !config.judge.value.empty()) judges.push_back(config.judge.value);
  for (const auto& judge : judges) {
    const auto model = inputs.models.find(judge);
    if (model != inputs.models.end()) all += "\n" + model->second.identity.to_string();
  }
  return sys::sha256(all);
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

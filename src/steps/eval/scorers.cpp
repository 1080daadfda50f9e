#include "steps/eval/scorers.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "doc/json.h"
#include "sys/hash.h"

namespace llmops::steps::eval {
namespace {

/// Beside the share of right ones.
std::vector<score::MetricInfo> statistics_of(const score::Scorer& scorer, std::size_t classes) {
  const auto& own = scorer.metric().name;
  const auto prefix = own == "accuracy" ? std::string() : own + "_";
  std::vector<score::MetricInfo> out;
  for (const auto statistic : {score::Statistic::macro_f1, score::Statistic::micro_f1}) {
    out.push_back({prefix + std::string(score::to_string(statistic)),
                   score::Scale::graded,
                   score::Better::higher,
                   {},
                   statistic,
                   classes});
  }
  return out;
}

}  // namespace

bool is_weighted(const EvalConfig& config) {
  return std::any_of(config.scorers.begin(), config.scorers.end(),
                     [](const auto& scorer) { return scorer.weight != 1; });
}

std::vector<score::MetricInfo> metrics_of(std::vector<score::MetricInfo> told, const Scorers& scorers, bool streams) {
  auto out = std::move(told);
  std::size_t classes = 0;
  for (const auto& scorer : scorers) {
    if (!scorer->labels()) continue;
    for (auto& metric : statistics_of(*scorer, classes)) out.push_back(std::move(metric));
    ++classes;
  }
  out.push_back({kLatency, score::Scale::amount, score::Better::lower, "ms"});
  if (streams) out.push_back({kTimeToFirstToken, score::Scale::amount, score::Better::lower, "ms"});
  out.push_back({kCost, score::Scale::amount, score::Better::lower, "USD"});
  return out;
}

score::MetricInfo score_metric() { return {kScore, score::Scale::graded, score::Better::higher, {}}; }

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
      continue;
    }
    std::vector<score::MetricInfo> metrics = {(*made)->metric()};
    if ((*made)->labels()) {
      for (auto& metric : statistics_of(**made, 0)) metrics.push_back(std::move(metric));
    }
    for (const auto& metric : metrics) {
      if (names.insert(metric.name).second) continue;
      errors.push_back(invalid_error("two scorers give the metric `" + metric.name + "`", scorer.scorer.at,
                                     "name one of them with `metric:`"));
      break;
    }
    out.push_back(*std::move(made));
  }
  if (!errors.empty()) return errors;
  return out;
}

Digest scorers_digest(const EvalConfig& config, const doc::Node& written, const step::Inputs& inputs) {
  const auto* scorers = written.find("scorers");
  auto all = scorers ? doc::to_canonical_json(*scorers) : std::string();
  std::vector<std::string> judges;
  for (const auto& scorer : config.scorers) {
    const auto asks = score::asks_of(scorer);
    for (const auto& judge : asks.models) judges.push_back(judge.value);
    for (const auto& embedder : asks.embedders) judges.push_back(embedder.value);
  }
  for (const auto* helper : {&config.judge, &config.embedder}) {
    const bool told = std::find(judges.begin(), judges.end(), helper->value) != judges.end();
    if (!helper->value.empty() && !told) judges.push_back(helper->value);
  }
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

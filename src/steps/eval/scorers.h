#pragma once
/// \file  The scorers of an eval, made and checked against what they score.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asset/cases.h"
#include "score/scorer.h"
#include "step/context.h"
#include "steps/eval/eval_config.h"

namespace llmops::steps::eval {

/// What is measured without being asked for, after the scorers' own metrics.
inline constexpr const char* kLatency = "latency_ms";
inline constexpr const char* kTimeToFirstToken = "ttft_ms";  ///< Where a model streams.
inline constexpr const char* kCost = "cost_usd_per_query";

/// Whether a metric is left out where no answer has a value in it.
inline bool may_be_unknown(const score::MetricInfo& metric) {
  return metric.name == kCost || metric.name == kTimeToFirstToken;
}

/// The weighted mean over all scorers, where one was given a weight, or a case a threshold.
inline constexpr const char* kScore = "score";

using Scorers = std::vector<std::unique_ptr<score::Scorer>>;

/// The metrics of an eval: those that its scorers tell of, then the statistics of those that sort into classes, and
/// what is measured without being asked for.
std::vector<score::MetricInfo> metrics_of(std::vector<score::MetricInfo> told, const Scorers& scorers, bool streams);
/// That of `kScore`.
score::MetricInfo score_metric();

/// Errors: those of `score::make_scorer`; two scorers of one metric.
Result<Scorers, Errors> scorers_of(const EvalConfig& config);

/// Whether a weight was given.
bool is_weighted(const EvalConfig& config);
/// The weights of the scorers in `kScore`, in their order; those of amounts are 0.
std::vector<double> weights_of(const EvalConfig& config, const Scorers& scorers);

/// Of how answers are scored, and by whom. `written` is what `config` was read from. Cases' own scorers are the
/// dataset's.
Digest scorers_digest(const EvalConfig& config, const doc::Node& written, const step::Inputs& inputs);

/// Scorers that compare with the case's `expected`, where this dataset names no such field.
Errors check_expected(const EvalConfig& config, const asset::CaseFields& dataset);

/// Fields that scorers compare with and no case has.
Errors check_case_fields(const EvalConfig& config, const asset::Cases& cases);

}  // namespace llmops::steps::eval

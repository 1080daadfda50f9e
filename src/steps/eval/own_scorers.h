#pragma once
/// \file  The scorers that cases bring themselves, in the field that a dataset names under `assert`.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asset/cases.h"
#include "schema/record.h"
#include "score/scorer.h"
#include "steps/eval/eval_config.h"
#include "steps/eval/scorers.h"

namespace llmops::steps::eval {

/// Whether a case passes: all scorers that can say so say so, or the weighted mean reaches its threshold. Measured
/// where cases may have scorers of their own, of each case that anything scores.
inline constexpr const char* kPass = "pass";

/// What a case may hold in that field: a list of scorers, or a map with these keys.
struct Assertions {
  std::vector<score::ScorerConfig> scorers;
  std::optional<double> threshold;
};
const schema::Record<Assertions>& record_of(Assertions*);

/// The scorers of one case, ready.
struct Own {
  struct One {
    std::unique_ptr<score::Scorer> scorer;
    double weight = 1;  ///< 0 of amounts.
  };
  std::vector<One> scorers;
  std::optional<double> threshold;
};

/// Immutable once made; keeps no scorer, so that a large dataset takes no more memory than its text.
class OwnScorers {
 public:
  /// For datasets whose cases have none; `written` are the eval's own.
  static OwnScorers none(const EvalConfig& config, const Scorers& written);
  /// Checks those of every case like written ones. Errors, each at its place in the data, at most 20: what `scorers_of`
  /// would say; a field that the case lacks; a program; a model that the eval does not read; one name for metrics of
  /// two kinds; and, at the eval's `dataset`, a field that no case has.
  static Result<OwnScorers, Errors> of(const EvalConfig& config, const Scorers& written, const asset::Cases& cases);

  /// Whether cases may have some at all; then `kPass` is measured.
  bool any() const { return !field_.empty(); }
  /// Whether a score over all scorers of a case is wanted: somewhere a weight or a threshold is given.
  bool weighted() const { return weighted_; }
  /// Those of the written scorers, in their order, then the others in the order of cases. Scorers of one name share a
  /// metric, averaged by weight within a case.
  const std::vector<score::MetricInfo>& metrics() const { return metrics_; }
  /// How many of an eval's metrics depend on its cases: those, and with `any`, `kPass` and `kScore`.
  std::size_t told_by_cases() const { return metrics_.size() + (any() ? 1 : 0) + (any() && weighted_ ? 1 : 0); }
  std::size_t metric_of(const score::Scorer& scorer) const;
  /// Of a case that was checked.
  Own of_case(const asset::Case& one) const;
  /// The first scorer that asks a model; nothing where none does.
  const std::optional<Error>& asking() const { return asking_; }

 private:
  class Check;

  std::string field_;
  score::Helpers helpers_;
  bool weighted_ = false;
  std::vector<score::MetricInfo> metrics_;
  std::optional<Error> asking_;
};

}  // namespace llmops::steps::eval

#pragma once
/// \file  Scores as they come in, averaged within each case.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asset/cases.h"
#include "model/asker.h"
#include "score/results.h"
#include "score/scorer.h"
#include "steps/eval/questions.h"

namespace llmops::steps::eval {

/// Metrics are those of the scorers, then `latency_ms`, `cost_usd_per_query` and, where a model streams, `ttft_ms`.
class Tally {
 public:
  Tally(std::vector<std::unique_ptr<score::Scorer>> scorers, const std::vector<Cell>& cells, const asset::Cases& cases);

  /// An error where the case itself can't be read again.
  Result<void> add(const Place& place, const model::Asked& asked);

  /// Fills in metrics and cells; cases that were never asked are left out.
  void finish(score::Results& results, std::int64_t repeat) &&;
  /// Every answer's text, a JSON object a line, in the order of cells, cases and repeats asked.
  const std::string& answers() const { return answers_; }
  void drop_answers() { answers_ = {}; }
  /// The first thing that a scorer could not do.
  const std::optional<Error>& scorer_error() const { return scorer_error_; }
  std::size_t scored() const { return scored_; }

 private:
  struct Sums {
    std::vector<double> sums;
    std::vector<std::uint32_t> counts, failures;
  };
  void add_value(Sums& sums, std::size_t metric, std::size_t slot, std::optional<double> value) const;

  std::vector<std::unique_ptr<score::Scorer>> scorers_;
  const std::vector<Cell>& cells_;
  const asset::Cases& cases_;
  bool streams_;
  std::size_t metrics_;
  std::vector<Sums> sums_;                               ///< For each cell, metric-minor.
  std::vector<std::vector<score::CaseResult>> results_;  ///< For each cell, by case.
  std::string answers_;
  std::optional<Error> scorer_error_;
  std::size_t scored_ = 0;
};

}  // namespace llmops::steps::eval

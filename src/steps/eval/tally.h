#pragma once
/// \file  Scores as they come in, averaged within each case.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asset/cases.h"
#include "model/asker.h"
#include "score/answers.h"
#include "score/reducer.h"
#include "score/results.h"
#include "steps/eval/grading.h"
#include "steps/eval/questions.h"
#include "steps/eval/sorting.h"

namespace llmops::steps::eval {

/// How scores come together: weights as `weights_of` has them.
struct TallyOptions {
  score::Reducer reducer;
  std::vector<double> weights;
};

/// Metrics are those of the scorers, `pass` where cases have scorers of their own, `score` where there are weights or
/// thresholds, and what `metrics_of` adds.
class Tally {
 public:
  /// `scorers`, those of the eval, `own` and `cells` are borrowed.
  Tally(const Scorers& scorers, const OwnScorers& own, TallyOptions options, const std::vector<Cell>& cells,
        const asset::Cases& cases);

  void add(const Graded& graded);

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
    /// Each value, of the metrics that are not averaged; empty where all are.
    std::vector<std::vector<double>> values;
  };
  struct Slot {
    std::size_t cell = 0, index = 0, metric = 0;
  };
  void add_value(const Slot& slot, std::optional<double> value);
  std::optional<double> value_of(const Sums& sums, std::size_t slot, std::size_t metric) const;
  bool is_averaged(std::size_t metric) const;
  struct Scored;
  static std::optional<double> mean_of(const std::vector<Scored>& scored);
  std::vector<Scored> scored_of(const Graded& graded) const;
  void add_scores(const Graded& graded, score::AnswerLine& line);
  void add_verdicts(const Slot& first, const std::vector<Scored>& scored, std::optional<double> threshold);
  void fail_all(const Graded& graded);
  void add_shared(const Place& place, const std::vector<Scored>& scored);
  void sort(const Graded& graded, const std::vector<Scored>& scored);

  const Scorers& scorers_;
  const OwnScorers& own_;
  TallyOptions options_;
  const std::vector<Cell>& cells_;
  bool streams_;
  std::vector<score::MetricInfo> metrics_;
  std::vector<Sums> sums_;                               ///< For each cell, metric-minor.
  std::vector<std::vector<score::CaseResult>> results_;  ///< For each cell, by case.
  std::vector<Sorting> sorting_;                         ///< Of each scorer that sorts into classes.
  std::string answers_;
  std::vector<bool> told_;  ///< By case: whether an answer has its long fields.
  std::optional<Error> scorer_error_;
  std::size_t scored_ = 0;
};

}  // namespace llmops::steps::eval

#pragma once
/// \file  What a sample of cases says of its mean, and of a threshold. Private to this room: `decision.h` and the
/// summaries of `results.h` rest on it, so that what is shown and what is decided agree.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "score/results.h"
#include "score/scorer.h"
#include "score/statistics.h"

namespace llmops::score {

/// Scores, or paired differences, of the cases that have them.
struct Measured {
  enum class Form { scores, differences };
  std::vector<double> values;
  std::vector<std::size_t> clusters;  ///< Empty: each case stands alone.
  Form form = Form::scores;
  bool whole = false;    ///< Scores of 0 and 1, or differences of such.
  bool bounded = false;  ///< Scores from 0 to 1, or differences of such; `whole` implies it.
  bool amount = false;   ///< Scores that can't be below 0: ms, USD.
  Shares shares = {};    ///< Where the values are parts of a statistic, of which `bounded` speaks then.
  bool of_cases() const { return shares.effective == 0; }
};

/// Whether a mean or a bound is as good as its threshold: a decimal such as 0.1 and counts such as 20 of 200 meet in
/// numbers that may differ in their last digits. Rounding adds up to less than this, and one case makes more.
bool ties(double value, double threshold);

struct Evidence {
  Mean mean;
  double low = 0, high = 0;       ///< One-sided bounds.
  std::size_t groups = 0;         ///< Clusters, or cases where there are none.
  std::optional<double> p_above;  ///< One-sided, of a true mean at or below the threshold.
  std::optional<double> p_below;  ///< Of one at or above it.
  bool exact = false;             ///< The p are McNemar's; they decide together with the bounds.
  bool constant = false;          ///< All values are equal, and nothing bounds the next one.
  bool too_early = false;         ///< Too few groups for bounds that hold at many looks; there are none.
  /// The distance to the threshold, in distances that would just settle it; it grows with the square root of n.
  double reach = 0;
};

struct Question {
  double threshold = 0;
  double confidence = 0.95;  ///< One-sided, of each bound.
  Looks looks = Looks::once;
};

/// 0/1 scores: Wilson; differences of such: Tango. Everything else: the mean and its standard error, Student's interval
/// or Hall's where skewness makes that one reach further (`skewed_interval_of`).
/// Bounded values of which fewer than 20 (and fewer than half) differ from their median, or clusters of such by their
/// means, get Wilson's or Tango's bounds where these are wider, their sums counted as successes: there a standard error
/// promises too much. Equal values without bounds: the value itself. Needs two values, in two clusters.
/// Parts of a statistic count as few by the cases' own scores, and Wilson's n is then their effective number.
/// Clusters widen, never narrow. Wilson's and Tango's n is then that of Korn & Graubard 1998 (Survey Methodology
/// 24:193): n by the design effect and (t / z)²; where all clusters have one mean, their number.
///
/// For many looks (`sequential.h`): bets on bounded values, or differences of such; the asymptotic confidence sequence
/// for amounts, and over clusters, where skewness makes it so wider by Hall's transformation.
///
/// Bounds of scores end where the scores do, at 0, and at 1 for bounded ones. That takes nothing from the coverage: the
/// true mean can't lie beyond, so an interval that holds it still does when what lies beyond is cut off.
Evidence evidence_of(const Measured& sample, const Question& question);

/// Further cases with which `evidence` would settle its threshold, estimate and spread unchanged; nothing above
/// 100,000.
std::optional<std::int64_t> cases_to_settle(const Evidence& evidence, const Measured& sample, const Question& question);

/// Whether all values are 0 or 1; whether all lie between.
bool all_whole(const std::vector<double>& values);
bool all_between_0_and_1(const std::vector<double>& values);
/// Whether these are measures of an amount, and none is below 0.
bool are_amounts(Scale scale, const std::vector<double>& values);

}  // namespace llmops::score

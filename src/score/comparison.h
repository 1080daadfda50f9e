#pragma once
/// \file  Two cells over the same cases, as people compare them: two-sided. Pure. What decides is `decision.h`.
#include <cstdint>
#include <optional>
#include <string_view>

#include "score/results.h"

namespace llmops::score {

/// Where the interval and the p-value of a comparison come from.
enum class Test {
  none,            ///< Fewer than two pairs or clusters, or amounts that all differ by the same.
  mcnemar,         ///< Pairs of right and wrong, fewer than 25 of which differ: exact p; Tango's interval.
  score,           ///< The same with 25 and more: the score statistic, (b - c) / sqrt(b + c).
  paired_t,        ///< Student's t over the differences, or Hall's where wider (`statistics.h`); fewer than 20 cases.
  bootstrap,       ///< The same from 20 cases on; where a BCa bootstrap reaches further, its end.
  clustered,       ///< Whole clusters: their standard error with t; for right and wrong Tango's with fewer cases.
  clustered_boot,  ///< The same from 20 clusters on; where a BCa bootstrap of whole clusters reaches further, its end.
};
/// `mcnemar-exact`, `score`, `paired-t`, `bootstrap-bca`, `clustered-t`, `clustered-bootstrap-bca`; empty for none.
std::string_view to_string(Test test);

struct ComparisonOptions {
  double confidence = 0.95;  ///< Two-sided.
  double power = 0.8;        ///< Of `smallest_detectable`.
  std::size_t resamples = 10'000;
  std::uint64_t seed = 1;
};

struct Comparison {
  MetricInfo metric;
  std::size_t n = 0;         ///< Pairs of cases with a value on both sides.
  std::size_t errors = 0;    ///< Pairs of which a side could not be scored.
  std::size_t dropped = 0;   ///< Cases that only one side has.
  std::size_t groups = 0;    ///< Clusters, or pairs where there are none.
  double a = 0, b = 0;       ///< Means over the pairs.
  double difference = 0;     ///< b - a, in the metric's unit.
  double low = 0, high = 0;  ///< Of the difference; both are it where there is no test.
  std::optional<double> p;   ///< Two-sided, of no difference.
  Test test = Test::none;
  /// The least true difference that a sample like this one shows with `power`: (z(1 - α/2) + z(power)) · SE. Where all
  /// pairs are equal, as if one of them differed.
  std::optional<double> smallest_detectable;
};

/// `a` and `b` are the same metric; its scale decides how pairs are looked at. Values that are no numbers are errors.
Comparison compare(const CellMetric& a, const CellMetric& b, const MetricInfo& metric, const ComparisonOptions& options,
                   const Where& where = {});

}  // namespace llmops::score

#pragma once
/// \file  How a verdict is said in one line. Private to this room.
#include <string>

#include "score/decision.h"
#include "score/evidence.h"

namespace llmops::score {

/// What a requirement compares: a metric's value or a difference, with a threshold on its own scale.
struct Requirement {
  const MetricInfo& metric;
  Rule rule = Rule::at_least;
  double bound = 0;
  const DecisionOptions& options;

  bool paired() const { return rule == Rule::better_by || rule == Rule::not_worse_by; }
  double threshold() const { return rule == Rule::not_worse_by ? -bound : bound; }
  /// Of each bound, after Bonferroni.
  double confidence() const;
};

/// `0.667 ≥ 0.60 with 95 % confidence (bound 0.618, n = 240)`
std::string settled_reason(const Requirement& asked, const Verdict& verdict, const Evidence& evidence);
/// `inconclusive: bound 0.587 < 0.60 ≤ 0.641; about 310 more cases would settle it`
std::string open_reason(const Requirement& asked, const Verdict& verdict, const Evidence& evidence);
/// `3 of 240 failed: counted as wrong it would fail, counted as right it would pass`
std::string errors_reason(const Verdict& verdict, Decision against, Decision in_favour);
/// A value of this metric, three decimals or more where fewer would hide on which side of `other` it lies.
std::string show_value(const MetricInfo& metric, double value, double other);
/// `1 case`, `240 cases`.
std::string count_of(std::size_t count, const std::string& noun);

}  // namespace llmops::score

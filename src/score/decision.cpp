#include "score/decision.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "score/decision_text.h"
#include "score/evidence.h"
#include "score/sequential.h"

namespace llmops::score {
namespace {

/// How a failed case is counted.
enum class Failed { left_out, against, in_favour };

/// Both sides of the cases; `b` is empty where there is only one.
struct Cases {
  const Values& a;
  const Values* b = nullptr;
  std::span<const std::size_t> clusters;
  const Shares& shares;

  std::size_t size() const { return b ? std::min(a.size(), b->size()) : a.size(); }
  bool failed(std::size_t i) const { return !a[i] || (b && !(*b)[i]); }
};

std::vector<double> seen(const Cases& cases) {
  std::vector<double> out;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases.a[i]) out.push_back(*cases.a[i]);
    if (cases.b && (*cases.b)[i]) out.push_back(*(*cases.b)[i]);
  }
  return out;
}

/// The values that a failed case may stand for.
struct Range {
  double least = 0, most = 1;
  bool bounded = false, whole = false;
};

Range range_of(const MetricInfo& metric, const Shares& shares, const std::vector<double>& values) {
  if (shares.effective > 0) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return {std::min(0.0, *least), std::max(1.0, *most), true, false};
  }
  if (metric.scale != Scale::amount && all_between_0_and_1(values)) return {0, 1, true, all_whole(values)};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, *most, false, false};
}

/// Asks a requirement of cases.
class Judge {
 public:
  Judge(const Requirement& asked, const Cases& cases)
      : asked_(asked), cases_(cases), range_(range_of(asked.metric, cases.shares, seen(cases))) {}

  Question question() const { return {asked_.threshold(), asked_.confidence(), asked_.options.looks}; }

  Measured measured(Failed failed) const {
    Measured out;
    out.form = cases_.b ? Measured::Form::differences : Measured::Form::scores;
    out.bounded = range_.bounded;
    out.whole = range_.whole;
    out.amount = are_amounts(asked_.metric.scale, seen(cases_));
    out.shares.effective = cases_.shares.effective;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (failed == Failed::left_out && cases_.failed(i)) continue;
      out.values.push_back(value_of(i, failed));
      if (!cases_.clusters.empty()) out.clusters.push_back(cases_.clusters[i]);
      if (!out.of_cases()) out.shares.own.push_back(cases_.shares.own[i]);
    }
    return out;
  }

  Decision decision(const Evidence& evidence) const {
    const double threshold = asked_.threshold();
    if (asked_.options.point) return holds(evidence.mean.mean, threshold) ? Decision::pass : Decision::fail;
    if (!evidence.mean.standard_error || evidence.too_early) return Decision::inconclusive;
    const double alpha = 1 - asked_.confidence();
    const bool upwards = asked_.rule != Rule::at_most;
    const double worst = upwards ? evidence.low : evidence.high, best = upwards ? evidence.high : evidence.low;
    if (holds(worst, threshold)) {
      return evidence.exact && evidence.p_above.value_or(1) > alpha ? Decision::inconclusive : Decision::pass;
    }
    if (!ties(best, threshold) && (upwards ? best < threshold : best > threshold)) {
      return evidence.exact && evidence.p_below.value_or(1) > alpha ? Decision::inconclusive : Decision::fail;
    }
    return Decision::inconclusive;
  }

  Decision decision(Failed failed) const { return decision(evidence_of(measured(failed), question())); }

 private:
  bool holds(double value, double threshold) const {
    if (ties(value, threshold)) return asked_.rule != Rule::better_by;
    return asked_.rule == Rule::at_most ? value < threshold : value > threshold;
  }

  double value_of(std::size_t i, Failed failed) const {
    const bool against = failed == Failed::against;
    const bool low = asked_.paired() ? against == (asked_.metric.better == Better::higher)
                                     : against == (asked_.rule == Rule::at_least);
    const double filled = low ? range_.least : range_.most, other = low ? range_.most : range_.least;
    const double a = cases_.a[i].value_or(filled);
    if (!cases_.b) return a;
    const double b = (*cases_.b)[i].value_or(other);
    return asked_.metric.better == Better::higher ? a - b : b - a;
  }

  const Requirement& asked_;
  const Cases& cases_;
  Range range_;
};

/// Why nothing can be decided, whatever the numbers say; empty where something can.
std::string obstacle(const Requirement& asked, const Verdict& verdict, const Evidence& evidence) {
  const auto total = verdict.n + verdict.errors;
  const double share = static_cast<double>(verdict.errors) / static_cast<double>(total);
  if (share > asked.options.max_errors) {
    return std::to_string(verdict.errors) + " of " + std::to_string(total) + " failed (" +
           units::to_string(Ratio{share}) + "), more than the " + units::to_string(Ratio{asked.options.max_errors}) +
           " allowed";
  }
  if (asked.options.point) return {};
  if (verdict.n < 2) return "one case is too few to decide";
  if (!evidence.mean.standard_error) return "all cases are in one cluster, so there is no interval";
  if (evidence.too_early) {
    const auto clustered = evidence.groups != verdict.n;
    return std::to_string(evidence.groups) + (clustered ? " clusters" : " cases") +
           " are too few to look at again and again: " + std::to_string(kFewestLooked) + " are needed";
  }
  return {};
}

/// Why there is nothing to compute from; empty where there is.
std::string emptiness(const Requirement& asked, const Cases& cases, const Verdict& verdict) {
  if (asked.paired() != (cases.b != nullptr)) {
    return "`" + std::string(to_string(asked.rule)) + "` compares " + (cases.b ? "one side" : "two sides");
  }
  if (cases.size() == 0) return cases.b ? "there are no pairs of cases" : "there are no cases";
  if (verdict.n == 0) return "all " + std::to_string(verdict.errors) + " cases failed";
  const auto values = seen(cases);
  const bool finite = std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  return finite ? "" : "a score is not a number";
}

void weigh_errors(const Judge& judge, Verdict& verdict) {
  if (verdict.errors == 0) return;
  const auto against = judge.decision(Failed::against), in_favour = judge.decision(Failed::in_favour);
  if (against == verdict.decision && in_favour == verdict.decision) {
    verdict.reason += "; " + count_of(verdict.errors, "failed case") + " could not change it";
    return;
  }
  verdict.decision = Decision::inconclusive;
  verdict.cases_needed = std::nullopt;
  verdict.reason = errors_reason(verdict, against, in_favour);
}

Verdict judge_cases(const Requirement& asked, const Cases& cases) {
  Verdict out;
  out.bound = asked.bound;
  for (std::size_t i = 0; i < cases.size(); ++i) ++(cases.failed(i) ? out.errors : out.n);
  out.reason = emptiness(asked, cases, out);
  if (!out.reason.empty()) return out;

  const Judge judge(asked, cases);
  const auto sample = judge.measured(Failed::left_out);
  const auto evidence = evidence_of(sample, judge.question());
  out.value = evidence.mean.mean;
  out.low = evidence.low;
  out.high = evidence.high;
  if (!asked.options.point) out.p = asked.rule == Rule::at_most ? evidence.p_below : evidence.p_above;
  out.reason = obstacle(asked, out, evidence);
  if (!out.reason.empty()) return out;

  out.decision = judge.decision(evidence);
  if (out.decision == Decision::inconclusive) {
    out.cases_needed = cases_to_settle(evidence, sample, judge.question());
    out.reason = open_reason(asked, out, evidence);
  } else {
    out.reason = settled_reason(asked, out, evidence);
  }
  weigh_errors(judge, out);
  return out;
}

}  // namespace

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::pass:
      return "pass";
    case Decision::fail:
      return "fail";
    case Decision::inconclusive:
      return "inconclusive";
    case Decision::not_applicable:
      return "not_applicable";
  }
  return "inconclusive";
}

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::at_least:
      return "at_least";
    case Rule::at_most:
      return "at_most";
    case Rule::better_by:
      return "better_by";
    case Rule::not_worse_by:
      return "not_worse_by";
  }
  return "at_least";
}

Verdict decide(const MetricInfo& metric, const CellValues& cases, Rule rule, double bound,
               const DecisionOptions& options) {
  return judge_cases({metric, rule, bound, options}, {cases.values, nullptr, cases.clusters, cases.shares});
}

Verdict decide_paired(const MetricInfo& metric, const PairedValues& pairs, Rule rule, double bound,
                      const DecisionOptions& options) {
  return judge_cases({metric, rule, bound, options}, {pairs.a, &pairs.b, pairs.clusters, pairs.shares});
}

}  // namespace llmops::score

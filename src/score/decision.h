#pragma once
/// \file  Pass, fail, or not known yet: what a gate's requirement says of measured cases. Pure.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "score/results.h"
#include "score/scorer.h"
#include "score/statistics.h"

namespace llmops::score {

enum class Decision { pass, fail, inconclusive, not_applicable };
/// As documents write it: `pass`, `fail`, `inconclusive`, `not_applicable`.
std::string_view to_string(Decision decision);

/// What is asked of a metric.
enum class Rule {
  at_least,      ///< The mean is at least `bound`.
  at_most,       ///< The mean is at most `bound`.
  better_by,     ///< Better than the other side by more than `bound`.
  not_worse_by,  ///< Worse than the other side by at most `bound`.
};
/// As a recipe writes it: `at_least`, …
std::string_view to_string(Rule rule);

struct DecisionOptions {
  double confidence = 0.95;  ///< One-sided; above 0.5 and below 1.
  double max_errors = 0.01;  ///< Share of failed cases above which nothing is decided.
  bool point = false;        ///< Compare the bare value, no interval; said in the reason.
  Looks looks = Looks::once;
  std::size_t comparisons = 1;  ///< Bonferroni's m, for one of several candidates: decides at 1 - (1 - confidence) / m.
};

struct Verdict {
  Decision decision = Decision::inconclusive;
  double value = 0;               ///< Mean; or mean paired difference, better is positive.
  double low = 0, high = 0;       ///< One-sided bounds at the confidence used; the value where there are none.
  std::optional<double> p;        ///< One-sided, of the hypothesis that the requirement does not hold.
  double bound = 0;               ///< As asked.
  std::size_t n = 0, errors = 0;  ///< Cases used; failed.
  std::size_t dropped = 0;        ///< Cases without a partner on the other side; the caller knows, and fills it in.
  std::optional<std::int64_t> cases_needed;  ///< Further cases that would settle it if things stay as they are.
  std::string reason;                        ///< One line for a person.
};

/// One side against a number; `clusters` as in `CellValues`. Scores of 0 and 1: Wilson's one-sided bound; else mean and
/// standard error, by Student or Hall (`statistics.h`); clusters never make it narrower. A standard error that rests on
/// a few cases is not believed: scores from 0 to 1 that are (nearly) all equal get Wilson's bound, and only equal
/// amounts (ms, USD) are taken as they are. Decides again with every error counted against and for the requirement (as
/// 0 and 1 where scores lie between, the smallest and largest seen otherwise): a different decision is `inconclusive`,
/// as are n < 2, a score that is not a number, fewer than two clusters, and too many errors.
///
/// For `Looks::many` the bounds hold at all looks together, while cases are added (`sequential.h`): the chance that any
/// look passes, or fails, what it should not is 1 - confidence at most. Scores from 0 to 1 by bets, in samples of any
/// size; others, and clusters, by an asymptotic sequence that decides nothing before the fiftieth case (cluster).
/// `cases_needed` is with these bounds.
///
/// Parts of a statistic, such as macro F1, are looked at as other scores are; a failed case counts as the least and the
/// greatest part seen, 0 and 1 at least.
Verdict decide(const MetricInfo& metric, const CellValues& cases, Rule rule, double bound,
               const DecisionOptions& options);

/// Two sides over the same cases, in the same order: the paired differences, signed so that better is positive.
/// L >= -m passes `not_worse_by` m, L > m passes `better_by` m; U below fails; otherwise inconclusive. Values that
/// differ by less than rounding can make (10^-12 of the greater, or of 1) are equal. Pairs of 0 and 1
/// use Tango's score interval (`statistics.h`), which holds its level where few pairs differ; against a difference of 0
/// McNemar's exact test must agree. Errors and degenerate cases as in `decide`.
Verdict decide_paired(const MetricInfo& metric, const PairedValues& pairs, Rule rule, double bound,
                      const DecisionOptions& options);

/// The best of several candidates over the same cases.
struct Candidate {
  std::string name;
  Values values;                      ///< Over the same cases as the others', in the same order: see `aligned_values`.
  std::optional<double> cost;         ///< Mean USD per query, for ties.
  std::vector<std::size_t> clusters;  ///< As in `CellValues`; those of the first candidate with a value count.
  Shares shares = {};
};
enum class Ties { first, cheapest };
struct Selection {
  std::size_t chosen = 0;
  std::vector<std::size_t> tied;  ///< Candidates not shown to be worse than the best, it included, in order.
  std::string reason;
};
/// The highest mean (lowest where lower is better) over the cases that all candidates have; among those not
/// significantly worse in the paired tests (Holm, one-sided `confidence`), `ties` picks: the first in order, or the
/// cheapest (the best where no cost is known). A candidate without any value is out. Nothing where no candidate has
/// one, or no case is common to them.
std::optional<Selection> select(const MetricInfo& metric, const std::vector<Candidate>& candidates, Ties ties,
                                double confidence);

}  // namespace llmops::score

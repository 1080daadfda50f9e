#pragma once
/// \file  How far two raters agree, such as a judge and a person, or answers and what was expected. Pure; safe from
/// many threads.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "score/statistics.h"

namespace llmops::score {

/// How many cases got each pair of labels; square.
struct Confusion {
  std::vector<std::string> labels;               ///< Of rows and columns; for weights in the order of their scale.
  std::vector<std::vector<std::size_t>> counts;  ///< [first rater][second rater]

  std::size_t cases() const;
  std::size_t agreed() const;  ///< On the diagonal.
  friend bool operator==(const Confusion&, const Confusion&) = default;
};
/// Labels of the same cases by two raters, as many each. The rows are those of `labels`, then others that either has,
/// in the order of their texts.
Confusion confusion_of(std::span<const std::string> first, std::span<const std::string> second,
                       std::vector<std::string> labels = {});

/// Whether near misses count: 1 − |i − j|/(k − 1), or 1 − ((i − j)/(k − 1))², for the labels i and j of k.
enum class Weights { none, linear, quadratic };

/// Cohen 1960 (Educ. Psych. Meas. 20:37), weighted: Cohen 1968 (Psych. Bull. 70:213).
struct Kappa {
  double value = 0;
  double standard_error = 0;  ///< Fleiss, Cohen & Everitt 1969 (Psych. Bull. 72:323).
  Interval interval;  ///< Normal, two-sided; for fewer than 50 cases that is too short: see `bootstrapped_kappa`.
};
/// Nothing where chance alone would agree always: no cases, or one label only.
std::optional<Kappa> kappa_of(const Confusion& table, Weights weights, double confidence = 0.95);
/// The BCa interval of kappa (Efron 1987), drawing cases of the table; resamples in which it is not defined are drawn
/// again. Nothing where kappa is not defined.
std::optional<Interval> bootstrapped_kappa(const Confusion& table, Weights weights, const BootstrapOptions& options);

/// The share of cases on which both agree, with Wilson's interval.
struct Agreement {
  std::size_t n = 0, agreed = 0;
  double share = 0;
  Interval interval;
};
Agreement agreement_of(const Confusion& table, double confidence = 0.95);

/// What a judge gave a case, and whether a person said that it is right.
struct Graded {
  double score = 0;
  bool right = false;
};
/// A judge's threshold that agrees best with people.
struct Threshold {
  double value = 0;     ///< Scores from here on pass: half-way between two scores that were given.
  double kappa = 0;     ///< On the very cases that it was chosen on: too good.
  double expected = 0;  ///< Of thresholds chosen on other cases: what new ones may be expected to show.
  Confusion confusion;  ///< Rows: the judge (`fail`, `pass`); columns: people (`wrong`, `right`).
  /// How much choosing it on the same cases flatters.
  double optimism() const { return kappa - expected; }
};
/// How the cases are split to tell that.
struct CrossFit {
  std::size_t folds = 10, repeats = 20;
  std::uint64_t seed = 1;
};
/// The highest kappa over all thresholds, of several the lowest. What it may be expected to show is by cross-fitting
/// (Stone 1974, J. R. Stat. Soc. B 36:111): each fold is judged by the threshold of the others, and the kappa is that
/// of all of these decisions, over several random splits. Scores that are no numbers are left out. Nothing where
/// people, or scores, are all the same.
std::optional<Threshold> best_threshold(std::span<const Graded> cases, const CrossFit& options);

}  // namespace llmops::score

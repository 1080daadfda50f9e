#pragma once
/// \file  How well answers sort cases into classes. Pure; safe from many threads.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "score/agreement.h"
#include "score/statistics.h"

namespace llmops::score {

/// One class, as an information retriever sees it: precision of the cases said to be in it, recall of those that are
/// (van Rijsbergen 1979, Information Retrieval, chapter 7). 0 where there are none to divide by, as scikit-learn's
/// `zero_division=0`.
struct ClassMetrics {
  std::string label;
  double precision = 0, recall = 0, f1 = 0;
  std::size_t expected = 0, answered = 0;  ///< Cases that are in it; cases said to be.
};

/// Of a table of what was expected (rows) and answered (columns). Classes that neither has are left out.
struct Classification {
  std::size_t n = 0;
  double accuracy = 0;
  /// The mean of the classes' F1, each of the same weight.
  double macro_f1 = 0;
  /// F1 of all decisions together (Sebastiani 2002, ACM Computing Surveys 34:1). Where each case has one class and one
  /// answer that is the accuracy.
  double micro_f1 = 0;
  std::vector<ClassMetrics> classes;
};
Classification classification_of(const Confusion& table);

/// What a case is, and what it was said to be: places in a list of labels.
struct Classified {
  std::size_t expected = 0, answered = 0;
};
/// Macro F1 with its BCa interval (Efron 1987) over cases, or whole clusters (else `clusters` is empty). Each
/// resample's mean is over the classes that it has. Below two units: no width.
struct Estimate {
  double value = 0;
  Interval interval;
};
Estimate macro_f1_of(std::span<const Classified> cases, std::span<const std::size_t> clusters,
                     const BootstrapOptions& options);
/// The paired difference of macro F1, b − a, over the same cases in the same order: each resample is drawn for both.
Estimate macro_f1_difference(std::span<const Classified> a, std::span<const Classified> b,
                             std::span<const std::size_t> clusters, const BootstrapOptions& options);

}  // namespace llmops::score

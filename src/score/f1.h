#pragma once
/// \file  F1 over the cases of a cell, as values of cases whose mean it is. Pure; safe from many threads.
#include <cstddef>
#include <span>
#include <vector>

#include "score/results.h"

namespace llmops::score {

/// What each case adds to a statistic of all.
struct F1Values {
  double f1 = 0;
  /// f1 + n · (what f1 changes by when this case weighs a little more). Their mean is f1, their standard error that of
  /// the infinitesimal jackknife (Jaeckel 1972, Bell Labs Memorandum 72-1215-11; Efron 1982, The Jackknife, chapter 6),
  /// and differences of two sides' values are those of the difference.
  std::vector<double> values;
  /// Kish 1965 (Survey Sampling, section 11.7): as many cases of equal weight tell as much. For macro F1
  /// K² / Σ 1/n_k, the classes' n_k being the cases expected in them, since a case of a rare class stands for more.
  double effective = 0;
};

/// F1 of a class is 2·right / (expected + answered) (van Rijsbergen 1979, chapter 7); macro: their mean over the
/// classes that were expected or answered; micro: of their sums. An answer that is none of the classes is in no class,
/// but missing in the expected one. A case's repeats count for one case together. 0 where no case is.
F1Values f1_values(std::span<const CaseClasses* const> cases, std::size_t labels, Statistic statistic);

}  // namespace llmops::score

#pragma once
/// \file  Which classes answers mix up. Pure; safe from many threads.
#include <cstddef>
#include <string>
#include <vector>

#include "score/agreement.h"
#include "score/results.h"

namespace llmops::score {

/// One class, as an information retriever sees it: precision of the cases said to be in it, recall of those that are
/// (van Rijsbergen 1979, Information Retrieval, chapter 7). 0 where there are none to divide by, as scikit-learn's
/// `zero_division=0`.
struct ClassMetrics {
  std::string label;
  double precision = 0, recall = 0, f1 = 0;
  std::size_t expected = 0, answered = 0;  ///< Answers to cases that are in it; answers that name it.
};

/// What the cases of a cell are (rows), and what each answer to them said (columns), by the classes of `classes` (a
/// place in `Results::classes`). Where an answer names none of these, there is one more label, `none of them`.
Confusion confusion_of(const Results& results, const CellResult& cell, std::size_t classes);

/// Of the first `classes` labels of a table of what was expected (rows) and answered (columns): the others are no
/// classes. Those that neither has are left out.
std::vector<ClassMetrics> class_metrics(const Confusion& table, std::size_t classes);

}  // namespace llmops::score

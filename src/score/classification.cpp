#include "score/classification.h"

#include <algorithm>

namespace llmops::score {
namespace {

double ratio_of(std::size_t part, std::size_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

Confusion confusion_of(const Results& results, const CellResult& cell, std::size_t classes) {
  Confusion out;
  out.labels = results.classes.at(classes).labels;
  const auto none = out.labels.size();
  std::vector<std::vector<std::size_t>> counts(none + 1, std::vector<std::size_t>(none + 1));
  bool outside = false;
  for (const auto& one : cell.cases) {
    if (classes >= one.classes.size()) continue;
    const auto& [expected, answered] = one.classes[classes];
    for (const auto place : answered) {
      const auto row = std::min<std::size_t>(expected, none), column = std::min<std::size_t>(place, none);
      ++counts[row][column];
      outside = outside || row == none || column == none;
    }
  }
  if (outside) {
    out.labels.emplace_back("none of them");
  } else {
    counts.pop_back();
    for (auto& row : counts) row.pop_back();
  }
  out.counts = std::move(counts);
  return out;
}

std::vector<ClassMetrics> class_metrics(const Confusion& table, std::size_t classes) {
  std::vector<ClassMetrics> out;
  for (std::size_t i = 0; i < std::min(classes, table.labels.size()); ++i) {
    ClassMetrics one;
    one.label = table.labels[i];
    for (std::size_t j = 0; j < table.labels.size(); ++j) {
      one.expected += table.counts[i][j];
      one.answered += table.counts[j][i];
    }
    if (one.expected + one.answered == 0) continue;
    const auto right = table.counts[i][i];
    one.precision = ratio_of(right, one.answered);
    one.recall = ratio_of(right, one.expected);
    one.f1 = ratio_of(2 * right, one.expected + one.answered);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace llmops::score

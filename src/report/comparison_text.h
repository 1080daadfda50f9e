#pragma once
/// \file  Two runs side by side, as people and scripts read them.
#include <optional>
#include <string>
#include <vector>

#include "doc/node.h"
#include "lineage/comparison.h"
#include "report/console.h"

namespace llmops::report {

/// What a comparison shows beside its numbers.
struct ComparisonView {
  const lineage::Side& a;
  const lineage::Side& b;
  const lineage::ComparedRuns& compared;
  /// For each flip the two answers' texts; nothing where they are not on this machine.
  std::vector<std::pair<std::optional<std::string>, std::optional<std::string>>> outputs;
  /// For each difference a unified diff; empty where there is none to show.
  std::vector<std::string> diffs;
  std::size_t most_flips = 10;  ///< Of those shown as text.
};

/// What a row says of `b`: by the interval of the difference, on the side that is better for this metric.
enum class Trend { better, worse, open };
Trend trend_of(const lineage::ComparedMetric& row);

std::string comparison_text(const ComparisonView& view, Colour colour, std::size_t width);
doc::Node to_node(const ComparisonView& view);

}  // namespace llmops::report

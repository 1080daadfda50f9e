#pragma once
/// \file  Two runs side by side as a page of their own.
#include <string>
#include <vector>

#include "report/comparison_text.h"
#include "report/run_view.h"

namespace llmops::report {

/// The cases of both sides, in the order of `Side::steps`.
struct ComparedCases {
  std::vector<EvalView> a, b;
};

/// One self-contained HTML file, as `html(const RunView&)`: both sides, the metrics' differences, what else differs,
/// and all cases that were paired with both answers. Equal arguments give equal bytes.
std::string html(const ComparisonView& view, const ComparedCases& cases);

}  // namespace llmops::report

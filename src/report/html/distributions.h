#pragma once
/// \file  How the scores of an eval are spread. Private to this room.
#include "report/html/markup.h"
#include "report/run_view.h"

namespace llmops::report {

/// A table of histograms: a row for each cell, a column for each metric, all cells of a metric over one range. Amounts
/// with a long tail (their largest more than twice the 99th percentile) end there, and the last bar has the rest.
Markup distributions(const EvalView& eval);

}  // namespace llmops::report

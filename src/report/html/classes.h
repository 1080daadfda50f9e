#pragma once
/// \file  Which classes the answers of an eval mix up. Private to this room.
#include "report/html/markup.h"
#include "report/run_view.h"

namespace llmops::report {

/// For each cell, precision, recall and F1 of each class, and a table of what was expected and answered. Empty where
/// nothing is sorted.
Markup classes(const EvalView& eval);

}  // namespace llmops::report

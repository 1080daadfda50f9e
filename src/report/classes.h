#pragma once
/// \file  Which classes answers mix up, as text.
#include <string>

#include "report/run_view.h"

namespace llmops::report {

/// For each cell of an eval that sorts into classes: precision, recall and F1 of each class, and how often it was
/// answered as which, where there are at most twelve. Empty where nothing is sorted.
std::string classes_text(const EvalView& eval);

}  // namespace llmops::report

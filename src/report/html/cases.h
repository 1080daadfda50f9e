#pragma once
/// \file  The cases of a page as its script reads them. Private to this room.
#include <cstddef>
#include <string>
#include <vector>

#include "report/run_view.h"

namespace llmops::report {

/// The answers of one cell: a column of a table of cases.
struct CaseColumn {
  std::string name;
  const EvalView& eval;
  std::size_t cell = 0;
};

/// Cases side by side, joined by id. The metrics are those of the first column; a column that lacks one has no scores
/// of it.
struct CaseTable {
  std::string name;  ///< Unique within the page.
  std::vector<CaseColumn> columns;
  bool paired = false;  ///< The two columns are the sides of a comparison.
};

/// Where a text is longer than `longest` bytes, its start is kept and how much there was is said. The texts of all
/// tables together come to at most `total`, as long as `least` for each allows: `longest` is halved until they do.
struct TextLimits {
  std::size_t longest = 32 * 1024, least = 256, total = 48 * 1024 * 1024;
};

/// JSON: `{"tables": [{"name", "paired", "columns": [{"name", "answers"}], "metrics": [{"name", "scale", "better",
/// "unit"}], "cases": […]}]}`. `answers` is false where the texts are not on this machine. A case is `{"id", "title",
/// "fields", "expected", "results": […]}`: `title` is the field that names it, and a result, one for each column, null
/// or `{"state": "passed|failed|error|scored", "scores", "error", "cached", "answers": [{"output", "latency_ms",
/// "cost_usd", "finish", "reasons"}]}`. What is not known is not there. A text is a string, or `{"text", "shown",
/// "all"}` where it was cut. All texts are `visible`.
std::string case_data(const std::vector<CaseTable>& tables, const TextLimits& limits = {});

}  // namespace llmops::report

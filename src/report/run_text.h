#pragma once
/// \file  A finished run, a plan and a list of runs as text.
#include <string>
#include <vector>

#include "doc/node.h"
#include "lineage/records.h"
#include "lineage/run.h"
#include "report/console.h"

namespace llmops::report {

/// From a run's document (`lineage::to_document`): a line for each step with its metrics and its gate, and how it
/// ended.
std::string run_text(const doc::Node& document, Colour colour);
/// The same of a run, without making a document of steps that are not shown.
std::string run_text(const lineage::Run& run, Colour colour);

/// What `log` prints: a line for each run; with `metric` its value in each cell.
std::string log_text(const std::vector<const lineage::RunEntry*>& runs, const std::string& metric, Colour colour);

}  // namespace llmops::report

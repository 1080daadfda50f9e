#pragma once
/// \file  What happened, as in-toto Statements. Private to this room.
#include <string>
#include <string_view>

#include "doc/node.h"
#include "lineage/run.h"

namespace llmops::lineage {

/// Of one step: `test-result` for what measured or decided, SLSA provenance for the rest. The steps it needs must come
/// from the same run, with their own statements known.
doc::Node statement_of(const Run& run, const StepRun& step);

/// Of the run: its document, and the Statements of its steps by digest. All steps' `outcome.statement` must be known.
doc::Node statement_of(const Run& run);

/// `<sha256>.results.jsonl`
std::string results_file_name(const Digest& results);

}  // namespace llmops::lineage

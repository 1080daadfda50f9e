#pragma once
/// \file  Writing what happened into git: `refs/llmops/records` and `refs/notes/llmops`.
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "lineage/run.h"
#include "sys/git.h"

namespace llmops::lineage {

inline constexpr std::string_view kRecordsRef = "refs/llmops/records";
inline constexpr std::string_view kNotesRef = "refs/notes/llmops";

/// A file of the records tree: its bytes never change.
struct RecordFile {
  std::string path;  ///< `<2 hex>/<commit id>/<digest>.json`, or `….results.jsonl` beside it.
  std::string bytes;
};

/// in-toto Statements for a run: one for each step that ran (SLSA provenance for what makes things, test-result for
/// evals and gates), and one for the run itself that names them, and those of cached steps, by digest. Equal runs give
/// equal bytes. Fills in `outcome.statement` of the steps that have none.
struct Statements {
  std::vector<RecordFile> files;
  Digest run;        ///< Of the run's own Statement.
  std::string note;  ///< One line for people, for `git log --notes=llmops`.
};
Statements statements_of(Run& run);

/// Writes them: one commit on the records ref and one on the notes ref; a run that is there already adds nothing, nor
/// does one in a repository without commits. What is to be said of it (a stale lock removed) is returned.
Result<std::string> record(sys::GitRepository& repository, Run& run);

}  // namespace llmops::lineage

#pragma once
/// \file  What runs measured, case by case, found by what a person calls them.
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "lineage/records.h"
#include "score/results.h"

namespace llmops::lineage {

/// The per-case results of an eval, by its entry in a run's document (`to_document`), from the records. Kind
/// `environment`, with how to bring them, where they are not in this repository.
Result<std::string> results_of(sys::GitRepository& repository, const Records& records, const doc::Node& step);

/// The results of one step of a run.
struct MeasuredStep {
  std::string id;
  score::Results results;
  std::optional<Digest> answers;  ///< Of the answers' texts, which lie in the content store of where they were made.
};

/// A run that measured something, and which of its cells are meant.
struct Side {
  std::string asked;  ///< As it was asked for.
  const RunEntry* run = nullptr;
  std::string cell;  ///< `model/prompt`; empty: all of them.
  std::vector<MeasuredStep> steps;
};

struct SideOptions {
  std::string recipe;  ///< Only runs of this one; empty: any.
};

/// `RUN`, `COMMIT`, `BRANCH` (and whatever else names a commit) or `ENVIRONMENT`, each also with `:CELL`; or a cell of
/// the newest run. The newest run that fits and measured something; runs without results are passed over. `what` is
/// looked for in this order. Errors of kind `usage`: nothing has this name, it has no run that measured; of kind
/// `environment`: results that are not there or damaged.
Result<Side> side_of(sys::GitRepository& repository, const Records& records, const std::string& what,
                     const SideOptions& options);

}  // namespace llmops::lineage

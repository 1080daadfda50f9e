#pragma once
/// \file  Runs a plan: order, parallelism, cache, journal, record.
#include <optional>
#include <string>

#include "base/result.h"
#include "base/stop.h"
#include "exec/event.h"
#include "exec/services.h"
#include "plan/plan.h"

namespace llmops::exec {

enum class OnFailure { stop, keep_going };
enum class Reuse {
  yes,  ///< Steps and answers.
  no,   ///< `--force`: the selected steps run again and ask again.
};
enum class Network { allowed, forbidden };
/// Whether evals ask all that the recipe says, or were narrowed for this run: then it proves nothing of a commit.
enum class Cases { all, some };

struct RunOptions {
  std::size_t jobs = 1;
  OnFailure on_failure = OnFailure::stop;
  Reuse reuse = Reuse::yes;
  Network network = Network::allowed;
  Cases cases = Cases::all;
  model::Budget* budget = nullptr;  ///< Of everything that is asked; may be null.
  Digest release_key;
  std::string version;  ///< Of llmops.
};

/// The outcome that the caches hold for a ready step, with its outputs in place; nothing where it has to run, and why
/// in `reason` when that is more than a changed key. An error where a deleted output can't be brought back.
struct Lookup {
  std::optional<step::Outcome> outcome;
  std::string reason;
};
Result<Lookup> look_up(Services& services, const plan::PlannedStep& step);
/// An outcome of before as this run's: up to date, at no cost.
step::Outcome reused(step::Outcome outcome);

/// Why the outputs of an outcome can't be used: changed, or gone for good. Empty where all are in place, brought back
/// where they were deleted; an error where that can't be done.
Result<std::string> missing_output(Services& services, const step::Outcome& outcome);

struct RunResult {
  lineage::Run run;
  bool ran = false;    ///< Something was done, so a record was written.
  std::string record;  ///< Digest of the run's record; empty where nothing was written.
};

/// Runs `plan` to its end. Failed steps are in the result; an error is one that kept the run from being carried out or
/// recorded (no space, a folder that can't be written). When `stop` is asked, finished steps are kept, running ones are
/// ended, and the run's status is `interrupted`.
Result<RunResult, Errors> run(Services& services, plan::Plan plan, const recipe::Scope& base, const RunOptions& options,
                              StopToken stop, const Listener& listener);

}  // namespace llmops::exec

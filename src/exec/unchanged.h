#pragma once
/// \file  Whether a step still reads what the plan was made from: somebody may edit a file while a run goes on.
#include "base/result.h"
#include "exec/services.h"
#include "plan/plan.h"

namespace llmops::exec {

/// What is looked at again.
enum class Reads {
  all,          ///< Before the step: prompts and datasets, files that its programs name, what other steps made.
  by_programs,  ///< After it: only what a program may have read at any time.
};

/// An error of kind `environment` that names the first file whose bytes are not those the step's key was made of. One
/// stat for each file that did not change.
Result<void> check_unchanged(Services& services, const plan::Plan& plan, const recipe::Step& step,
                             const recipe::Scope& scope, Reads reads);

}  // namespace llmops::exec

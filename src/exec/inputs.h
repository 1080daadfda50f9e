#pragma once
/// \file  A step's inputs made ready: names become models, prompts and files.
#include "base/result.h"
#include "exec/services.h"
#include "plan/plan.h"
#include "step/context.h"

namespace llmops::exec {

/// What `step` reads by name. With a scope of `Stage::run` everything is resolved, secrets included; with
/// `Stage::plan` what is not known yet is left out. Every error in one go, each with its place.
Result<step::Inputs, Errors> inputs_of(Services& services, const plan::Plan& plan, const recipe::Step& step,
                                       const recipe::Scope& scope);

/// The scope in which a step runs.
recipe::Scope run_scope(Services& services, const plan::Plan& plan, const recipe::Step& step, std::string run_id,
                        const recipe::Scope& base);

}  // namespace llmops::exec

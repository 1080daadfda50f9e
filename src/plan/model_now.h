#pragma once
/// \file  A model as far as a plan has come.
#include "base/result.h"
#include "plan/plan.h"

namespace llmops::plan {

struct ModelNow {
  doc::Node written;      ///< Its configuration, resolved and checked.
  ModelIdentity content;  ///< With the digests of what steps have made and its program reads, as `sha256:…`.
};

/// The model `name`, which the plan has an identity of. Weights that a step made are not in it: see `ModelFiles::file`.
Result<ModelNow, Errors> model_now(const Plan& plan, const recipe::Declaration& model, const recipe::Scope& scope);

/// What stands at a path that a step has made, or at one below it: empty where none has.
std::string made_content(const Plan& plan, const std::string& path);

}  // namespace llmops::plan

#pragma once
/// \file  How somebody's program is started.
#include "model/model.h"
#include "model/redactor.h"

namespace llmops::model::exec {

/// The command in the repository's root; a program given as `./x` or `dir/x` is looked for there. Its environment is
/// the configuration's, PATH, HOME and the like, and PYTHONUNBUFFERED.
sys::ProcessSpec spec_of(const ModelConfig& config, const OpenContext& context);

/// Knows the values of variables whose names sound secret (`…KEY`, `…TOKEN`).
Redactor redactor_of(const ModelConfig& config);

}  // namespace llmops::model::exec

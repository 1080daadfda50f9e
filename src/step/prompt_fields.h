#pragma once
/// \file  What a prompt wants to know of each case.
#include <string>

#include "asset/cases.h"
#include "base/result.h"
#include "prompt/prompt.h"

namespace llmops::step {

/// A field that the prompt reads and a case lacks, with the place of its first use, once for each field. One pass over
/// the cases. `dataset` is for messages.
Errors check_prompt_fields(const prompt::Prompt& prompt, const asset::Cases& cases, const std::string& dataset);

}  // namespace llmops::step

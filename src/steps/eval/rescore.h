#pragma once
/// \file  Answers that were given before, scored as a recipe says now. Nobody is asked.
#include <string>
#include <string_view>

#include "asset/cases.h"
#include "base/result.h"
#include "score/results.h"
#include "step/context.h"

namespace llmops::steps::eval {

struct Rescored {
  score::Results results;
  std::string answers;      ///< With what the scorers of now say of each.
  std::size_t dropped = 0;  ///< Answers to cases that the dataset has no more.
};

/// What an earlier run of an eval left.
struct Stored {
  const score::Results& results;
  std::string_view answers;
};

/// `config` is the eval's as `step::Context::config` has it. Of `inputs` its models and prompts are read where they are
/// called as they were then, for the tools that they offer. Errors: a scorer that would have to ask; what the scorers
/// compare with is in no case; answers that can't be read.
Result<Rescored, Errors> rescore(const doc::Node& config, const Stored& stored, const asset::Cases& cases,
                                 const step::Inputs& inputs);

}  // namespace llmops::steps::eval

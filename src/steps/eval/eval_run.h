#pragma once
#include "step/context.h"
#include "step/kind.h"
#include "steps/eval/eval_config.h"

namespace llmops::steps::eval {

/// Asks and scores. Outputs: `results` (per-case scores, into the record) and `answers` (texts). A failed query is an
/// error, never a wrong answer; an eval in which all failed is an error itself, with the first one's message.
Result<step::Outcome> run_eval(const EvalConfig& config, step::Context& context);

/// Queries at most (cached ones are not looked up), tokens at four bytes each, cost where all prices are known, time
/// where all latencies are: each model answers as many at once as it may, and keeps to its rates.
step::Estimate estimate_eval(const EvalConfig& config, const step::Inputs& inputs);

}  // namespace llmops::steps::eval

#pragma once
/// \file  A step's key: the digest of everything that can change its outcome.
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"

namespace llmops::plan {

struct KeyParts {
  std::vector<Part> parts;
  std::string uncacheable;  ///< Why nothing of it may be kept; empty where all is known.
};

/// The parts of a step whose needs are done, in a fixed order: repository, kind and version, configuration key by key,
/// environment variables, models, prompts, datasets, files, and what the steps it needs have made.
Result<KeyParts> key_parts(const Plan& plan, const recipe::Step& step, const recipe::Scope& scope);

Digest key_of(const std::vector<Part>& parts);

}  // namespace llmops::plan

#pragma once
/// \file  The rows of the scorers that ask a model.
#include <vector>

#include "score/scorers/family.h"

namespace llmops::score {

std::vector<ScorerKind> judged_kinds();

}  // namespace llmops::score

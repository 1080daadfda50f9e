#pragma once
/// \file  Scorers made of scorers: `all-of` and `any-of`. Private to this room.
#include <memory>
#include <vector>

#include "schema/type.h"
#include "score/scorer.h"
#include "score/scorers/family.h"

namespace llmops::score {

/// The type of a set's members: that of any scorer, filled in once the scorers are declared.
const std::shared_ptr<schema::Type>& type_of_members();

schema::Type set_settings();
Result<Made, Errors> make_all_of(const ScorerConfig& config);
Result<Made, Errors> make_any_of(const ScorerConfig& config);

/// A set's members; none of other scorers.
std::vector<ScorerConfig> members_of(const ScorerConfig& config);

}  // namespace llmops::score

#pragma once
/// \file  The steps of a document: matrix expanded, values resolved, what they read and make declared.
#include <string_view>

#include "base/result.h"
#include "recipe/recipe.h"

namespace llmops::recipe {

/// The names of the models that embed, as far as that is known before anything runs.
std::vector<std::string> embedders_of(const Recipe& recipe);

/// Fills `recipe.steps`.
Errors read_steps(Recipe& recipe, const step::Kinds& kinds, const Scope& scope);

/// Of the steps that run here: references that lead nowhere, names that nothing has, secrets where they could be seen,
/// and conditions that can't be decided. `scope` is that of reading.
Errors check_references(const Recipe& recipe, const Scope& scope);

/// Errors for what `node` names that is not known at once, such as a secret or what a step makes: `where` (`vars`,
/// `a matrix`) can't hold it.
Errors check_known_at_once(const doc::Node& node, std::string_view where);

/// What the kinds of the steps that run here say against the rest of the recipe (`step::Kind::check`).
Errors check_surroundings(const Recipe& recipe);

/// What `resolve` left of a var or of a matrix's values as names stand for it: `$$` is a dollar. An error of kind
/// `environment` where it rests on a variable that is not set.
Result<doc::Node, Errors> as_value(const doc::Node& resolved, const Scope& scope);

}  // namespace llmops::recipe

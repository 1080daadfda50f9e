#pragma once
/// \file  Scorers that compare texts by the vectors that a model gives of them. Private to this room.
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "score/scorers/family.h"

namespace llmops::score {

std::vector<ScorerKind> embedded_kinds();
/// That one of them which asks a judge too.
ScorerKind answer_relevance();

/// What is said of the setting that names the model.
inline constexpr const char* kEmbedderHelp =
    "The model that embeds, by name; without one, the eval's `embedder`, else the recipe's only model that embeds.";

/// The question for a text's vector.
Inquiry vector_inquiry(const std::string& model, std::string text);

/// The model that `settings` name to embed with; its place is the settings' where none is named.
schema::Placed<std::string> embedder_of(const doc::Node& settings);

/// The cosine of the angle between two vectors, a · b / (|a| |b|), where opposite directions count as 0: scores are
/// from 0 to 1. Errors: vectors of different lengths, or without a direction.
Result<double> cosine(std::span<const float> a, std::span<const float> b);

/// Errors (kind `invalid`): a text of blanks alone, which has no direction; `what` it is, such as `the answer`.
Result<void> check_direction(std::string_view text, const std::string& what);

}  // namespace llmops::score

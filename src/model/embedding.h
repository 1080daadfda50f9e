#pragma once
/// \file  Texts as vectors: what models that embed have in common.
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/query.h"

namespace llmops::model {

/// A query for the vector of one text.
Query embed_query(std::string text);

/// The vector scaled to length 1. Kind `step`: it has no numbers, one that is not finite, or only zeros.
Result<std::vector<float>> direction_of(std::span<const double> numbers);

/// What a model that answers says to a query for a vector.
Error embeds_nothing();
/// What a model that embeds says to a query for an answer.
Error answers_nothing();

}  // namespace llmops::model

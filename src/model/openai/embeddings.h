#pragma once
/// \file  OpenAI's Embeddings, spoken by many servers.
#include <cstdint>
#include <memory>
#include <optional>

#include "model/api/dialect.h"

namespace llmops::model::openai {

/// `/embeddings` with all texts of a query at once. Vectors are put in order by their `index` and scaled to length 1. A
/// body without exactly one vector for each text is no answer, nor one whose vectors differ in length among themselves
/// or from `dimensions`, or hold anything but finite numbers. A query for an answer is an error, as is an empty text,
/// which the API refuses and which has no direction.
std::unique_ptr<const api::Dialect> embeddings(std::optional<std::int64_t> dimensions);

}  // namespace llmops::model::openai

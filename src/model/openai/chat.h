#pragma once
/// \file  OpenAI's Chat Completions, spoken by many servers, and its Completions for raw prompts.
#include <memory>

#include "model/api/dialect.h"

namespace llmops::model::openai {

/// `/chat/completions` for messages, `/completions` for a raw prompt. With `choices` the answer's form is asked for as
/// a JSON schema, which a raw prompt can't have.
std::unique_ptr<const api::Dialect> chat();

}  // namespace llmops::model::openai

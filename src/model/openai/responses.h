#pragma once
/// \file  OpenAI's Responses API.
#include <memory>

#include "model/api/dialect.h"

namespace llmops::model::openai {

/// `/responses`. Leading system messages are its `instructions`. Nothing is stored there unless `extra` says so. It has
/// neither stop texts nor raw prompts: both are errors of the query.
std::unique_ptr<const api::Dialect> responses();

}  // namespace llmops::model::openai

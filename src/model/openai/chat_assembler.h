#pragma once
/// \file  Chat Completions, streamed.
#include <memory>

#include "model/api/assembler.h"

namespace llmops::model::openai {

/// Chunks with `delta`s (or, of raw prompts, `text`s) become one body. Complete with `[DONE]`.
std::unique_ptr<api::Assembler> chat_assembler();

}  // namespace llmops::model::openai

#pragma once
/// \file  Ollama's own API.
#include <memory>

#include "model/api/dialect.h"

namespace llmops::model::ollama {

/// `/api/chat` for messages, `/api/generate` for a raw prompt. How an answer is drawn goes into `options`, as does what
/// `extra` has under `options`; `context` is its `num_ctx`.
std::unique_ptr<const api::Dialect> chat();

}  // namespace llmops::model::ollama

#pragma once
/// \file  A model file, and an adapter to it, in memory.
#include <optional>
#include <string>

#include "base/result.h"
#include "model/llama/handles.h"
#include "model/llama/vocabulary.h"
#include "sys/file_system.h"

namespace llmops::model::llama {

/// A loaded model. Its bytes are mapped, so the same file loaded twice takes memory once. Immutable.
struct Weights {
  ModelHandle model;
  llama_adapter_lora* adapter = nullptr;  ///< Owned by `model`; null without one.
  Vocabulary vocabulary;
  std::string chat_template;  ///< Empty where the model has none.
  std::uint32_t trained_context = 0;
  /// Whether the last tokens of a sequence can be forgotten, and the first ones copied.
  bool can_share_prefixes = false;
  /// Whether it is made to embed: its file says how the vectors of its tokens become that of a whole text.
  bool embeds = false;
};

/// Errors of kind `environment`: the CPU lacks what the engine is built for; a file is missing, is no model, is cut
/// short, or an adapter does not fit the model. Each names the file and says what the engine said.
Result<Weights> load_weights(sys::FileSystem& files, const sys::Path& model, const std::optional<sys::Path>& adapter);

}  // namespace llmops::model::llama

#pragma once
/// \file  A query's messages as the one text that a model reads.
#include <optional>
#include <string>

#include "base/result.h"
#include "model/query.h"
#include "templating/template.h"

namespace llmops::model::llama {

struct ChatFormatConfig {
  std::string model;          ///< For messages.
  std::string chat_template;  ///< Empty where the model has none.
  std::string bos_text, eos_text;
};

/// A model's own chat template. Safe to use from many threads.
class ChatFormat {
 public:
  explicit ChatFormat(ChatFormatConfig config);
  /// A raw query is its text, with the origins it came with. Else the chat template is rendered, asking for the next
  /// answer: what it writes itself is the author's, and every message's content is data. Errors of kind `step` where
  /// there is no template, or it refuses these messages.
  Result<templating::Text> text(const Query& query) const;

 private:
  ChatFormatConfig config_;
  std::optional<Result<templating::Template>> template_;
};

}  // namespace llmops::model::llama

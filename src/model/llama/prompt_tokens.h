#pragma once
/// \file  A query, ready to be decoded.
#include <vector>

#include "model/llama/chat_format.h"
#include "model/llama/vocabulary.h"

namespace llmops::model::llama {

struct Prepared {
  std::vector<Token> prompt;               ///< Never empty.
  std::vector<std::vector<Token>> labels;  ///< One for each choice, never empty.
  std::string grammar;                     ///< Of the answer's form; empty where any text will do.
};

/// The tokens of a query's prompt and of its choices. A label is tokenised apart from the prompt, so that its score
/// does not depend on how the two would merge; behind a raw prompt that does not end in white space it gets a space in
/// front. Errors of kind `step`: more tokens than `context` holds, an empty prompt or choice, a choice of more than 256
/// tokens. Kind `invalid`: tools, or a form that no grammar holds.
Result<Prepared> prepare(const Query& query, const ChatFormat& format, const Vocabulary& vocabulary,
                         std::size_t context);

}  // namespace llmops::model::llama

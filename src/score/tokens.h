#pragma once
/// \file  The tokenisers that published metrics rest on. Each gives a text in which blanks stand between the tokens.
#include <string>
#include <string_view>

namespace llmops::score {

/// `13a`, the tokeniser of mteval-v13a and sacrebleu's default: punctuation apart, but for points and commas in numbers
/// and for apostrophes and hyphens in words.
std::string tokens_13a(std::string_view text);

/// rouge-score's default tokeniser: runs of a-z and 0-9 in lower case; everything else parts them.
std::string tokens_of_rouge(std::string_view text);

}  // namespace llmops::score

#pragma once
/// \file  Korean syllables as the letters that they are made of.
#include <string>
#include <string_view>

namespace llmops::model::llama {

/// The text with each Hangul syllable decomposed, as Unicode's form NFD has it (The Unicode Standard, section 3.12).
/// Other characters, and bytes that are not UTF-8, stay as they are.
std::string decompose_hangul(std::string_view text);

}  // namespace llmops::model::llama

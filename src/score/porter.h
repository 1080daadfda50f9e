#pragma once
/// \file  The Porter stemmer.
#include <string>
#include <string_view>

namespace llmops::score {

/// The stem of a word in lower case: Porter 1980, "An algorithm for suffix stripping", with the extensions that NLTK's
/// `PorterStemmer` has by default. Linear in the word.
std::string porter_stem(std::string_view word);

}  // namespace llmops::score

#pragma once
/// \file  Texts as Python's `str` sees them, on which the published implementations of metrics rest (Unicode 14, in
/// parts 15).
///
/// Texts are UTF-8. A byte that is not part of it stands alone, as the code point U+DC00 plus the byte: it is no space
/// and no letter, and equals only itself.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace llmops::score {

struct Point {
  char32_t value = 0;
  std::size_t length = 0;  ///< In bytes; 0 only for an empty text.
};
/// The code point at the front.
Point first_point(std::string_view text);
/// The code point at the end.
Point last_point(std::string_view text);

bool is_space(char32_t point);  ///< `str.isspace`.
bool is_word(char32_t point);   ///< `\w` of `re`: letters, numbers, the underscore.

/// `str.lower`, the final sigma included.
std::string lower(std::string_view text);
/// `str.split()`: the parts between white space, in order; views into `text`.
std::vector<std::string_view> words(std::string_view text);

}  // namespace llmops::score

#pragma once
/// \file  Where something stands in a text that somebody wrote.
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace llmops {

/// A named text, kept so that a later error can show the line it speaks of.
struct SourceText {
  std::string name;  ///< As a person would type it: a path, or `--var`.
  std::string text;
  std::uint32_t first_line = 1;  ///< The number of the text's first line, where the text is a part of a file.

  /// The line with this 1-based number, without its newline; empty when there is none.
  std::string_view line(std::uint32_t number) const;
};

/// A place in a text. `line` 0 means that the place is not known; `column` counts code points from 1.
struct SourcePos {
  std::shared_ptr<const SourceText> source;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool known() const { return source != nullptr && line != 0; }
  /// `file:line:col`, or the file alone, or an empty text.
  std::string to_string() const;
};

/// Equal where name, line and column are.
bool operator==(const SourcePos& a, const SourcePos& b);

/// The place of the byte `offset` in `source`.
SourcePos position_at(std::shared_ptr<const SourceText> source, std::size_t offset);

}  // namespace llmops

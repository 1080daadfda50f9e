#pragma once
/// \file  Questions to a YAML text that its parser does not answer.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/source.h"

namespace llmops::doc {

/// A YAML text and a cursor over it that turns bytes into places. Near bytes are cheap, however long their line is.
class YamlText {
 public:
  explicit YamlText(std::shared_ptr<const SourceText> source) : source_(std::move(source)) {}

  const std::shared_ptr<const SourceText>& source() const { return source_; }
  std::string_view text() const { return source_->text; }

  /// The line and column of this byte.
  SourcePos place(std::size_t byte);
  /// Behind anchors and tags that start at this byte: where the value itself starts.
  std::size_t skip_properties(std::size_t at) const;
  /// The byte behind the closing quote of the quoted scalar that starts here; nothing when it is never closed.
  std::optional<std::size_t> end_of_quoted(std::size_t at) const;
  /// True when only white space with a tab in it stands between the line's start and this byte.
  bool indented_by_tab(std::size_t at) const;
  /// The text from this byte to the end of its line, comments included.
  std::string_view rest_of_line(std::size_t at) const;

 private:
  std::shared_ptr<const SourceText> source_;
  std::size_t byte_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
};

/// What is wrong with a text before anybody parses it: size, UTF-8, control characters.
std::optional<Error> refuse_text(const std::shared_ptr<const SourceText>& source);

}  // namespace llmops::doc

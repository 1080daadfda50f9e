#pragma once
/// \file  Places inside a text that is itself a part of a file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/source.h"

namespace llmops::templating {

/// Where a text stands in its file: the place of its first character, and the columns before each further line.
struct SourcePlace {
  SourcePos first;
  std::uint32_t indent = 0;

  /// The place of the byte `offset` of `text`; unknown where `first` is.
  SourcePos at(std::string_view text, std::size_t offset) const;
};

/// Where the `text` of a YAML scalar starts, given where the scalar does: behind an opening quote, or on the line below
/// a
/// `|` or `>`. Exact for plain, quoted one-line and literal scalars; in a folded one only the first line is. A place
/// where the text itself stands stays as it is.
SourcePlace place_of_scalar(const SourcePos& scalar, std::string_view text);

}  // namespace llmops::templating

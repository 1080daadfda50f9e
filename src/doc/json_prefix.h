#pragma once
/// \file  JSON in front of other text.
#include <cstddef>
#include <optional>
#include <string_view>

#include "doc/node.h"

namespace llmops::doc {

struct JsonPrefix {
  std::optional<Node> value;  ///< Nothing where the text does not start with one.
  std::size_t bytes = 0;      ///< How far it was read: to the value's end, or to where it breaks.
};

/// The JSON value that stands at the very start of a text, whatever follows it; without places. As strict as
/// `parse_json`.
JsonPrefix parse_json_prefix(std::string_view text);

}  // namespace llmops::doc

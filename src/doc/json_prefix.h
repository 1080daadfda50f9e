#pragma once
/// \file  A JSON value at the front of a text that goes on.
#include <cstddef>
#include <optional>
#include <string_view>

#include "doc/node.h"

namespace llmops::doc {

struct JsonPrefix {
  std::optional<Node> value;  ///< Nothing where no JSON value stands at the front.
  std::size_t length = 0;     ///< How many bytes were read, the value's last one included.
};
/// What `parse_json_data` would read of the text's front, whatever follows.
JsonPrefix parse_json_prefix(std::string_view text);

}  // namespace llmops::doc

#pragma once
/// \file  JSON ↔ Node.
#include <string>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::doc {

/// One JSON value (RFC 8259) with nothing after it. Duplicate keys, invalid UTF-8, nesting over 200 and numbers beyond
/// a double are errors. Errors (kind `invalid`) carry the place; `first_line` is the number of the text's first line in
/// its file. Values' places are the line and column where each starts.
Result<Node> parse_json(std::string name, std::string text, std::uint32_t first_line = 1);
/// The same without places, for texts that no person wrote: faster, and smaller in memory.
Result<Node> parse_json_data(std::string_view text);

/// Compact, keys in their order, UTF-8 as it is (broken bytes become U+FFFD), `null` for numbers that JSON lacks.
/// Integers stay integers and reals stay reals (`1.0`).
std::string to_json(const Node& node);
/// Indented by two.
std::string to_pretty_json(const Node& node);
/// Compact with every map's keys sorted by bytes: equal values give equal bytes, so 1.0 is written `1`.
std::string to_canonical_json(const Node& node);

}  // namespace llmops::doc

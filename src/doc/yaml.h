#pragma once
/// \file  YAML → Node, strictly. The only user of yaml-cpp.
#include <string>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::doc {

/// One YAML document. Everything that yaml-cpp lets through and people regret is an error with its place: duplicate
/// keys, unclosed quotes, further documents, alias cycles, more than 200,000 nodes after aliases, nesting over 200, keys
/// that are not strings, bytes that are not UTF-8, a plain `yes`, `no`, `on`, `off` (any case; hint: quote it, or write
/// true or false), an unquoted `${…}` inside `{}` or `[]` (hint: quote it). More than 8 MiB is refused before parsing.
/// An empty document is null. Finds every error it can in one go.
Result<Node, Errors> parse_yaml(std::string name, std::string text);

/// A whole recipe-sized document to bytes and back, places included, so that a checked parse can be kept. `unpack`
/// gives nothing for bytes that `pack` did not make (`text` becomes the source that places point to).
std::string pack(const Node& node);
Result<Node> unpack(std::string_view bytes, std::string name, std::string text);

}  // namespace llmops::doc

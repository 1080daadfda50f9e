#pragma once
/// \file  YAML → Node, strictly. The only user of yaml-cpp.
#include <string>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::doc {

/// One YAML document. Everything that yaml-cpp lets through and people regret is an error with its place: duplicate
/// keys, unclosed quotes, further documents, alias cycles, more than 200,000 nodes or 8 MiB of text after aliases,
/// nesting over 200, keys that are not strings, merge keys, tags other than `!!str`, tabs as indentation, control
/// characters, bytes that are not UTF-8, a plain `yes`, `no`, `on`, `off` (any case; hint: quote it, or write true or
/// false), an unquoted `${…}` inside `{}` or `[]` (hint: quote it), a number beyond a double. More than 8 MiB is
/// refused before parsing. Plain scalars have the types of YAML 1.2's core schema; 0123 is 123. An empty document is
/// null. Finds every error it can in one go, at most 100, in the order of their places.
Result<Node, Errors> parse_yaml(std::string name, std::string text);

/// A whole recipe-sized document to bytes and back, places included, so that a checked parse can be kept. `unpack`
/// gives an error for bytes that `pack` did not make (`text` becomes the source that places point to).
std::string pack(const Node& node);
Result<Node> unpack(std::string_view bytes, std::string name, std::string text);

}  // namespace llmops::doc

#pragma once
/// \file  JSON Pointer (RFC 6901).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.h"

namespace llmops::score::json_schema {

/// One token as a pointer writes it, its slash included: `/a~1b`.
std::string pointer_token(std::string_view key);
/// The tokens of a pointer; nothing where it is none (it is not empty and has no slash in front).
std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer);
/// The value that one token names within a map or a list, or null.
const doc::Node* step_to(const doc::Node& from, std::string_view token);

}  // namespace llmops::score::json_schema

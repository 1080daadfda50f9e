#pragma once
/// \file  What a plain (unquoted) YAML scalar means: YAML 1.2's core schema.
#include <optional>
#include <string>
#include <string_view>

#include "doc/node.h"

namespace llmops::doc {

/// Whether a plain scalar stands as a map's key or as a value.
enum class ScalarRole { key, value };

/// The value, its writing kept. A number that no double holds is nothing.
std::optional<Node> plain_scalar(const std::string& text);

/// True for the words that YAML 1.1 took for booleans and people mean as text or as booleans: `yes`, `no`, `on`, `off`
/// in any case.
bool is_ambiguous_word(std::string_view text);

}  // namespace llmops::doc

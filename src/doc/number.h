#pragma once
/// \file  Numbers as this room writes them.
#include <cstdint>
#include <optional>
#include <string>

namespace llmops::doc {

/// A real's shortest exact text, which never looks like an integer's: `1.0`, `0.5`, `1e+22`.
std::string real_text(double value);
/// The integer that equals this real, where there is one.
std::optional<std::int64_t> to_integer(double value);

}  // namespace llmops::doc

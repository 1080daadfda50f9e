#pragma once
/// \file  What the writer and the reader of results agree on.
#include <cstdint>
#include <string_view>

namespace llmops::score {

inline constexpr std::string_view kFormatKey = "llmops_results";
inline constexpr std::int64_t kFormatVersion = 1;

}  // namespace llmops::score

#pragma once
/// \file  An answer that must be one of several.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmops::model {

/// The choice that this text means: the choice itself, white space around it ignored, or `{"choice": …}`. Nothing where
/// it is none of them.
std::optional<std::string> choice_in(std::string_view text, const std::vector<std::string>& choices);

}  // namespace llmops::model

#pragma once
/// \file  Words of this room's messages and pages.
#include <string>
#include <string_view>
#include <vector>

namespace llmops::schema {

/// `a step`, `an eval`.
std::string with_article(std::string_view noun);
/// `` `a`, `b` ``; after sixteen names `…`.
std::string listed(const std::vector<std::string>& names);

}  // namespace llmops::schema

#pragma once
/// \file  From the syntax of ECMA 262 to that of RE2.
#include <string>
#include <string_view>

#include "base/result.h"

namespace llmops::score::json_schema {

/// The same pattern in RE2's syntax. Errors (kind `invalid`, without a place): `a look-ahead, which RE2 does not have`.
/// What is wrong in both syntaxes is left for RE2 to find.
Result<std::string> to_re2_syntax(std::string_view pattern);

}  // namespace llmops::score::json_schema

#pragma once
/// \file  Whether a text is SQL, by PostgreSQL's own parser.
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace llmops::score {

/// The longest text that is parsed, in bytes: the parser takes the square of a comment's length.
inline constexpr std::size_t kLongestSql = std::size_t{16} << 10;

/// Empty where the text is one statement of PostgreSQL 15 or more, else why it is none. Nothing is run, and no table is
/// looked for. Safe from many threads.
/// Errors (kind `invalid`): longer than `kLongestSql`, or nested too deep for the parser: it can't be told.
Result<std::string> problem_of_sql(std::string_view text);

}  // namespace llmops::score

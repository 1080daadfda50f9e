#pragma once
/// \file  Comma-separated values, RFC 4180.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmops::asset {

/// Where the row that starts at `from` ends: at a newline outside quotes, or at the text's end.
std::size_t csv_row_end(std::string_view text, std::size_t from);
/// Where in a row the quote stands that is never closed; nothing where there is none.
std::optional<std::size_t> csv_open_quote(std::string_view row);
/// The fields of one row, quotes taken off; `""` inside quotes is a quote.
std::vector<std::string> csv_row(std::string_view row);

}  // namespace llmops::asset

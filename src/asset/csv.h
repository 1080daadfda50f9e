#pragma once
/// \file  Comma-separated values, RFC 4180.
#include <string>
#include <string_view>
#include <vector>

namespace llmops::asset {

/// Where the row that starts at `from` ends: at a newline outside quotes, or at the text's end.
std::size_t csv_row_end(std::string_view text, std::size_t from);
/// The fields of one row, quotes taken off; `""` inside quotes is a quote.
std::vector<std::string> csv_row(std::string_view row);

}  // namespace llmops::asset

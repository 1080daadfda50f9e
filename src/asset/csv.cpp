#include "asset/csv.h"

namespace llmops::asset {

std::size_t csv_row_end(std::string_view text, std::size_t from) {
  bool quoted = false;
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == '\n' && !quoted) return at;
  }
  return text.size();
}

std::vector<std::string> csv_row(std::string_view row) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t at = 0; at < row.size(); ++at) {
    const char c = row[at];
    if (quoted && c == '"' && at + 1 < row.size() && row[at + 1] == '"') {
      out.back() += '"';
      ++at;
    } else if (c == '"' && (quoted || out.back().empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

}  // namespace llmops::asset

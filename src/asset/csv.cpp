#include "asset/csv.h"

#include <utility>

namespace llmops::asset {

namespace {

/// Where a reader is within a row. A quote opens a quoted field only at the field's start (RFC 4180, 2.5 to 2.7).
struct Place {
  bool quoted = false, at_start = true;
};

/// What the character at `at` is; `at` moves on over the second of two quotes that stand for one.
enum class Token { opening, closing, separator, line_end, text };
Token take(std::string_view text, std::size_t& at, Place& place) {
  const char c = text[at];
  if (place.quoted) {
    if (c != '"') return Token::text;
    if (at + 1 < text.size() && text[at + 1] == '"') {
      ++at;
      return Token::text;
    }
    place.quoted = false;
    return Token::closing;
  }
  const bool at_start = std::exchange(place.at_start, c == ',');
  if (c == '"' && at_start) {
    place.quoted = true;
    return Token::opening;
  }
  if (c == '\n') return Token::line_end;
  return c == ',' ? Token::separator : Token::text;
}

}  // namespace

std::size_t csv_row_end(std::string_view text, std::size_t from) {
  Place place;
  for (std::size_t at = from; at < text.size(); ++at) {
    if (take(text, at, place) == Token::line_end) return at;
  }
  return text.size();
}

std::optional<std::size_t> csv_open_quote(std::string_view row) {
  Place place;
  std::size_t opened = 0;
  for (std::size_t at = 0; at < row.size(); ++at) {
    const auto here = at;
    if (take(row, at, place) == Token::opening) opened = here;
  }
  return place.quoted ? std::optional(opened) : std::nullopt;
}

std::vector<std::string> csv_row(std::string_view row) {
  std::vector<std::string> out(1);
  Place place;
  for (std::size_t at = 0; at < row.size(); ++at) {
    const auto token = take(row, at, place);
    if (token == Token::separator) {
      out.emplace_back();
    } else if (token == Token::text || token == Token::line_end) {
      out.back() += row[at];
    }
  }
  return out;
}

}  // namespace llmops::asset

#include "doc/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace llmops::doc {
namespace {

constexpr std::string_view kDigits = "0123456789";

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Takes the leading digits off `text`; how many there were.
std::size_t take_digits(std::string_view& text) {
  const auto count = std::min(text.find_first_not_of(kDigits), text.size());
  text.remove_prefix(count);
  return count;
}

bool has_form_of_integer(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool has_form_of_real(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  auto digits = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += take_digits(text);
  }
  if (digits == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (take_digits(text) == 0) return false;
  }
  return text.empty();
}

/// `0x1F`, `0o17`.
std::optional<std::int64_t> based_integer(std::string_view text) {
  const int base = text.starts_with("0x") ? 16 : text.starts_with("0o") ? 8 : 0;
  if (base == 0 || text.size() < 3 || text[2] == '-') return std::nullopt;
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data() + 2, last, value, base);
  if (failed != std::errc{} || end != last) return std::nullopt;
  return value;
}

std::optional<double> special_real(std::string_view text) {
  if (is_one_of<3>(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!is_one_of<3>(text, {".inf", ".Inf", ".INF"})) return std::nullopt;
  const double value = std::numeric_limits<double>::infinity();
  return negative ? -value : value;
}

}  // namespace

std::optional<Node> plain_scalar(const std::string& text) {
  if (is_one_of<5>(text, {"", "~", "null", "Null", "NULL"})) return Node();
  if (is_one_of<3>(text, {"true", "True", "TRUE"})) return Node::plain(Node(true), text);
  if (is_one_of<3>(text, {"false", "False", "FALSE"})) return Node::plain(Node(false), text);
  if (const auto value = based_integer(text)) return Node::plain(Node(*value), text);
  if (const auto value = special_real(text)) return Node::plain(Node(*value), text);
  if (!has_form_of_real(text)) return Node(text);
  if (has_form_of_integer(text)) {
    if (const auto value = text::to_int(text)) return Node::plain(Node(*value), text);
  }
  const auto value = text::to_double(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return Node::plain(Node(*value), text);
}

bool is_ambiguous_word(std::string_view text) {
  if (text.empty() || text.size() > 3) return false;
  return is_one_of<4>(text::lower(text), {"yes", "no", "on", "off"});
}

}  // namespace llmops::doc

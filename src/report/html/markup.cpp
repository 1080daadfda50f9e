#include "report/html/markup.h"

#include <cstdint>

#include "base/text.h"

namespace llmops::report {
namespace {

/// Of two or three bytes of UTF-8; 0 for others.
std::uint32_t wide_code_point(std::string_view bytes) {
  const auto low = [&](std::size_t at) { return static_cast<std::uint32_t>(bytes[at]) & 0x3F; };
  if (bytes.size() == 2) return (static_cast<std::uint32_t>(bytes[0]) & 0x1F) << 6 | low(1);
  if (bytes.size() == 3) return (static_cast<std::uint32_t>(bytes[0]) & 0x0F) << 12 | low(1) << 6 | low(2);
  return 0;
}

/// U+2028 and U+2029 end a line; the others are Unicode's bidirectional controls (UAX 9, 2).
bool breaks_or_turns_line(std::uint32_t point) {
  return point == 0x061C || point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : visible(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string opening(std::string_view tag, Attributes attributes) {
  auto out = "<" + std::string(tag);
  for (const auto& [name, value] : attributes) out += " " + std::string(name) + "=\"" + escaped(value) + "\"";
  return out + ">";
}

}  // namespace

std::string visible(std::string_view text) {
  auto out = text::printable(text);
  // The first bytes of all that is left to name.
  if (out.find_first_of("\xD8\xE2") == std::string::npos) return out;
  std::string named;
  named.reserve(out.size());
  for (const auto bytes : text::code_points(out)) {
    const auto point = wide_code_point(bytes);
    if (breaks_or_turns_line(point)) {
      const char pair[] = {static_cast<char>(point >> 8), static_cast<char>(point & 0xFF)};
      named += "\\u" + text::to_hex({pair, 2});
    } else {
      named += bytes;
    }
  }
  return named;
}

Markup::Markup(std::string_view text) : html_(escaped(text)) {}

Markup Markup::trusted(std::string html) {
  Markup out;
  out.html_ = std::move(html);
  return out;
}

Markup element(std::string_view tag, Attributes attributes, const Markup& inner) {
  return Markup::trusted(opening(tag, attributes) + inner.html() + "</" + std::string(tag) + ">");
}

Markup element(std::string_view tag, const Markup& inner) { return element(tag, {}, inner); }

Markup empty_element(std::string_view tag, Attributes attributes) { return Markup::trusted(opening(tag, attributes)); }

}  // namespace llmops::report

#include "report/html/markup.h"

#include "base/text.h"

namespace llmops::report {
namespace {

/// What stands for a code point that is not shown as it is; empty for all others.
std::string_view name_of(std::string_view point) {
  if (point == "\xD8\x9C") return "\\u061c";
  if (point.size() != 3 || point[0] != '\xE2') return {};
  if (point[1] == '\x80') {
    switch (static_cast<unsigned char>(point[2])) {
      case 0x8E:
        return "\\u200e";
      case 0x8F:
        return "\\u200f";
      case 0xA8:
        return "\\u2028";
      case 0xA9:
        return "\\u2029";
      case 0xAA:
        return "\\u202a";
      case 0xAB:
        return "\\u202b";
      case 0xAC:
        return "\\u202c";
      case 0xAD:
        return "\\u202d";
      case 0xAE:
        return "\\u202e";
      default:
        return {};
    }
  }
  if (point[1] != '\x81') return {};
  switch (static_cast<unsigned char>(point[2])) {
    case 0xA6:
      return "\\u2066";
    case 0xA7:
      return "\\u2067";
    case 0xA8:
      return "\\u2068";
    case 0xA9:
      return "\\u2069";
    default:
      return {};
  }
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
  for (const auto point : text::code_points(out)) {
    const auto name = name_of(point);
    named += name.empty() ? point : name;
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

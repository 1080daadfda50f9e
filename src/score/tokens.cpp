#include "score/tokens.h"

#include "base/text.h"
#include "score/unicode.h"

namespace llmops::score {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_point(char c) { return c == '.' || c == ','; }
bool stands_alone(char c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
         (c >= ':' && c <= '@') || c == '/';
}

std::string without_markup(std::string_view text) {
  while (!text.empty() && is_space(last_point(text).value)) text.remove_suffix(last_point(text).length);
  auto out = text::replace_all(text, "<skipped>", "");
  out = text::replace_all(out, "-\n", "");
  out = text::replace_all(out, "\n", " ");
  if (out.find('&') == std::string::npos) return out;
  out = text::replace_all(out, "&quot;", "\"");
  out = text::replace_all(out, "&amp;", "&");
  out = text::replace_all(out, "&lt;", "<");
  return text::replace_all(out, "&gt;", ">");
}

/// Each of the four steps is a substitution of mteval-v13a, applied from left to right to what does not overlap.
std::string part_punctuation(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 2);
  for (const char c : text) {
    if (stands_alone(c)) {
      out += ' ';
      out += c;
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

/// A pair of characters of which the first and the second are such; `put` writes what stands for it.
template <class First, class Second, class Put>
std::string replace_pairs(std::string_view text, First first, Second second, Put put) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 < text.size() && first(text[i]) && second(text[i + 1])) {
      put(out, text[i], text[i + 1]);
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string tokens_13a(std::string_view text) {
  const auto is_other = [](char c) { return !is_digit(c); };
  const auto part_second = [](std::string& out, char a, char b) {
    out += a;
    out += ' ';
    out += b;
    out += ' ';
  };
  const auto part_first = [](std::string& out, char a, char b) {
    out += ' ';
    out += a;
    out += ' ';
    out += b;
  };
  const auto is_hyphen = [](char c) { return c == '-'; };
  auto out = part_punctuation(" " + without_markup(text) + " ");
  out = replace_pairs(out, is_other, is_point, part_second);
  out = replace_pairs(out, is_point, is_other, part_first);
  return replace_pairs(out, is_digit, is_hyphen, part_second);
}

std::string tokens_of_rouge(std::string_view text) {
  constexpr char32_t kKelvin = 0x212A, kDottedCapitalI = 0x130;  // The only ones whose lower case has a letter of a-z.
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      const bool upper = c >= 'A' && c <= 'Z';
      out += upper ? static_cast<char>(c - 'A' + 'a') : is_digit(c) || (c >= 'a' && c <= 'z') ? c : ' ';
      ++at;
      continue;
    }
    const auto point = first_point(text.substr(at));
    out += point.value == kKelvin ? "k" : point.value == kDottedCapitalI ? "i " : " ";
    at += point.length;
  }
  return out;
}

}  // namespace llmops::score

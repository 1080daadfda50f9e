#include "score/unicode.h"

#include <re2/re2.h>

#include <algorithm>

#include "score/lower_table.h"

namespace llmops::score {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3, kFinalSigma = 0x3C2, kDottedCapitalI = 0x130;

unsigned byte_at(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }
bool continues(std::string_view text, std::size_t index) {
  return index < text.size() && (byte_at(text, index) & 0xC0) == 0x80;
}

/// RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool allowed(char32_t value, std::size_t length) {
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return value >= kLeast[length] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

void put(std::string& out, char32_t value) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (value < 0x80) {
    add(value);
  } else if (value < 0x800) {
    add(0xC0 | (value >> 6));
    add(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    add(0xE0 | (value >> 12));
    add(0x80 | ((value >> 6) & 0x3F));
    add(0x80 | (value & 0x3F));
  } else {
    add(0xF0 | (value >> 18));
    add(0x80 | ((value >> 12) & 0x3F));
    add(0x80 | ((value >> 6) & 0x3F));
    add(0x80 | (value & 0x3F));
  }
}

char32_t lower_of(char32_t point) {
  const auto after = std::upper_bound(kLowerRuns.begin(), kLowerRuns.end(), point,
                                      [](char32_t value, const LowerRun& run) { return value < run.first; });
  if (after == kLowerRuns.begin()) return point;
  const auto& run = *std::prev(after);
  if (point > run.last || (point - run.first) % run.step != 0) return point;
  return static_cast<char32_t>(static_cast<std::int64_t>(point) + run.by);
}

bool matches(const re2::RE2& kind, char32_t point) {
  std::string text;
  put(text, point);
  return re2::RE2::FullMatch(text, kind);
}

/// Unicode's Case_Ignorable, and Cased without it.
bool is_case_ignorable(char32_t point) {
  static const re2::RE2 kind(
      "[\\p{Mn}\\p{Me}\\p{Cf}\\p{Lm}\\p{Sk}'.:\\x{B7}\\x{387}\\x{55F}\\x{5F4}\\x{2018}\\x{2019}\\x{2024}\\x{2027}"
      "\\x{FE13}\\x{FE52}\\x{FE55}\\x{FF07}\\x{FF0E}\\x{FF1A}]");
  return matches(kind, point);
}
bool is_cased(char32_t point) {
  static const re2::RE2 kind(
      "[\\p{Lu}\\p{Ll}\\p{Lt}\\x{AA}\\x{BA}\\x{2160}-\\x{217F}\\x{24B6}-\\x{24E9}\\x{1F130}-\\x{1F149}"
      "\\x{1F150}-\\x{1F169}\\x{1F170}-\\x{1F189}]");
  return matches(kind, point);
}

/// Unicode's Final_Sigma: a cased letter stands before, and none behind, where what case ignores is stepped over.
bool ends_word(std::string_view before, std::string_view behind) {
  while (!before.empty() && is_case_ignorable(last_point(before).value)) {
    before.remove_suffix(last_point(before).length);
  }
  if (before.empty() || !is_cased(last_point(before).value)) return false;
  while (!behind.empty() && is_case_ignorable(first_point(behind).value)) {
    behind.remove_prefix(first_point(behind).length);
  }
  return behind.empty() || !is_cased(first_point(behind).value);
}

}  // namespace

Point first_point(std::string_view text) {
  if (text.empty()) return {};
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  const Point alone{0xDC00 + first, 1};
  if (first < 0xC2 || first > 0xF4) return alone;
  char32_t value = first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text, i)) return alone;
    value = (value << 6) | (byte_at(text, i) & 0x3F);
  }
  return allowed(value, length) ? Point{value, length} : alone;
}

Point last_point(std::string_view text) {
  for (std::size_t length = 1; length <= std::min<std::size_t>(4, text.size()); ++length) {
    const auto tail = text.substr(text.size() - length);
    if (!continues(tail, 0)) {
      const auto point = first_point(tail);
      if (point.length == length) return point;
      break;
    }
  }
  if (text.empty()) return {};
  return {0xDC00 + byte_at(text, text.size() - 1), 1};
}

bool is_space(char32_t point) {
  if (point < 0x80) return point == ' ' || (point >= '\t' && point <= '\r') || (point >= 0x1C && point <= 0x1F);
  return point == 0x85 || point == 0xA0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
         point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

bool is_word(char32_t point) {
  if (point < 0x80) {
    return point == '_' || (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') ||
           (point >= 'A' && point <= 'Z');
  }
  static const re2::RE2 kind("[\\p{L}\\p{N}]");
  return matches(kind, point);
}

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      ++at;
      continue;
    }
    const auto point = first_point(text.substr(at));
    const auto behind = at + point.length;
    if (point.value == kDottedCapitalI) {
      out += "i\xCC\x87";
    } else if (point.value == kCapitalSigma && ends_word(text.substr(0, at), text.substr(behind))) {
      put(out, kFinalSigma);
    } else if (const auto low = lower_of(point.value); low != point.value) {
      put(out, low);
    } else {
      out += text.substr(at, point.length);
    }
    at = behind;
  }
  return out;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto point = first_point(text.substr(at));
    if (is_space(point.value)) {
      if (at > start) out.push_back(text.substr(start, at - start));
      start = at + point.length;
    }
    at += point.length;
  }
  if (text.size() > start) out.push_back(text.substr(start));
  return out;
}

}  // namespace llmops::score

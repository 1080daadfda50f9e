#include "score/json_cursor.h"

#include <charconv>
#include <cmath>

namespace llmops::score {
namespace {

constexpr std::size_t kDeepest = 200;

void put_code_point(std::string& out, unsigned point) {
  const auto put = [&](unsigned byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

}  // namespace

void JsonCursor::fail(std::string_view expected) {
  if (expected_.empty()) expected_ = expected;
}

void JsonCursor::spaces() {
  while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
}

bool JsonCursor::take(char wanted) {
  if (!expected_.empty()) return false;
  spaces();
  if (at_ >= line_.size() || line_[at_] != wanted) return false;
  ++at_;
  return true;
}

void JsonCursor::need(char wanted) {
  if (!take(wanted)) fail({&wanted, 1});
}

std::optional<std::string> JsonCursor::next_key(std::size_t index) {
  if (take('}')) return std::nullopt;
  if (index > 0) need(',');
  auto key = string();
  need(':');
  if (!expected_.empty()) return std::nullopt;
  return key;
}

bool JsonCursor::next_item(std::size_t index) {
  if (take(']')) return false;
  if (index > 0) need(',');
  return expected_.empty();
}

bool JsonCursor::word(std::string_view wanted) {
  if (!expected_.empty()) return false;
  spaces();
  if (!line_.substr(at_).starts_with(wanted)) return false;
  at_ += wanted.size();
  return true;
}

std::string JsonCursor::string() {
  std::string out;
  if (!take('"')) {
    fail("a string");
    return out;
  }
  while (expected_.empty()) {
    const auto end = line_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos) break;
    const auto plain = line_.substr(at_, end - at_);
    for (const char c : plain) {
      if (static_cast<unsigned char>(c) < 0x20) fail("no control character in a string");
    }
    out += plain;
    at_ = end + 1;
    if (line_[end] == '"') return out;
    escape(out);
  }
  fail("the end of a string");
  return {};
}

std::optional<unsigned> JsonCursor::four_digits() {
  unsigned value = 0;
  const auto digits = line_.substr(at_, 4);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (failed != std::errc{} || digits.size() != 4 || end != digits.data() + 4) {
    fail("four hexadecimal digits");
    return std::nullopt;
  }
  at_ += 4;
  return value;
}

void JsonCursor::escape(std::string& out) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = at_ < line_.size() ? line_[at_] : '\0';
  ++at_;
  if (const auto known = kLetters.find(letter); known != std::string_view::npos) {
    out += kMeanings[known];
    return;
  }
  if (letter != 'u') return fail("an escape");
  const auto first = four_digits();
  if (!first) return;
  unsigned point = *first;
  if (point >= 0xD800 && point < 0xDC00 && line_.substr(at_, 2) == "\\u") {
    at_ += 2;
    const auto second = four_digits();
    if (!second || *second < 0xDC00 || *second > 0xDFFF) return fail("the second half of a surrogate pair");
    point = 0x10000 + ((point - 0xD800) << 10) + (*second - 0xDC00);
  }
  if (point >= 0xD800 && point < 0xE000) return fail("a surrogate pair");
  put_code_point(out, point);
}

std::optional<double> JsonCursor::number_or_null() {
  if (word("null")) return std::nullopt;
  double value = 0;
  if (!expected_.empty()) return std::nullopt;
  const char first = at_ < line_.size() ? line_[at_] : '\0';
  const auto [end, failed] = std::from_chars(line_.data() + at_, line_.data() + line_.size(), value);
  if (failed != std::errc{} || !std::isfinite(value) || !(first == '-' || (first >= '0' && first <= '9'))) {
    fail("a number");
    return std::nullopt;
  }
  at_ = static_cast<std::size_t>(end - line_.data());
  return value;
}

bool JsonCursor::boolean() {
  if (word("true")) return true;
  if (!word("false")) fail("true or false");
  return false;
}

void JsonCursor::skip() { skip(0); }

void JsonCursor::skip(std::size_t depth) {
  if (depth > kDeepest) return fail("less nesting");
  if (take('{')) {
    for (std::size_t i = 0; next_key(i); ++i) skip(depth + 1);
  } else if (take('[')) {
    for (std::size_t i = 0; next_item(i); ++i) skip(depth + 1);
  } else if (word("true") || word("false")) {
    return;
  } else if (at_ < line_.size() && line_[at_] == '"') {
    string();
  } else {
    number_or_null();
  }
}

bool JsonCursor::finished() {
  spaces();
  if (expected_.empty() && at_ < line_.size()) fail("the end of the line");
  return expected_.empty();
}

}  // namespace llmops::score

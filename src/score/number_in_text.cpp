#include "score/number_in_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "score/unicode.h"

namespace llmops::score {
namespace {

constexpr std::string_view kMinus = "\xE2\x88\x92";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What may stand between three digits and three more: its length at the front, or 0.
std::size_t separator_length(std::string_view text) {
  // , ' and: right single quote, no-break blank, narrow no-break blank, thin blank.
  static constexpr std::array<std::string_view, 6> kSeparators = {
      ",", "'", "\xE2\x80\x99", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
  for (const auto separator : kSeparators) {
    if (text.starts_with(separator)) return separator.size();
  }
  return 0;
}

bool is_currency(char32_t point) {
  return point == '$' || (point >= 0xA2 && point <= 0xA5) || (point >= 0x20A0 && point <= 0x20C0);
}

/// Reads one number whose first digit or point is known.
class Reader {
 public:
  Reader(std::string_view text, std::size_t at) : text_(text), start_(at), at_(at) {}

  /// Nothing where it has a second point. `end()` is where reading may go on.
  std::optional<WrittenNumber> read() {
    digits();
    if (at_ > start_) groups();
    if (peek() == '.' && is_digit(peek(1))) {
      plain_ += '.';
      ++at_;
      digits();
    }
    if (peek() == '.' && is_digit(peek(1))) {
      while (is_digit(peek()) || peek() == '.') ++at_;
      return std::nullopt;
    }
    exponent();
    auto value = value_of(plain_);
    if (const std::size_t blank = peek() == ' ' ? 1 : 0; peek(blank) == '%') {
      at_ += blank + 1;
      value /= 100;
    }
    const auto front = signs();
    return WrittenNumber{negative_ ? -value : value, text_.substr(front, at_ - front)};
  }

  std::size_t end() const { return at_; }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void digits() {
    const auto from = at_;
    while (is_digit(peek())) ++at_;
    plain_ += text_.substr(from, at_ - from);
  }

  void groups() {
    if (at_ - start_ > 3) return;
    while (const auto length = separator_length(text_.substr(at_))) {
      for (std::size_t i = 0; i < 3; ++i) {
        if (!is_digit(peek(length + i))) return;
      }
      if (is_digit(peek(length + 3))) return;
      plain_ += text_.substr(at_ + length, 3);
      at_ += length + 3;
    }
  }

  void exponent() {
    if (peek() != 'e' && peek() != 'E') return;
    const std::size_t sign = peek(1) == '-' || peek(1) == '+' ? 1 : 0;
    if (!is_digit(peek(1 + sign))) return;
    plain_ += 'e';
    if (peek(1) == '-') plain_ += '-';
    at_ += 1 + sign;
    digits();
  }

  static double value_of(const std::string& plain) {
    double value = 0;
    const auto [end, failed] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (failed == std::errc{}) return value;
    return plain.find("e-") == std::string::npos ? std::numeric_limits<double>::infinity() : 0;
  }

  /// Where the number with the signs in front of it starts.
  std::size_t signs() {
    auto front = start_;
    bool signed_already = false, currency = false;
    while (front > 0) {
      const auto before = text_.substr(0, front);
      const auto point = last_point(before);
      const bool minus = before.ends_with(kMinus) || point.value == '-';
      const auto outer = before.substr(0, front - point.length);
      if (!currency && is_currency(point.value)) {
        currency = true;
      } else if (!signed_already && (minus || point.value == '+') && !is_word(last_point(outer).value)) {
        signed_already = true;
        negative_ = minus;
      } else {
        break;
      }
      front = outer.size();
    }
    return front;
  }

  std::string_view text_;
  std::size_t start_, at_;
  std::string plain_;  ///< As std::from_chars reads it.
  bool negative_ = false;
};

bool starts_number(std::string_view text, std::size_t at) {
  if (is_digit(text[at])) return true;
  const bool alone = at == 0 || text[at - 1] != '.';
  return text[at] == '.' && alone && at + 1 < text.size() && is_digit(text[at + 1]);
}

}  // namespace

std::optional<WrittenNumber> last_number(std::string_view text) {
  std::optional<WrittenNumber> last;
  for (std::size_t at = 0; at < text.size();) {
    if (!starts_number(text, at)) {
      ++at;
      continue;
    }
    const bool in_word = at > 0 && is_word(last_point(text.substr(0, at)).value);
    Reader reader(text, at);
    const auto number = reader.read();
    if (number && !in_word) last = number;
    at = reader.end();
  }
  return last;
}

}  // namespace llmops::score

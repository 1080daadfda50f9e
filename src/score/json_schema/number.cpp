#include "score/json_schema/number.h"

#include <array>
#include <cmath>
#include <string>

#include "base/text.h"

namespace llmops::score::json_schema {
namespace {

__extension__ using Wide = unsigned __int128;

std::strong_ordering compare(std::int64_t whole, double real) {
  constexpr double kBound = 9223372036854775808.0;
  if (real >= kBound) return std::strong_ordering::less;
  if (real < -kBound) return std::strong_ordering::greater;
  const double below = std::floor(real);
  if (const auto order = whole <=> static_cast<std::int64_t>(below); order != 0) return order;
  return below < real ? std::strong_ordering::less : std::strong_ordering::equal;
}

std::strong_ordering compare(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// `(factor · 10^exponent) mod modulus`.
std::uint64_t scaled_modulo(std::uint64_t factor, int exponent, std::uint64_t modulus) {
  Wide out = factor % modulus, base = 10 % modulus;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) out = out * base % modulus;
    base = base * base % modulus;
  }
  return static_cast<std::uint64_t>(out);
}

}  // namespace

std::strong_ordering compare_numbers(const doc::Node& a, const doc::Node& b) {
  if (a.is_int()) return b.is_int() ? a.as_int() <=> b.as_int() : compare(a.as_int(), b.as_double());
  return b.is_int() ? 0 <=> compare(b.as_int(), a.as_double()) : compare(a.as_double(), b.as_double());
}

bool is_whole(const doc::Node& number) {
  return number.is_int() || std::trunc(number.as_double()) == number.as_double();
}

Decimal decimal_of(const doc::Node& number) {
  Decimal out;
  if (number.is_int()) {
    const auto bits = static_cast<std::uint64_t>(number.as_int());
    out.digits = number.as_int() < 0 ? ~bits + 1 : bits;
    return out;
  }
  const auto written = text::from_double(std::fabs(number.as_double()));
  bool in_fraction = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == 'e') {
      const auto digits = std::string_view(written).substr(i + (written[i + 1] == '+' ? 2 : 1));
      out.exponent += static_cast<int>(text::to_int(digits).value_or(0));
      break;
    }
    if (written[i] == '.') {
      in_fraction = true;
      continue;
    }
    if (out.digits > 999'999'999'999'999'999u) {  // Only zeros follow: a double has 17 digits at most.
      out.exponent += in_fraction ? 0 : 1;
      continue;
    }
    out.digits = out.digits * 10 + static_cast<std::uint64_t>(written[i] - '0');
    if (in_fraction) --out.exponent;
  }
  return out;
}

bool is_multiple(const Decimal& number, const Decimal& of) {
  const int exponent = number.exponent - of.exponent;
  if (exponent >= 0) return scaled_modulo(number.digits, exponent, of.digits) == 0;
  std::uint64_t power = 1;
  for (int i = exponent; i < 0; ++i) {
    if (power > 999'999'999'999'999'999u) return number.digits == 0;
    power *= 10;
  }
  return number.digits % power == 0 && number.digits / power % of.digits == 0;
}

}  // namespace llmops::score::json_schema

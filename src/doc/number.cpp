#include "doc/number.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace llmops::doc {

/// As Python's `repr`: an exponent only below 0.0001 and from 1e16 on.
std::string real_text(double value) {
  const auto size = std::fabs(value);
  if (size >= 1e-4 && size < 1e16) {
    std::array<char, 64> buffer;
    const auto [end, failed] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    if (failed == std::errc{}) {
      std::string out(buffer.data(), end);
      return out.find('.') == std::string::npos ? out + ".0" : out;
    }
  }
  auto out = text::from_double(value);
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

std::optional<std::int64_t> to_integer(double value) {
  constexpr double kBound = 9223372036854775808.0;
  if (!(value >= -kBound && value < kBound) || value != std::trunc(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace llmops::doc

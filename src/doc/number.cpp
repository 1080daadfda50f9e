#include "doc/number.h"

#include <cmath>

#include "base/text.h"

namespace llmops::doc {

std::string real_text(double value) {
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

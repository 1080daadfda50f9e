#pragma once
/// \file  Numbers of JSON compared by their value, never rounded on the way.
#include <compare>
#include <cstdint>

#include "doc/node.h"

namespace llmops::score::json_schema {

/// Of two numbers, integers beyond a double's 53 bits included.
std::strong_ordering compare_numbers(const doc::Node& a, const doc::Node& b);

/// True for 3, 3.0 and 1e300.
bool is_whole(const doc::Node& number);

/// A number's absolute value as `digits` times ten to the power of `exponent`: of a real, its shortest text that reads
/// back as the same double.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};
Decimal decimal_of(const doc::Node& number);

/// Whether a number is a whole multiple of another that is not 0, exactly: 0.3 is one of 0.1.
bool is_multiple(const Decimal& number, const Decimal& of);

}  // namespace llmops::score::json_schema

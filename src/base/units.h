#pragma once
/// \file  Quantities whose unit is their type.
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace llmops {

/// A share: 0.01 is one in a hundred. Written `1%` or `0.01`.
struct Ratio {
  double value = 0;
  friend auto operator<=>(const Ratio&, const Ratio&) = default;
};

/// An amount of US dollars. A price that is not known is `std::optional<Usd>{}`, never zero.
struct Usd {
  double value = 0;
  friend auto operator<=>(const Usd&, const Usd&) = default;
};

/// A number of bytes. Written `64MiB`, `1GB` or a plain number.
struct Bytes {
  std::uint64_t value = 0;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

using Duration = std::chrono::milliseconds;

namespace units {

/// `1%`, `0.01`: from 0 to 1.
std::optional<Ratio> parse_ratio(std::string_view text);
/// `250ms`, `60s`, `5m`, `2h`, `1d`; a plain number counts seconds. Never negative.
std::optional<Duration> parse_duration(std::string_view text);
std::optional<Bytes> parse_bytes(std::string_view text);
/// `850ms`, `12.3s`, `4m05s`, `2h10m`.
std::string to_string(Duration duration);
/// `$0.0042`: four significant digits.
std::string to_string(Usd amount);
std::string to_string(Bytes bytes);
/// `95 %`: four significant digits.
std::string to_string(Ratio share);

}  // namespace units
}  // namespace llmops

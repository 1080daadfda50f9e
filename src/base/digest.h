#pragma once
/// \file  The identity of bytes: a SHA-256 value. How it is computed is `sys/hash.h`'s business.
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace llmops {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  /// 64 lower-case hexadecimal digits.
  std::string hex() const;
  /// `sha256:` and the digits.
  std::string to_string() const;
  /// The first twelve digits, for people.
  std::string brief() const;
  /// From 64 digits of either case, with or without `sha256:` in front; nothing when the text is anything else.
  static std::optional<Digest> parse(std::string_view text);

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

}  // namespace llmops

template <>
struct std::hash<llmops::Digest> {
  std::size_t operator()(const llmops::Digest& d) const noexcept {
    std::size_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = (out << 8) | d.bytes[i];
    return out;
  }
};

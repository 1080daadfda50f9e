#include "sys/system.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace llmops::sys {
namespace {

/// `value` in the last `digits` characters of Crockford's base 32.
std::string base32(std::uint64_t value, std::size_t digits) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string out(digits, '0');
  for (std::size_t at = digits; at-- > 0; value >>= 5) out[at] = kAlphabet[value & 31];
  return out;
}

}  // namespace

std::int64_t since_epoch_ns(Clock& clock) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock.now().time_since_epoch()).count();
}

std::string to_rfc3339(std::chrono::system_clock::time_point at) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto time = static_cast<std::time_t>(seconds.count());
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 80> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                   parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                                   parts.tm_sec, static_cast<int>((since - seconds).count()));
  return {buffer.data(), static_cast<std::size_t>(length)};
}

Path cache_folder(const Env& env) {
  if (const auto given = env.get("LLMOPS_CACHE_DIR"); given && !given->empty()) return env.current_folder() / *given;
  if (const auto xdg = env.get("XDG_CACHE_HOME"); xdg && Path(*xdg).is_absolute()) return Path(*xdg) / "llmops";
  if (const auto home = env.get("HOME"); home && Path(*home).is_absolute()) return Path(*home) / ".cache" / "llmops";
  return env.current_folder() / ".llmops" / "cache";
}

std::string new_id(Clock& clock) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock.now().time_since_epoch()).count();
  const auto high = clock.random() & ((std::uint64_t{1} << 40) - 1);
  const auto low = clock.random() & ((std::uint64_t{1} << 40) - 1);
  return base32(static_cast<std::uint64_t>(now), 10) + base32(high, 8) + base32(low, 8);
}

}  // namespace llmops::sys

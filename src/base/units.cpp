#include "base/units.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace llmops::units {
namespace {

/// The number in front and the unit behind it.
std::optional<std::pair<double, std::string_view>> number_and_unit(std::string_view text) {
  text = text::trim(text);
  const auto end = text.find_first_not_of("0123456789.+-eE");
  auto digits = text.substr(0, end);
  while (!digits.empty() && (digits.back() == 'e' || digits.back() == 'E')) digits.remove_suffix(1);
  const auto value = text::to_double(digits);
  if (!value || !std::isfinite(*value) || *value < 0) return std::nullopt;
  return std::pair{*value, text::trim(text.substr(digits.size()))};
}

std::string format(const char* pattern, double value) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), pattern, value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string two_digits(std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

}  // namespace

std::optional<Ratio> parse_ratio(std::string_view text) {
  const auto read = number_and_unit(text);
  if (!read || (read->second != "" && read->second != "%")) return std::nullopt;
  const double value = read->second == "%" ? read->first / 100 : read->first;
  if (value > 1) return std::nullopt;
  return Ratio{value};
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto read = number_and_unit(text);
  if (!read) return std::nullopt;
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"", 1e3},  {"ms", 1},    {"s", 1e3},
                                                                   {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}};
  for (const auto& [unit, factor] : kUnits) {
    if (unit != read->second) continue;
    const double value = read->first * factor;
    if (value > 1e15) return std::nullopt;
    return Duration{static_cast<std::int64_t>(std::llround(value))};
  }
  return std::nullopt;
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto read = number_and_unit(text);
  if (!read) return std::nullopt;
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"", 1},
                                                                   {"B", 1},
                                                                   {"kB", 1e3},
                                                                   {"KB", 1e3},
                                                                   {"MB", 1e6},
                                                                   {"GB", 1e9},
                                                                   {"TB", 1e12},
                                                                   {"KiB", 1024.0},
                                                                   {"MiB", 1048576.0},
                                                                   {"GiB", 1073741824.0},
                                                                   {"TiB", 1099511627776.0}};
  for (const auto& [unit, factor] : kUnits) {
    if (unit != read->second) continue;
    const double value = read->first * factor;
    if (value > 1e18) return std::nullopt;
    return Bytes{static_cast<std::uint64_t>(value)};
  }
  return std::nullopt;
}

std::string to_string(Duration duration) {
  const auto ms = duration.count();
  if (ms < 1000) return std::to_string(ms) + "ms";
  if (ms < 60'000) return format("%.1fs", static_cast<double>(ms) / 1e3);
  const auto seconds = (ms + 500) / 1000;
  if (seconds < 3600) return std::to_string(seconds / 60) + "m" + two_digits(seconds % 60) + "s";
  const auto minutes = (seconds + 30) / 60;
  return std::to_string(minutes / 60) + "h" + two_digits(minutes % 60) + "m";
}

std::string to_string(Usd amount) { return format("$%.4g", amount.value); }

std::string to_string(Bytes bytes) {
  static constexpr std::array<const char*, 5> kPatterns = {"%.0f B", "%.1f KiB", "%.1f MiB", "%.1f GiB", "%.1f TiB"};
  double value = static_cast<double>(bytes.value);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kPatterns.size()) {
    value /= 1024;
    ++unit;
  }
  return format(kPatterns[unit], value);
}

std::string to_string(Ratio share) { return format("%.4g %%", share.value * 100); }

}  // namespace llmops::units

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/api/reading.h"

namespace llmops::model::api {
namespace {

struct Pair {
  std::string_view remaining, reset;
};

constexpr std::array<Pair, 6> kPairs = {{
    {"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
    {"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
    {"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
    {"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
    {"anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"},
    {"anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"},
}};

constexpr double kLongest = 365.0 * 86'400'000;

std::optional<Duration> rounded_up(double milliseconds) {
  if (!(milliseconds >= 0) || milliseconds > kLongest) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(milliseconds);
  return Duration(whole + (static_cast<double>(whole) < milliseconds ? 1 : 0));
}

/// As Go prints durations: `6m0s`, `1h2m3.5s`, `20ms`; a plain number counts seconds.
std::optional<Duration> parse_go_duration(std::string_view text) {
  if (const auto seconds = text::to_double(text)) return rounded_up(*seconds * 1000);
  constexpr std::array<std::pair<std::string_view, double>, 8> units = {{{"ns", 1e-6},
                                                                         {"us", 1e-3},
                                                                         {"µs", 1e-3},
                                                                         {"ms", 1},
                                                                         {"h", 3'600'000},
                                                                         {"m", 60'000},
                                                                         {"s", 1000},
                                                                         {"d", 86'400'000}}};
  double out = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = text::to_double(text.substr(0, digits));
    text.remove_prefix(digits);
    const auto unit =
        std::find_if(units.begin(), units.end(), [&](const auto& known) { return text.starts_with(known.first); });
    if (!number || unit == units.end()) return std::nullopt;
    out += *number * unit->second;
    text.remove_prefix(unit->first.size());
  }
  return rounded_up(out);
}

std::optional<Duration> parse_reset(std::string_view text, std::chrono::system_clock::time_point now) {
  if (const auto at = parse_rfc3339(text)) {
    return std::max(Duration{0}, std::chrono::duration_cast<Duration>(*at - std::chrono::floor<Duration>(now)));
  }
  return parse_go_duration(text);
}

bool tells_rates(const sys::HttpResponse& response) {
  return std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return header.first.starts_with("x-ratelimit-") || header.first.starts_with("anthropic-ratelimit-");
  });
}

}  // namespace

std::optional<std::chrono::sys_time<Duration>> parse_rfc3339(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t length) -> std::optional<std::int64_t> {
    const auto digits = text.substr(at, length);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return text::to_int(digits);
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':')
    return std::nullopt;
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const auto hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::size_t at = 19;
  Duration fraction{0};
  if (text[at] == '.') {
    const auto end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
    const auto seconds = text::to_double("0" + std::string(text.substr(at, end - at)));
    if (!seconds) return std::nullopt;
    fraction = rounded_up(*seconds * 1000).value_or(Duration{0});
    at = end;
  }
  const auto zone = text.substr(at);
  std::int64_t offset = 0;
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
    const auto hours = number(at + 1, 2), minutes = number(at + 4, 2);
    if (!hours || !minutes) return std::nullopt;
    offset = (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
  } else if (zone != "Z" && zone != "z") {
    return std::nullopt;
  }
  return std::chrono::sys_time<Duration>(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) + fraction - std::chrono::minutes(offset);
}

std::optional<Duration> told_pause(const sys::HttpResponse& response, std::chrono::system_clock::time_point now) {
  std::optional<Duration> out;
  if (!tells_rates(response)) return out;
  for (const auto& [remaining, reset] : kPairs) {
    const auto left = text::to_int(text::trim(response.header(remaining)));
    if (!left || *left > 0) continue;
    const auto header = response.header(reset);
    out = std::max(out, parse_reset(text::trim(header), now));
  }
  return out;
}

}  // namespace llmops::model::api

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "model/api/reading.h"

namespace llmops::model::api {
namespace {

constexpr double kLongest = 365.0 * 86'400'000;

std::optional<Duration> from_milliseconds(double value) {
  if (!std::isfinite(value) || value < 0) return std::nullopt;
  return Duration(static_cast<std::int64_t>(std::ceil(std::min(value, kLongest))));
}

/// RFC 9110's preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto day = text::to_int(text.substr(5, 2)), year = text::to_int(text.substr(12, 4));
  const auto hour = text::to_int(text.substr(17, 2)), minute = text::to_int(text.substr(20, 2)),
             second = text::to_int(text.substr(23, 2));
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || month == months.end()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(month - months.begin() + 1)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace

std::optional<Duration> retry_after(const sys::HttpResponse& response, std::chrono::system_clock::time_point now) {
  if (const auto ms = text::to_double(text::trim(response.header("retry-after-ms")))) {
    if (const auto out = from_milliseconds(*ms)) return out;
  }
  const auto header = response.header("retry-after");
  const auto value = text::trim(header);
  if (const auto seconds = text::to_double(value)) return from_milliseconds(*seconds * 1000);
  if (const auto date = parse_http_date(value)) {
    // In whole seconds: nanoseconds do not reach every year that a header can name.
    return std::max(Duration{0}, Duration(*date - std::chrono::floor<std::chrono::seconds>(now)));
  }
  return std::nullopt;
}

}  // namespace llmops::model::api

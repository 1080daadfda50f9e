#include "report/html/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace llmops::report {
namespace {

std::string decimals(double value, int digits) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return buffer.data();
}

/// A coordinate.
std::string at(double value) { return decimals(value, 1); }

/// From a range to pixels; what lies outside is drawn at the end.
struct Scale {
  Range from;
  double to_low = 0, to_high = 1;

  double operator()(double value) const {
    const double share = std::clamp((value - from.low) / (from.high - from.low), 0.0, 1.0);
    return to_low + share * (to_high - to_low);
  }
};

Markup line(double x1, double y1, double x2, double y2, const std::string& what) {
  return element("line", {{"class", what}, {"x1", at(x1)}, {"y1", at(y1)}, {"x2", at(x2)}, {"y2", at(y2)}}, {});
}

Markup words(double x, double y, const std::string& what, const std::string& text) {
  return element("text", {{"class", what}, {"x", at(x)}, {"y", at(y)}}, text);
}

/// Where an axis has its marks: the widest range of round steps that is about what was asked.
struct Ticks {
  double step = 1;
  Range range;

  static Ticks over(Range wanted, const Axis& axis) {
    if (axis.from_zero) wanted.low = std::min(0.0, wanted.low);
    const double width = wanted.high - wanted.low;
    const double size = std::max(std::fabs(wanted.low), std::fabs(wanted.high));
    if (!(width > size * 1e-9)) {
      const double room = size == 0 ? 1 : size / 2;
      wanted = {axis.from_zero ? 0 : wanted.low - room, wanted.high + room};
    }
    const double rough = (wanted.high - wanted.low) / 4;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double times = rough / power;
    Ticks out;
    out.step = power * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
    out.range = {std::floor(wanted.low / out.step) * out.step, std::ceil(wanted.high / out.step) * out.step};
    return out;
  }

  std::vector<double> values() const {
    std::vector<double> out;
    const auto count = static_cast<int>(std::lround((range.high - range.low) / step));
    for (int i = 0; i <= count; ++i) out.push_back(range.low + i * step);
    return out;
  }

  std::string text(double value) const {
    if (std::fabs(value) < step / 2) return "0";
    const auto digits = static_cast<int>(std::max(0.0, -std::floor(std::log10(step) + 1e-9)));
    return decimals(value, digits);
  }
};

Range range_of(const std::vector<Point>& points, Estimate Point::*axis) {
  const auto& first = points.front().*axis;
  Range out{first.low, first.high};
  for (const auto& point : points) {
    out.low = std::min({out.low, (point.*axis).low, (point.*axis).value});
    out.high = std::max({out.high, (point.*axis).high, (point.*axis).value});
  }
  return out;
}

}  // namespace

bool can_be_drawn(double value) { return std::fabs(value) < 1e100; }

Markup interval_bar(const IntervalBar& bar, const Range& range) {
  const Scale x{range, 4, 156};
  const auto& [value, low, high] = bar.estimate;
  auto inner = line(4, 8, 156, 8, "track");
  if (bar.mark) inner += line(x(*bar.mark), 0, x(*bar.mark), 16, "mark");
  inner += element("rect",
                   {{"class", "interval"},
                    {"x", at(x(low))},
                    {"y", "5"},
                    {"width", at(std::max(1.0, x(high) - x(low)))},
                    {"height", "6"},
                    {"rx", "2"}},
                   {});
  inner += element("circle", {{"class", "value"}, {"cx", at(x(value))}, {"cy", "8"}, {"r", "3.5"}}, {});
  return element("svg",
                 {{"class", "bar " + bar.tone},
                  {"viewBox", "0 0 160 16"},
                  {"width", "160"},
                  {"height", "16"},
                  {"aria-hidden", "true"}},
                 inner);
}

Markup histogram(const std::vector<double>& values, const Histogram& shape) {
  std::vector<std::size_t> counts(shape.bins);
  const double width = (shape.range.high - shape.range.low) / static_cast<double>(shape.bins);
  for (const double value : values) {
    const double bin =
        std::clamp(std::floor((value - shape.range.low) / width), 0.0, static_cast<double>(shape.bins - 1));
    ++counts[static_cast<std::size_t>(bin)];
  }
  const auto most = std::max<std::size_t>(1, *std::max_element(counts.begin(), counts.end()));
  const double step = 160.0 / static_cast<double>(shape.bins);
  auto inner = line(0, 39.5, 160, 39.5, "track");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double height = std::max(1.0, 38.0 * static_cast<double>(counts[i]) / static_cast<double>(most));
    inner += element("rect",
                     {{"class", "count"},
                      {"x", at(static_cast<double>(i) * step + 0.5)},
                      {"y", at(39 - height)},
                      {"width", at(step - 1)},
                      {"height", at(height)}},
                     {});
  }
  return element("svg",
                 {{"class", "histogram"},
                  {"viewBox", "0 0 160 40"},
                  {"width", "160"},
                  {"height", "40"},
                  {"role", "img"},
                  {"aria-label", shape.label}},
                 inner);
}

Markup scatter(const std::vector<Point>& points, const Axis& x_axis, const Axis& y_axis) {
  constexpr double kLeft = 58, kRight = 414, kTop = 12, kBottom = 236;
  const auto across = Ticks::over(range_of(points, &Point::x), x_axis);
  const auto up = Ticks::over(range_of(points, &Point::y), y_axis);
  const Scale x{across.range, kLeft, kRight}, y{up.range, kBottom, kTop};
  Markup inner;
  for (const double tick : across.values()) {
    inner += line(x(tick), kTop, x(tick), kBottom, "grid") + words(x(tick), kBottom + 16, "tick", across.text(tick));
  }
  for (const double tick : up.values()) {
    inner += line(kLeft, y(tick), kRight, y(tick), "grid") + words(kLeft - 6, y(tick) + 4, "tick left", up.text(tick));
  }
  inner += words((kLeft + kRight) / 2, kBottom + 36, "axis", x_axis.title);
  inner +=
      element("text", {{"class", "axis"}, {"transform", "translate(14 " + at((kTop + kBottom) / 2) + ") rotate(-90)"}},
              y_axis.title);
  for (const auto& point : points) {
    inner += line(x(point.x.low), y(point.y.value), x(point.x.high), y(point.y.value), "whisker");
    inner += line(x(point.x.value), y(point.y.low), x(point.x.value), y(point.y.high), "whisker");
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double cx = x(points[i].x.value), cy = y(points[i].y.value);
    inner += element("g", element("title", points[i].name) +
                              element("circle", {{"class", "point"}, {"cx", at(cx)}, {"cy", at(cy)}, {"r", "9"}}, {}) +
                              words(cx, cy + 4, "number", std::to_string(i + 1)));
  }
  return element("svg",
                 {{"class", "scatter"},
                  {"viewBox", "0 0 440 280"},
                  {"role", "img"},
                  {"aria-label", y_axis.title + " against " + x_axis.title + "; the table of metrics has the numbers"}},
                 inner);
}

}  // namespace llmops::report

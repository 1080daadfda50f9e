#pragma once
/// \file  Drawings within a page, as SVG without styles of its own: colours come from the page, so that light and dark
/// both fit. Private to this room.
#include <optional>
#include <string>
#include <vector>

#include "report/html/markup.h"

namespace llmops::report {

/// Whether a drawing can hold it: a number, and one whose distance to any other such number is one too.
bool can_be_drawn(double value);

/// The part of the number line that a drawing shows; `low < high`.
struct Range {
  double low = 0, high = 1;
};

/// A value between the ends of its interval.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

/// An estimate on a line. It is drawn beside its numbers, and not read aloud.
struct IntervalBar {
  Estimate estimate;
  std::optional<double> mark;  ///< What it is held against: a line across.
  std::string tone;            ///< A class of the page: `good`, `bad`; empty: neither.
};
Markup interval_bar(const IntervalBar& bar, const Range& range);

/// How often values lie where: `bins` bars over the range. What lies beyond it counts with the last bar.
struct Histogram {
  Range range;
  std::size_t bins = 20;
  std::string label;  ///< What it says, for those who can't see it.
};
Markup histogram(const std::vector<double>& values, const Histogram& shape);

struct Axis {
  std::string title;  ///< With the unit.
  bool from_zero = false;
};
/// One thing that has a place on both axes.
struct Point {
  std::string name;
  Estimate x, y;
};
/// Points with their intervals, each with its number, counted from 1; names are for a legend beside it.
Markup scatter(const std::vector<Point>& points, const Axis& x, const Axis& y);

}  // namespace llmops::report

#include "report/html/distributions.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/html/parts.h"
#include "report/metrics.h"

namespace llmops::report {
namespace {

/// In ascending order; cases without a score are left out.
std::vector<double> scores_of(const score::CellResult& cell, std::size_t metric) {
  std::vector<double> out;
  for (const auto& one : cell.cases) {
    if (metric < one.scores.size() && one.scores[metric] && can_be_drawn(*one.scores[metric])) {
      out.push_back(*one.scores[metric]);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The nearest rank: the least value that at least this share of all do not exceed.
double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

bool is_right_or_wrong(const std::vector<double>& sorted) {
  return std::all_of(sorted.begin(), sorted.end(), [](double value) { return value == 0 || value == 1; });
}

Histogram shape_of(const score::MetricInfo& metric, const std::vector<double>& all) {
  if (metric.scale != score::Scale::amount && all.front() >= 0 && all.back() <= 1) {
    const bool two = metric.scale == score::Scale::binary && is_right_or_wrong(all);
    return {{0, 1}, two ? std::size_t{2} : 20, {}};
  }
  Range range{std::min(0.0, all.front()), all.back()};
  if (const double most = percentile(all, 0.99); all.back() > 2 * most && most > range.low) range.high = most;
  if (!(range.high > range.low)) range.high = range.low + 1;
  return {range, 20, {}};
}

std::string described(const score::MetricInfo& metric, const std::vector<double>& values) {
  if (metric.scale == score::Scale::binary && is_right_or_wrong(values)) {
    const auto right = std::count(values.begin(), values.end(), 1.0);
    return std::to_string(static_cast<std::ptrdiff_t>(values.size()) - right) + " wrong, " + std::to_string(right) +
           " right";
  }
  return "median " + value_text(percentile(values, 0.5), metric.unit) + ", 95 % up to " +
         value_text(percentile(values, 0.95), metric.unit);
}

std::string range_text(const score::MetricInfo& metric, const Histogram& shape, double most) {
  const auto end = [&](double value) {
    return std::trunc(value) == value && metric.unit.empty() ? text::from_double(value)
                                                             : value_text(value, metric.unit);
  };
  return (shape.range.low == 0 ? "0" : end(shape.range.low)) + " to " + end(shape.range.high) +
         (most > shape.range.high ? " and more" : "");
}

}  // namespace

Markup distributions(const EvalView& eval) {
  struct Column {
    const score::MetricInfo& metric;
    std::vector<std::vector<double>> cells;
    Histogram shape;
  };
  std::vector<Column> columns;
  std::vector<Heading> headings = {{"cell"}};
  for (std::size_t i = 0; i < eval.results.metrics.size(); ++i) {
    if (!eval.results.metrics[i].of_cases()) continue;
    Column column{eval.results.metrics[i], {}, {}};
    std::vector<double> all;
    for (const auto& cell : eval.results.cells) {
      column.cells.push_back(scores_of(cell, i));
      all.insert(all.end(), column.cells.back().begin(), column.cells.back().end());
    }
    if (all.empty()) continue;
    std::sort(all.begin(), all.end());
    column.shape = shape_of(column.metric, all);
    headings.push_back({column.metric.name + ", " + range_text(column.metric, column.shape, all.back())});
    columns.push_back(std::move(column));
  }
  if (columns.empty()) return {};
  Table table("Distribution of scores in " + eval.step, headings);
  for (std::size_t cell = 0; cell < eval.results.cells.size(); ++cell) {
    std::vector<Markup> row = {eval.results.cells[cell].name()};
    for (auto& column : columns) {
      const auto& values = column.cells[cell];
      if (values.empty()) {
        row.emplace_back("nothing scored");
        continue;
      }
      column.shape.label = described(column.metric, values);
      row.push_back(histogram(values, column.shape) + element("div", {{"class", "note"}}, column.shape.label));
    }
    table.row(row);
  }
  return element("h4", "Distribution of scores") + table.markup();
}

}  // namespace llmops::report

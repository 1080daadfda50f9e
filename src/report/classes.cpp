#include "report/classes.h"

#include <algorithm>

#include "base/text.h"
#include "report/console.h"
#include "report/metrics.h"
#include "score/classification.h"

namespace llmops::report {
namespace {

constexpr std::string_view kNoUnit;
constexpr std::size_t kWidest = 20, kMost = 12;

using Row = std::vector<std::string>;

/// Columns stand flush right, the first one flush left.
std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += "  " + (i == 0 ? padded(row[i], widths[i]) : padded_left(row[i], widths[i]));
    }
    out += line + "\n";
  }
  return out;
}

std::string name_of(const std::string& label) { return text::shorten(text::printable(label), kWidest); }

std::string of_cell(const score::Confusion& confusion, std::size_t classes) {
  std::vector<Row> rows = {{"class", "precision", "recall", "F1", "expected", "answered"}};
  for (const auto& one : score::class_metrics(confusion, classes)) {
    rows.push_back({name_of(one.label), value_text(one.precision, kNoUnit), value_text(one.recall, kNoUnit),
                    value_text(one.f1, kNoUnit), std::to_string(one.expected), std::to_string(one.answered)});
  }
  auto out = table(rows);
  if (confusion.labels.size() > kMost) return out;
  rows = {{"expected \\ answered"}};
  for (const auto& label : confusion.labels) rows.front().push_back(name_of(label));
  for (std::size_t i = 0; i < confusion.labels.size(); ++i) {
    const auto& counts = confusion.counts[i];
    if (std::all_of(counts.begin(), counts.end(), [](std::size_t count) { return count == 0; })) continue;
    rows.push_back({name_of(confusion.labels[i])});
    for (const auto count : counts) rows.back().push_back(std::to_string(count));
  }
  return out + "\n" + table(rows);
}

}  // namespace

std::string classes_text(const EvalView& eval) {
  std::string out;
  for (std::size_t i = 0; i < eval.results.classes.size(); ++i) {
    for (const auto& cell : eval.results.cells) {
      out += "\n" + eval.results.classes[i].metric + " of " + cell.name() + " in " + eval.step + "\n" +
             of_cell(score::confusion_of(eval.results, cell, i), eval.results.classes[i].labels.size());
    }
  }
  return out;
}

}  // namespace llmops::report

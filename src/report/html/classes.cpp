#include "report/html/classes.h"

#include "report/html/parts.h"
#include "report/metrics.h"
#include "score/classification.h"

namespace llmops::report {
namespace {

using Kind = Heading::Kind;

constexpr std::string_view kNoUnit;
constexpr std::size_t kMost = 30;  ///< Labels that a table of pairs has room for.

Markup metrics_of(const std::string& title, const score::Confusion& confusion, std::size_t classes) {
  Table table("Classes of " + title, {{"class"},
                                      {"precision", Kind::number},
                                      {"recall", Kind::number},
                                      {"F1", Kind::number},
                                      {"expected", Kind::number},
                                      {"answered", Kind::number}});
  for (const auto& one : score::class_metrics(confusion, classes)) {
    table.row({one.label, value_text(one.precision, kNoUnit), value_text(one.recall, kNoUnit),
               value_text(one.f1, kNoUnit), std::to_string(one.expected), std::to_string(one.answered)});
  }
  return table.markup();
}

Markup pairs_of(const std::string& title, const score::Confusion& confusion) {
  if (confusion.labels.size() > kMost) return {};
  std::vector<Heading> headings = {{"expected ↓ answered →"}};
  for (const auto& label : confusion.labels) headings.push_back({label, Kind::number});
  Table table("What was expected and answered in " + title, headings);
  for (std::size_t i = 0; i < confusion.labels.size(); ++i) {
    std::vector<Markup> row = {confusion.labels[i]};
    for (std::size_t j = 0; j < confusion.labels.size(); ++j) {
      const auto count = std::to_string(confusion.counts[i][j]);
      row.push_back(i == j ? element("strong", count) : Markup(count));
    }
    table.row(row);
  }
  return table.markup();
}

}  // namespace

Markup classes(const EvalView& eval) {
  Markup out;
  for (std::size_t i = 0; i < eval.results.classes.size(); ++i) {
    for (const auto& cell : eval.results.cells) {
      const auto title = eval.results.classes[i].metric + " of " + cell.name();
      const auto confusion = score::confusion_of(eval.results, cell, i);
      out += element("details", element("summary", title) +
                                    metrics_of(title, confusion, eval.results.classes[i].labels.size()) +
                                    pairs_of(title, confusion));
    }
  }
  return out.empty() ? out : element("h4", "Classes") + out;
}

}  // namespace llmops::report

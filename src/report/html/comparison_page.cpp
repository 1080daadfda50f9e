#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "report/comparison_html.h"
#include "report/html/cases.h"
#include "report/html/page.h"
#include "report/html/parts.h"
#include "report/metrics.h"

namespace llmops::report {
namespace {

using Kind = Heading::Kind;
using lineage::ComparedMetric;

Markup side_card(const char* name, const lineage::Side& side) {
  const auto& run = side.run->document;
  auto title = element("h2", element("span", {{"class", "side"}}, name) + Markup(" ") + side.asked);
  if (run.get("dirty", false)) title += badge("uncommitted changes");
  std::vector<std::pair<std::string, Markup>> rows = {
      {"recipe", run.get("recipe", "") + " in " + run.get("environment", "")},
      {"commit", id_text(run.get("commit", ""))},
      {"run", element("code", side.run->id())},
      {"started", side.run->started()}};
  if (!side.cell.empty()) rows.emplace_back("cell", side.cell);
  return element("div", {{"class", "card"}}, title + facts(rows));
}

Markup head_of(const ComparisonView& view) {
  return element("header", element("h1", "Comparison") +
                               element("div", {{"class", "sides"}}, side_card("a", view.a) + side_card("b", view.b)));
}

/// Around 0, as far as the furthest interval of a metric reaches.
std::map<std::string, Range> ranges_of(const std::vector<ComparedMetric>& metrics) {
  std::map<std::string, Range> out;
  for (const auto& row : metrics) {
    auto& range = out.try_emplace(row.numbers.metric.name, Range{0, 0}).first->second;
    range.high = std::max({range.high, std::abs(row.numbers.low), std::abs(row.numbers.high)});
  }
  for (auto& [name, range] : out) {
    if (range.high == 0) range.high = 1;
    range.low = -range.high;
  }
  return out;
}

Section metrics_section(const ComparisonView& view, const doc::Node& document) {
  // By metric, so that cells stand together.
  const auto& metrics = view.compared.metrics;
  std::vector<std::string> names;
  for (const auto& row : metrics) {
    if (std::find(names.begin(), names.end(), row.numbers.metric.name) == names.end()) {
      names.push_back(row.numbers.metric.name);
    }
  }
  const auto ranges = ranges_of(metrics);
  const bool any_errors =
      std::any_of(metrics.begin(), metrics.end(), [](const auto& row) { return row.numbers.errors > 0; });
  std::vector<Heading> headings = {{"cell"},
                                   {"b is"},
                                   {"b − a", Kind::number},
                                   {"95 % interval", Kind::number},
                                   {""},
                                   {"a", Kind::number},
                                   {"b", Kind::number},
                                   {"p, adjusted", Kind::number},
                                   {"detectable", Kind::number},
                                   {"n", Kind::number}};
  if (any_errors) headings.push_back({"errors", Kind::number});
  Table table("Metrics on both sides", std::move(headings));
  for (const auto& name : names) {
    table.part(name);
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const auto& row = metrics[i];
      if (row.numbers.metric.name != name) continue;
      const auto& node = document.find("metrics")->items()[i];
      const auto estimate = estimate_of(node, {"difference", "low", "high"});
      const auto trend = trend_of(row);
      const auto tone = trend == Trend::better ? "good" : trend == Trend::worse ? "bad" : "";
      std::vector<Markup> cells = {
          row.of,
          badge(trend == Trend::better  ? "better"
                : trend == Trend::worse ? "worse"
                                        : "open"),
          signed_text(node, "difference"),
          estimate ? "[" + signed_text(node, "low") + ", " + signed_text(node, "high") + "]" : "–",
          estimate ? interval_bar({*estimate, 0.0, tone}, ranges.at(name)) : Markup(),
          value_text(node, "a"),
          value_text(node, "b"),
          p_text(row.p_adjusted),
          value_text(node, "smallest_detectable"),
          std::to_string(row.numbers.n)};
      if (any_errors) cells.emplace_back(std::to_string(row.numbers.errors));
      table.row(cells);
    }
  }
  return {
      "metrics", "Metrics",
      table.markup() +
          element("p", {{"class", "note"}},
                  "Each case is compared with itself. “Open” means that the interval of the difference holds 0. p is "
                  "two-sided and adjusted after Holm over all rows; detectable is the least true difference that a "
                  "sample like this one shows in four of five.")};
}

Markup diff_markup(const std::string& diff) {
  Markup out;
  for (const auto& line : text::split(diff, '\n')) {
    if (line.empty()) continue;
    const std::string kind = line[0] == '+' ? "added" : line[0] == '-' ? "removed" : "same";
    out += element("span", {{"class", kind}}, line + "\n");
  }
  return element("pre", {{"class", "diff"}}, out);
}

Section differences_section(const ComparisonView& view) {
  Markup out;
  for (std::size_t i = 0; i < view.compared.differences.size(); ++i) {
    const auto& difference = view.compared.differences[i];
    const auto id = [](const std::string& text) { return text.empty() ? Markup("none") : id_text(text); };
    out += element("h3", difference.what + Markup(" ")) +
           element("p", id(difference.before) + " → " + id(difference.after));
    if (!view.diffs[i].empty()) out += diff_markup(view.diffs[i]);
  }
  if (out.empty()) out = element("p", "Prompts, models, datasets and scorers are the same on both sides.");
  return {"differences", "What differs", out};
}

Section notes_section(const ComparisonView& view) {
  if (view.compared.notes.empty()) return {};
  Markup out;
  for (const auto& note : view.compared.notes) out += element("li", note);
  return {"notes", "Notes", element("ul", out)};
}

std::vector<CaseTable> tables_of(const ComparisonView& view, const ComparedCases& cases) {
  std::vector<CaseTable> out;
  for (const auto& pair : view.compared.pairs) {
    const auto &before = cases.a[pair.step_a], &after = cases.b[pair.step_b];
    CaseTable table{pair.of, {}, true};
    const auto known = [&] {
      return std::any_of(out.begin(), out.end(), [&](const CaseTable& other) { return other.name == table.name; });
    };
    if (known()) table.name += " in " + before.step;
    const auto &cell_a = before.results.cells[pair.cell_a], &cell_b = after.results.cells[pair.cell_b];
    table.columns.push_back({"a: " + cell_a.name(), before, pair.cell_a});
    table.columns.push_back({"b: " + cell_b.name(), after, pair.cell_b});
    out.push_back(std::move(table));
  }
  return out;
}

}  // namespace

std::string html(const ComparisonView& view, const ComparedCases& cases) {
  const auto document = to_node(view);
  const auto tables = tables_of(view, cases);
  return to_html({view.a.asked + " → " + view.b.asked + " · llmops",
                  body_of(head_of(view), {notes_section(view), metrics_section(view, document),
                                          differences_section(view), cases_section(tables.size())}),
                  tables.empty() ? std::string() : case_data(tables)});
}

}  // namespace llmops::report

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/units.h"
#include "report/html/cases.h"
#include "report/html/classes.h"
#include "report/html/distributions.h"
#include "report/html/page.h"
#include "report/html/parts.h"
#include "report/metrics.h"
#include "report/report_file.h"

namespace llmops::report {
namespace {

using Kind = Heading::Kind;

const doc::List& list_of(const doc::Node& node, const char* key) {
  static const doc::List none;
  const auto* found = node.find(key);
  return found && found->is_list() ? found->items() : none;
}

std::string text_of(const doc::Node& node, const char* key, const char* otherwise) {
  const auto text = node.get(key, "");
  return text.empty() ? otherwise : text;
}

std::string cost_text(const doc::Node& node) {
  const auto* cost = node.find("cost_usd");
  return cost && cost->is_number() ? units::to_string(Usd{cost->as_double()}) : "unknown";
}

std::string duration_text(const doc::Node& node) {
  return units::to_string(Duration{std::llround(node.get("duration_s", 0.0) * 1000)});
}

Markup head_of(const doc::Node& run) {
  auto title = element("h1", run.get("recipe", "") + Markup(" ") +
                                 element("span", {{"class", "of"}}, "in " + run.get("environment", ""))) +
               badge(run.get("status", ""));
  if (run.get("dirty", false)) title += badge("uncommitted changes");
  if (run.get("partial", false)) title += badge("part of the recipe");
  return element("header", element("div", {{"class", "title"}}, title) +
                               facts({{"commit", id_text(text_of(run, "commit", "none"))},
                                      {"branch", text_of(run, "branch", "none")},
                                      {"run", element("code", run.get("run", ""))},
                                      {"started", text_of(run, "started", "unknown")},
                                      {"took", duration_text(run)},
                                      {"cost", cost_text(run)}}));
}

// --- gates ---

/// A requirement's interval with its bound, on a range that shows both.
Markup requirement_bar(const doc::Node& row) {
  const auto estimate = estimate_of(row);
  const auto* bound = row.find("bound");
  if (!estimate || !bound || !bound->is_number()) return {};
  IntervalBar bar{*estimate, bound->as_double(), {}};
  if (row.get("rule", "") == "not_worse_by") bar.mark = -*bar.mark;
  const auto decision = row.get("decision", "");
  bar.tone = decision == "pass" ? "good" : decision == "fail" ? "bad" : "";
  const auto [low, high] = std::minmax({estimate->low, estimate->high, *bar.mark});
  const double room = high > low ? (high - low) / 8 : 1;
  return interval_bar(bar, {low - room, high + room});
}

Markup gate_markup(const doc::Node& step, const doc::Node& gate) {
  auto out = element("h3", step.get("id", "") + Markup(" ") + badge(gate.get("decision", "")));
  if (gate.get("warned", false)) out += element("p", "Inconclusive, and let pass with a warning.");
  if (const auto selected = gate.get("selected", ""); !selected.empty()) {
    out += element("p", "Selected " + element("strong", selected) + ". " + gate.get("selection", ""));
  }
  Table table("Requirements of the gate " + step.get("id", ""),
              {{"requirement", Kind::prose}, {"decision"}, {"interval and bound"}});
  for (const auto& row : list_of(gate, "requirements")) {
    const auto reason = element("div", {{"class", "note"}}, row.get("reason", ""));
    table.row({requirement_text(row) + reason, badge(row.get("decision", "")), requirement_bar(row)});
  }
  return out + table.markup();
}

Section gates_section(const doc::Node& run) {
  Markup out;
  for (const auto& step : list_of(run, "steps")) {
    const auto* gate = step.find("gate");
    if (gate && gate->is_map()) out += gate_markup(step, *gate);
  }
  return {"gates", "Gates", out};
}

// --- metrics ---

struct MetricRows {
  std::string name;
  std::vector<const doc::Node*> cells;
};

/// By metric, so that cells stand together.
std::vector<MetricRows> by_metric(const doc::Node& step) {
  std::vector<MetricRows> out;
  for (const auto& metric : list_of(step, "metrics")) {
    const auto name = metric.get("metric", "");
    auto found = std::find_if(out.begin(), out.end(), [&](const MetricRows& rows) { return rows.name == name; });
    if (found == out.end()) found = out.insert(found, {name, {}});
    found->cells.push_back(&metric);
  }
  return out;
}

bool is_amount(const MetricRows& rows) { return rows.cells.front()->get("scale", "") == "amount"; }

/// From 0 (or below, where values are) to 1, or to where the furthest interval ends.
Range range_of(const MetricRows& rows) {
  Range out{0, is_amount(rows) ? 0.0 : 1.0};
  for (const auto* cell : rows.cells) {
    const auto estimate = estimate_of(*cell);
    if (!estimate) continue;
    out.low = std::min(out.low, estimate->low);
    out.high = std::max(out.high, estimate->high);
  }
  if (!(out.high > out.low)) out.high = out.low + 1;
  return out;
}

Markup metrics_table(const doc::Node& step, const std::vector<MetricRows>& metrics) {
  Table table("Metrics of " + step.get("id", ""), {{"cell"},
                                                   {"value", Kind::number},
                                                   {"95 % interval", Kind::number},
                                                   {""},
                                                   {"n", Kind::number},
                                                   {"errors", Kind::number},
                                                   {"cached", Kind::number}});
  for (const auto& rows : metrics) {
    table.part(rows.name);
    const auto range = range_of(rows);
    for (const auto* cell : rows.cells) {
      const auto estimate = estimate_of(*cell);
      const bool unknown = !estimate && cell->get("unit", "") == "USD";
      table.row({cell_of(*cell), unknown ? Markup("unknown") : value_text(*cell, "value"), interval_text(*cell),
                 estimate ? interval_bar({*estimate, {}, {}}, range) : Markup(), count_text(cell->find("n"), "–"),
                 count_text(cell->find("errors"), "0"), std::to_string(cell->get("cached", 0))});
    }
  }
  return table.markup();
}

std::string axis_title(const MetricRows& rows) {
  if (rows.name == "latency_ms") return "mean latency, ms";
  if (rows.name == "cost_usd_per_query") return "mean cost of a query, USD";
  const auto unit = rows.cells.front()->get("unit", "");
  return rows.name + (unit.empty() ? "" : ", " + unit);
}

/// Quality upwards against what it costs; cells that lack one of the two are named.
Markup plot(const MetricRows& quality, const MetricRows& price) {
  std::vector<Point> points;
  std::vector<std::string> missing;
  for (const auto* cell : quality.cells) {
    const auto partner = std::find_if(price.cells.begin(), price.cells.end(),
                                      [&](const auto* other) { return cell_of(*other) == cell_of(*cell); });
    const auto y = estimate_of(*cell);
    const auto x = partner == price.cells.end() ? std::nullopt : estimate_of(**partner);
    if (x && y) {
      points.push_back({cell_of(*cell), *x, *y});
    } else {
      missing.push_back(cell_of(*cell));
    }
  }
  Markup legend;
  for (const auto& point : points) legend += element("li", point.name);
  Markup out;
  if (!points.empty()) out += scatter(points, {axis_title(price), true}, {axis_title(quality)}) + element("ol", legend);
  if (!missing.empty()) {
    out += element("p", {{"class", "note"}}, axis_title(price) + " is unknown of " + text::join(missing, ", ") + ".");
  }
  return element("figure", element("figcaption", quality.name + " against " + axis_title(price)) + out);
}

Markup plots(const std::vector<MetricRows>& metrics) {
  Markup first, others;
  bool any = false;
  for (const auto& quality : metrics) {
    if (is_amount(quality)) continue;
    auto& out = any ? others : first;
    for (const auto& price : metrics) {
      if (price.name == "latency_ms" || price.name == "cost_usd_per_query") out += plot(quality, price);
    }
    any = true;
  }
  if (first.empty()) return {};
  auto out = element("div", {{"class", "figures"}}, first);
  if (!others.empty()) {
    out += element("details", element("summary", "The other metrics against latency and cost") +
                                  element("div", {{"class", "figures"}}, others));
  }
  return element("h4", "Quality against latency and cost") + out;
}

Section metrics_section(const RunView& run) {
  Markup out;
  for (const auto& step : list_of(run.document, "steps")) {
    const auto metrics = by_metric(step);
    if (metrics.empty()) continue;
    const auto eval = std::find_if(run.evals.begin(), run.evals.end(),
                                   [&](const EvalView& view) { return view.step == step.get("id", ""); });
    out += element("h3", step.get("id", "")) + metrics_table(step, metrics) + plots(metrics);
    if (eval != run.evals.end()) out += classes(*eval) + distributions(*eval);
  }
  return {"metrics", "Metrics", out};
}

// --- steps and provenance ---

Section steps_section(const doc::Node& run) {
  Table table("Steps of the run", {{"step", Kind::prose},
                                   {"status"},
                                   {"kind"},
                                   {"asked", Kind::number},
                                   {"cached", Kind::number},
                                   {"errors", Kind::number},
                                   {"cost", Kind::number},
                                   {"took", Kind::number}});
  for (const auto& step : list_of(run, "steps")) {
    const auto* queries = step.find("queries");
    const auto count = [&](const char* key) { return queries ? count_text(queries->find(key), "0") : "0"; };
    auto reason = step.get("reason", "");
    if (const auto* error = step.find("error"); error && error->is_map()) reason = error->get("message", reason);
    table.row({step.get("id", "") + element("div", {{"class", "note"}}, reason), badge(step.get("status", "")),
               step.get("kind", ""), count("asked"), count("cached"), count("errors"), cost_text(step),
               duration_text(step)});
  }
  return {"steps", "Steps", table.markup()};
}

Markup step_provenance(const doc::Node& run) {
  Table table("Where each step's outcome is kept", {{"step"}, {"key"}, {"record"}, {"outputs"}});
  for (const auto& step : list_of(run, "steps")) {
    Markup made;
    if (const auto* outputs = step.find("outputs"); outputs && outputs->is_map()) {
      for (const auto& output : outputs->entries()) {
        const auto digest = output.value.get("digest", "");
        if (digest.empty()) continue;
        made += element("div", output.key + Markup(" ") + id_text(digest));
      }
    }
    const auto id = [&](const char* key) {
      const auto text = step.get(key, "");
      return text.empty() ? Markup("–") : id_text(text);
    };
    table.row({step.get("id", ""), id("key"), id("statement"), made});
  }
  return table.markup();
}

Section provenance_section(const doc::Node& run) {
  std::vector<std::string> changed;
  for (const auto& path : list_of(run, "changed")) changed.push_back(path.text());
  std::vector<std::pair<std::string, Markup>> rows = {
      {"commit", element("code", text_of(run, "commit", "none"))},
      {"work tree", run.get("dirty", false) ? "with changes that were not committed" : "as committed"}};
  if (!changed.empty()) rows.emplace_back("changed", text::join(changed, ", "));
  if (const auto tree = run.get("tree", ""); !tree.empty()) rows.emplace_back("tree", element("code", tree));
  rows.insert(rows.end(), {{"recipe", run.get("recipe_path", "")},
                           {"recipe's blob", element("code", text_of(run, "recipe_blob", "none"))},
                           {"environment", run.get("environment", "")},
                           {"release key", element("code", run.get("release_key", ""))},
                           {"run", element("code", run.get("run", ""))},
                           {"finished", text_of(run, "finished", "unknown")},
                           {"llmops", run.get("version", "")}});
  return {"provenance", "Provenance", facts(rows) + step_provenance(run)};
}

std::vector<CaseTable> tables_of(const RunView& run) {
  std::vector<CaseTable> out;
  for (const auto& eval : run.evals) {
    CaseTable table{eval.step, {}, false};
    for (std::size_t cell = 0; cell < eval.results.cells.size(); ++cell) {
      table.columns.push_back({eval.results.cells[cell].name(), eval, cell});
    }
    if (!table.columns.empty()) out.push_back(std::move(table));
  }
  return out;
}

}  // namespace

std::string html(const RunView& run) {
  const auto& document = run.document;
  const auto tables = tables_of(run);
  const auto title = document.get("recipe", "") + "@" + document.get("environment", "") + " " +
                     document.get("status", "") + " · llmops";
  return to_html(
      {title,
       body_of(head_of(document), {gates_section(document), metrics_section(run), cases_section(tables.size()),
                                   steps_section(document), provenance_section(document)}),
       tables.empty() ? std::string() : case_data(tables)});
}

}  // namespace llmops::report

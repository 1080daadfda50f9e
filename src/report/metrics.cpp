#include "report/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "base/units.h"

namespace llmops::report {
namespace {

std::string fixed(double value, int digits) {
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return buffer.data();
}

Paint paint_of(std::string_view decision) {
  if (decision == "pass") return Paint::green;
  if (decision == "fail") return Paint::red;
  return decision == "inconclusive" ? Paint::yellow : Paint::dim;
}

std::string mark_of(std::string_view decision) {
  if (decision == "pass") return "✓";
  if (decision == "fail") return "✗";
  return decision == "inconclusive" ? "?" : "–";
}

}  // namespace

std::string requirement_text(const doc::Node& row) {
  const auto rule = row.get("rule", "");
  const auto bound = row.find("bound") ? row.find("bound")->text() : std::string();
  auto out = row.get("metric", "") + " of " + row.get("of", "");
  if (const auto* where = row.find("where"); where && where->is_map()) {
    for (const auto& entry : where->entries()) out += " where " + entry.key + " = " + entry.value.text();
  }
  if (rule == "at_least") return out + " ≥ " + bound;
  if (rule == "at_most") return out + " ≤ " + bound;
  const auto versus = row.get("versus", "");
  if (rule == "better_by")
    return out + " better than " + versus + (bound == "0" || bound == "0.0" ? "" : " by " + bound);
  return out + " not worse than " + versus + " by " + bound;
}

std::string cell_of(const doc::Node& metric) {
  const auto model = metric.get("model", ""), prompt = metric.get("prompt", "");
  return prompt.empty() ? model : model + "/" + prompt;
}

std::string value_text(double value, std::string_view unit) {
  if (unit == "USD") return units::to_string(Usd{value});
  if (unit == "ms") return fixed(value, std::abs(value) < 10 ? 2 : 0) + " ms";
  return std::abs(value) >= 1000 ? fixed(value, 0) : fixed(value, 3);
}

std::string value_text(const doc::Node& metric, const char* key) {
  const auto* value = metric.find(key);
  return value && value->is_number() ? value_text(value->as_double(), metric.get("unit", "")) : "–";
}

std::string signed_text(const doc::Node& metric, const char* key) {
  const auto* value = metric.find(key);
  const auto text = value_text(metric, key);
  return value && value->is_number() && value->as_double() > 0 ? "+" + text : text;
}

std::string p_text(std::optional<double> p) {
  if (!p) return "–";
  if (*p < 0.0001) return "< 0.0001";
  return fixed(*p, *p < 0.01 ? 4 : 3);
}

std::string interval_text(const doc::Node& metric) {
  const auto* low = metric.find("low");
  const auto* high = metric.find("high");
  if (!low || !high || !low->is_number() || !high->is_number()) return "–";
  return "[" + value_text(metric, "low") + ", " + value_text(metric, "high") + "]";
}

std::string metrics_table(const std::vector<doc::Node>& metrics, Colour colour, std::size_t indent) {
  if (metrics.empty()) return {};
  using Row = std::array<std::string, 7>;
  std::vector<Row> rows = {{"metric", "cell", "n", "value", "95 % interval", "errors", "cached"}};
  bool any_cached = false;
  for (const auto& metric : metrics) {
    const auto* n = metric.find("n");
    rows.push_back({metric.get("metric", ""), cell_of(metric), n && n->is_number() ? n->text() : "–",
                    value_text(metric, "value"), interval_text(metric),
                    metric.find("errors") ? metric.find("errors")->text() : "0"});
    if (rows.back()[5] == "null") rows.back()[5] = "–";
    const auto cached = metric.get("cached", 0);
    rows.back()[6] = std::to_string(cached);
    any_cached = any_cached || cached > 0;
  }
  std::array<std::size_t, 7> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const bool no_cells = std::all_of(rows.begin() + 1, rows.end(), [](const Row& row) { return row[1].empty(); });
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if ((no_cells && i == 1) || (!any_cached && i == 6)) continue;
      line += (i >= 2 ? padded_left(rows[r][i], widths[i]) : padded(rows[r][i], widths[i])) + "  ";
    }
    while (line.ends_with(' ')) line.pop_back();
    out += std::string(indent, ' ') + (r == 0 ? paint(colour, Paint::dim, line) : text::printable(line)) + "\n";
  }
  return out;
}

std::string gate_text(const doc::Node& gate, Colour colour, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out;
  if (const auto selected = gate.get("selected", ""); !selected.empty()) {
    out += margin + "selected " + paint(colour, Paint::bold, selected) + "  " +
           paint(colour, Paint::dim, gate.get("selection", "")) + "\n";
  }
  const auto* rows = gate.find("requirements");
  if (!rows || !rows->is_list()) return out;
  for (const auto& row : rows->items()) {
    const auto decision = row.get("decision", "");
    out += margin + paint(colour, paint_of(decision), mark_of(decision) + " " + text::replace_all(decision, "_", " ")) +
           "  " + requirement_text(row) + "\n";
    out += margin + "    " + paint(colour, Paint::dim, text::printable(row.get("reason", ""))) + "\n";
  }
  return out;
}

}  // namespace llmops::report

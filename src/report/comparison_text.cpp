#include "report/comparison_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/metrics.h"

namespace llmops::report {
namespace {

using lineage::ComparedMetric;
using lineage::Flip;

doc::Node number(std::optional<double> value) { return value ? doc::Node(*value) : doc::Node(); }
doc::Node count(std::size_t value) { return doc::Node(static_cast<std::int64_t>(value)); }

doc::Node side_node(const lineage::Side& side) {
  const auto& run = side.run->document;
  return doc::Node::map({{"asked", side.asked},
                         {"run", side.run->id()},
                         {"commit", run.get("commit", "")},
                         {"recipe", run.get("recipe", "")},
                         {"environment", run.get("environment", "")},
                         {"dirty", run.get("dirty", false)},
                         {"started", side.run->started()},
                         {"cell", side.cell.empty() ? doc::Node() : doc::Node(side.cell)}});
}

doc::Node metric_node(const ComparedMetric& row) {
  const auto& numbers = row.numbers;
  const auto known = [&](double value) { return numbers.n > 0 ? doc::Node(value) : doc::Node(); };
  const bool tested = numbers.test != score::Test::none;
  auto out = doc::Node::map({{"metric", numbers.metric.name},
                             {"of", row.of},
                             {"step", row.step_b},
                             {"n", count(numbers.n)},
                             {"errors", count(numbers.errors)},
                             {"dropped", count(numbers.dropped)},
                             {"a", known(numbers.a)},
                             {"b", known(numbers.b)},
                             {"difference", known(numbers.difference)},
                             {"low", tested ? doc::Node(numbers.low) : doc::Node()},
                             {"high", tested ? doc::Node(numbers.high) : doc::Node()},
                             {"p", number(numbers.p)},
                             {"p_adjusted", number(row.p_adjusted)},
                             {"test", tested ? doc::Node(score::to_string(numbers.test)) : doc::Node()},
                             {"smallest_detectable", number(numbers.smallest_detectable)},
                             {"better", score::to_string(numbers.metric.better)},
                             {"unit", numbers.metric.unit}});
  return out;
}

doc::Node flip_side(std::optional<double> value, const std::string& error, const std::optional<std::string>& output) {
  return doc::Node::map({{"value", number(value)},
                         {"error", error.empty() ? doc::Node() : doc::Node(error)},
                         {"output", output ? doc::Node(*output) : doc::Node()}});
}

std::string run_label(const lineage::Side& side) {
  const auto& run = side.run->document;
  return run.get("recipe", "") + "@" + run.get("environment", "") + "  commit " + run.get("commit", "").substr(0, 10) +
         (run.get("dirty", false) ? " with uncommitted changes" : "") + "  run " + side.run->id() +
         (side.cell.empty() ? "" : "  " + side.cell);
}

Paint paint_of(const ComparedMetric& row) {
  switch (trend_of(row)) {
    case Trend::better:
      return Paint::green;
    case Trend::worse:
      return Paint::red;
    case Trend::open:
      break;
  }
  return Paint::plain;
}

std::string metrics_text(const ComparisonView& view, Colour colour) {
  using Row = std::array<std::string, 9>;
  std::vector<Row> rows = {{"metric", "cell", "n", "a", "b", "b - a", "95 % interval", "p", "detectable"}};
  for (const auto& row : view.compared.metrics) {
    const auto node = metric_node(row);
    const auto* low = node.find("low");
    const bool tested = low && low->is_number();
    rows.push_back({row.numbers.metric.name, row.of, std::to_string(row.numbers.n), value_text(node, "a"),
                    value_text(node, "b"), signed_text(node, "difference"),
                    tested ? "[" + signed_text(node, "low") + ", " + signed_text(node, "high") + "]" : "–",
                    p_text(row.p_adjusted), value_text(node, "smallest_detectable")});
  }
  std::array<std::size_t, 9> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      line += "  " + (i < 2 ? padded(rows[r][i], widths[i]) : padded_left(rows[r][i], widths[i]));
    }
    while (line.ends_with(' ')) line.pop_back();
    out += paint(colour, r == 0 ? Paint::dim : paint_of(view.compared.metrics[r - 1]), line) + "\n";
  }
  return out;
}

std::string score_text(std::optional<double> value, const std::string& error) {
  if (value) return *value == 1 ? "right" : *value == 0 ? "wrong" : text::from_double(*value);
  return error.empty() ? "not scored" : "error: " + error;
}

std::string output_text(const std::optional<std::string>& output, std::size_t width) {
  if (!output) return "(the answer is not on this machine)";
  return shortened(text::printable(text::replace_all(*output, "\n", " ⏎ ")), width);
}

std::string flips_text(const ComparisonView& view, Colour colour, std::size_t width) {
  const auto& flips = view.compared.flips;
  if (flips.empty()) return "no case changed its score\n";
  std::size_t worse = 0, better = 0, lost = 0, found = 0;
  for (const auto& flip : flips) {
    auto& counter = flip.a && flip.b ? (*flip.b < *flip.a ? worse : better) : flip.a ? lost : found;
    ++counter;
  }
  std::vector<std::string> counts = {std::to_string(worse) + " worse", std::to_string(better) + " better"};
  if (lost > 0) counts.push_back(std::to_string(lost) + " not scored any more");
  if (found > 0) counts.push_back(std::to_string(found) + " scored now");
  auto out = std::to_string(flips.size()) + (flips.size() == 1 ? " case changed: " : " cases changed: ") +
             text::join(counts, ", ") + "\n";
  const auto room = width > 20 ? width - 8 : 12;
  for (std::size_t i = 0; i < std::min(view.most_flips, flips.size()); ++i) {
    const auto& flip = flips[i];
    const bool bad = flip.a && (!flip.b || *flip.b < *flip.a);
    out += "  " + paint(colour, bad ? Paint::red : Paint::green, bad ? "✗" : "✓") + " " +
           text::printable(flip.case_id) + "  " + flip.metric + " of " + flip.of + ": " +
           text::printable(score_text(flip.a, flip.error_a)) + " → " +
           text::printable(score_text(flip.b, flip.error_b)) + "\n";
    if (!flip.fields.empty()) {
      std::vector<std::string> fields;
      for (const auto& [name, value] : flip.fields) fields.push_back(name + ": " + value);
      out += "      " + paint(colour, Paint::dim, output_text(text::join(fields, "  "), room + 3)) + "\n";
    }
    out += "      a: " + output_text(view.outputs[i].first, room) + "\n";
    out += "      b: " + output_text(view.outputs[i].second, room) + "\n";
  }
  if (flips.size() > view.most_flips) {
    out += "  … " + std::to_string(flips.size() - view.most_flips) + " more: `--flips N` or `--json`\n";
  }
  return out;
}

std::string short_name(const std::string& identity) {
  return identity.empty() ? "none" : identity.substr(identity.starts_with("sha256:") ? 7 : 0, 12);
}

std::string differences_text(const ComparisonView& view, Colour colour) {
  std::string out;
  for (std::size_t i = 0; i < view.compared.differences.size(); ++i) {
    const auto& difference = view.compared.differences[i];
    out += paint(colour, Paint::bold, text::printable(difference.what)) + "  " + short_name(difference.before) + " → " +
           short_name(difference.after) + "\n";
    for (const auto& line : text::split(view.diffs[i], '\n')) {
      if (line.empty()) continue;
      const auto hue = line[0] == '+' ? Paint::green : line[0] == '-' ? Paint::red : Paint::dim;
      out += "    " + paint(colour, hue, text::printable(line)) + "\n";
    }
  }
  return out;
}

}  // namespace

Trend trend_of(const ComparedMetric& row) {
  const auto& numbers = row.numbers;
  if (numbers.test == score::Test::none || (numbers.low <= 0 && numbers.high >= 0)) return Trend::open;
  const bool up = numbers.low > 0;
  return up == (numbers.metric.better == score::Better::higher) ? Trend::better : Trend::worse;
}

std::string comparison_text(const ComparisonView& view, Colour colour, std::size_t width) {
  auto out = paint(colour, Paint::bold, "a") + "  " + run_label(view.a) + "\n" + paint(colour, Paint::bold, "b") +
             "  " + run_label(view.b) + "\n\n" + metrics_text(view, colour);
  if (const auto differences = differences_text(view, colour); !differences.empty()) out += "\n" + differences;
  out += "\n" + flips_text(view, colour, width);
  for (const auto& note : view.compared.notes) out += paint(colour, Paint::yellow, "note") + ": " + note + "\n";
  return out;
}

doc::Node to_node(const ComparisonView& view) {
  auto metrics = doc::Node::list(), flips = doc::Node::list(), differences = doc::Node::list();
  for (const auto& row : view.compared.metrics) metrics.push_back(metric_node(row));
  for (std::size_t i = 0; i < view.compared.flips.size(); ++i) {
    const auto& flip = view.compared.flips[i];
    auto fields = doc::Node::map();
    for (const auto& [name, value] : flip.fields) fields[name] = value;
    flips.push_back(doc::Node::map({{"case", flip.case_id},
                                    {"fields", std::move(fields)},
                                    {"metric", flip.metric},
                                    {"of", flip.of},
                                    {"a", flip_side(flip.a, flip.error_a, view.outputs[i].first)},
                                    {"b", flip_side(flip.b, flip.error_b, view.outputs[i].second)}}));
  }
  for (std::size_t i = 0; i < view.compared.differences.size(); ++i) {
    const auto& difference = view.compared.differences[i];
    differences.push_back(doc::Node::map({{"what", difference.what},
                                          {"before", difference.before},
                                          {"after", difference.after},
                                          {"diff", view.diffs[i].empty() ? doc::Node() : doc::Node(view.diffs[i])}}));
  }
  return doc::Node::map({{"a", side_node(view.a)},
                         {"b", side_node(view.b)},
                         {"metrics", std::move(metrics)},
                         {"flips", std::move(flips)},
                         {"differences", std::move(differences)},
                         {"notes", doc::Node::strings(view.compared.notes)}});
}

}  // namespace llmops::report

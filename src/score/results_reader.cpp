#include <algorithm>
#include <limits>

#include "base/text.h"
#include "doc/json.h"
#include "score/json_cursor.h"
#include "score/results.h"
#include "score/results_format.h"

namespace llmops::score {
namespace {

/// The text of results, line by line.
class Lines {
 public:
  Lines(std::string name, std::string_view text) : name_(std::move(name)), text_(text), rest_(text) {}

  /// To the next line; false at the end.
  bool next() {
    if (rest_.empty()) return false;
    const auto end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
    return true;
  }
  std::string_view line() const { return line_; }
  std::size_t bytes_left() const { return rest_.size(); }

  /// An error in this line, at a byte of it.
  Error error(std::string message, std::size_t offset = 0, std::string hint = {}) const {
    const auto source = std::make_shared<const SourceText>(SourceText{name_, std::string(text_)});
    const auto column = text::code_points(line_.substr(0, offset)).size() + 1;
    return invalid_error(std::move(message), {source, number_, static_cast<std::uint32_t>(column)}, std::move(hint));
  }

 private:
  std::string name_;
  std::string_view text_, rest_, line_;
  std::uint32_t number_ = 0;
};

/// What others wrote, safe to show.
std::string shown(std::string_view text) { return "`" + text::printable(text::shorten(text, 80)) + "`"; }

std::optional<Statistic> statistic_named(std::string_view name) {
  for (const auto statistic : {Statistic::mean, Statistic::macro_f1, Statistic::micro_f1}) {
    if (to_string(statistic) == name) return statistic;
  }
  return std::nullopt;
}

std::optional<Scale> scale_named(std::string_view name) {
  for (const auto scale : {Scale::binary, Scale::graded, Scale::amount}) {
    if (to_string(scale) == name) return scale;
  }
  return std::nullopt;
}

Result<Digest> digest_of(const doc::Node& node, std::string_view key, const Lines& lines) {
  const auto written = node.get(key, "");
  if (const auto digest = Digest::parse(written)) return *digest;
  return lines.error("expected a SHA-256 digest under `" + std::string(key) + "`, found " + shown(written));
}

Result<MetricInfo> metric_of(const doc::Node& node, const Lines& lines) {
  const auto scale = scale_named(node.get("scale", ""));
  const auto better = node.get("better", "");
  const auto name = node.get("name", "");
  if (!scale || name.empty() || (better != "higher" && better != "lower")) {
    return lines.error("expected a metric with `name`, `scale` and `better`, found " + shown(doc::to_json(node)));
  }
  MetricInfo out{name, *scale, better == "higher" ? Better::higher : Better::lower, node.get("unit", "")};
  const auto statistic = node.get("statistic", "mean");
  const auto known = statistic_named(statistic);
  if (!known) return lines.error("a metric of the unknown statistic " + shown(statistic));
  out.statistic = *known;
  out.classes = static_cast<std::size_t>(std::max<std::int64_t>(0, node.get("classes", 0)));
  return out;
}

JudgeUse judge_of(const doc::Node& node) {
  JudgeUse out{node.get("name", ""),  Digest::parse(node.get("identity", "")),
               node.get("asked", 0),  node.get("cached", 0),
               node.get("errors", 0), std::nullopt};
  if (const auto* cost = node.find("cost_usd"); cost && cost->is_number()) out.cost = Usd{cost->as_double()};
  return out;
}

Classes classes_of(const doc::Node& node) {
  Classes out{node.get("metric", ""), {}};
  const auto* labels = node.find("labels");
  if (!labels || !labels->is_list()) return out;
  for (const auto& label : labels->items()) out.labels.push_back(label.text());
  return out;
}

Result<Results> read_head(Lines& lines) {
  static constexpr const char* kHint = "results are written by an `eval` step";
  if (!lines.next()) return lines.error("expected results, found an empty text", 0, kHint);
  const auto head = doc::parse_json_data(lines.line());
  const auto version = head ? head->get(kFormatKey, 0) : 0;
  if (version == 0)
    return lines.error("expected the first line of results, with `" + std::string(kFormatKey) + "`", 0, kHint);
  if (version != kFormatVersion) {
    return lines.error("results of format " + std::to_string(version) + ", expected " + std::to_string(kFormatVersion),
                       0, "they were written by another version of llmops");
  }
  Results out;
  out.dataset = head->get("dataset", "");
  out.dataset_identity = head->get("dataset_identity", "");
  out.repeat = head->get("repeat", 1);
  out.reduce = head->get("reduce", "mean");
  TRY(out.scorers, digest_of(*head, "scorers", lines));
  if (const auto* judges = head->find("judges"); judges && judges->is_list()) {
    for (const auto& judge : judges->items()) out.judges.push_back(judge_of(judge));
  }
  const auto* metrics = head->find("metrics");
  if (!metrics || !metrics->is_list()) return lines.error("expected a list under `metrics`");
  for (const auto& metric : metrics->items()) {
    TRY(auto info, metric_of(metric, lines));
    out.metrics.push_back(std::move(info));
  }
  if (const auto* classes = head->find("classes"); classes && classes->is_list()) {
    for (const auto& one : classes->items()) out.classes.push_back(classes_of(one));
  }
  for (const auto& metric : out.metrics) {
    if (!metric.of_cases() && metric.classes >= out.classes.size()) {
      return lines.error("the metric " + shown(metric.name) + " is of classes that are not listed");
    }
  }
  return out;
}

/// A cell, and the number of cases that its line announces.
struct AnnouncedCell {
  CellResult cell;
  std::size_t cases = 0;
};

Result<AnnouncedCell> read_cell(const Lines& lines) {
  const auto node = doc::parse_json_data(lines.line());
  if (!node || !node->find("model")) return lines.error("expected the line of a cell, with `model`");
  AnnouncedCell out;
  out.cell.model = node->get("model", "");
  out.cell.prompt = node->get("prompt", "");
  out.cell.prompt_blob = node->get("prompt_blob", "");
  TRY(out.cell.model_identity, digest_of(*node, "model_identity", lines));
  const auto cases = node->get("cases", -1);
  if (cases < 0) return lines.error("expected the number of cases under `cases`");
  out.cases = static_cast<std::size_t>(cases);
  // What the line announces is believed only as far as the text can hold it.
  constexpr std::size_t kShortestCase = 20;
  out.cell.cases.reserve(std::min(out.cases, lines.bytes_left() / kShortestCase + 1));
  return out;
}

std::vector<std::optional<double>> read_scores(JsonCursor& at, std::size_t metrics) {
  std::vector<std::optional<double>> out;
  out.reserve(metrics);
  at.need('[');
  for (std::size_t i = 0; at.next_item(i); ++i) out.push_back(at.number_or_null());
  return out;
}

/// Those that can't be positions of a metric are passed over; the rest are in order.
std::vector<std::size_t> read_positions(JsonCursor& at, std::size_t metrics) {
  std::vector<std::size_t> out;
  at.need('[');
  for (std::size_t i = 0; at.next_item(i); ++i) {
    const auto number = at.number_or_null();
    if (number && *number >= 0 && *number < static_cast<double>(metrics)) {
      out.push_back(static_cast<std::size_t>(*number));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Fields read_fields(JsonCursor& at) {
  Fields out;
  at.need('{');
  for (std::size_t i = 0; const auto name = at.next_key(i); ++i) out.add(*name, at.string());
  out.compact();
  return out;
}

/// A whole number that a place can be; a larger one, and one below 0, is none of the labels.
std::uint32_t place_of(std::optional<double> number) {
  constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();
  return number && *number >= 0 && *number < kNone ? static_cast<std::uint32_t>(*number) : kNone;
}

std::vector<CaseClasses> read_classes(JsonCursor& at) {
  std::vector<CaseClasses> out;
  at.need('[');
  for (std::size_t i = 0; at.next_item(i); ++i) {
    auto& one = out.emplace_back();
    at.need('[');
    for (std::size_t j = 0; at.next_item(j); ++j) {
      const auto place = place_of(at.number_or_null());
      if (j == 0)
        one.expected = place;
      else
        one.answered.push_back(place);
    }
  }
  return out;
}

Result<CaseResult> read_case(const Lines& lines, std::size_t metrics) {
  JsonCursor at(lines.line());
  CaseResult out;
  std::string output;
  at.need('{');
  for (std::size_t i = 0; const auto key = at.next_key(i); ++i) {
    if (*key == "id")
      out.id = at.string();
    else if (*key == "scores")
      out.scores = read_scores(at, metrics);
    else if (*key == "without")
      out.without = read_positions(at, metrics);
    else if (*key == "cluster")
      out.cluster = at.string();
    else if (*key == "error")
      out.error = at.string();
    else if (*key == "output")
      output = at.string();
    else if (*key == "cached")
      out.cached = at.boolean();
    else if (*key == "fields")
      out.fields = read_fields(at);
    else if (*key == "classes")
      out.classes = read_classes(at);
    else
      at.skip();
  }
  if (!at.finished()) return lines.error("expected " + at.expected() + " here", at.offset());
  if (out.scores.size() != metrics) {
    return lines.error("expected " + std::to_string(metrics) + " scores, one for each metric, found " +
                       std::to_string(out.scores.size()));
  }
  if (output.empty()) return out;
  out.output = Digest::parse(output);
  if (!out.output) return lines.error("expected a SHA-256 digest under `output`, found " + shown(output));
  return out;
}

}  // namespace

Result<Results> results_from_jsonl(std::string name, std::string_view text) {
  Lines lines(name, text);
  if (const auto broken = text::invalid_utf8(text)) {
    const auto source = std::make_shared<const SourceText>(SourceText{std::move(name), std::string(text)});
    return invalid_error("expected UTF-8, found another byte", position_at(source, *broken));
  }
  TRY(auto out, read_head(lines));
  std::size_t missing = 0;
  while (lines.next()) {
    if (missing == 0) {
      TRY(auto announced, read_cell(lines));
      missing = announced.cases;
      out.cells.push_back(std::move(announced.cell));
      continue;
    }
    TRY(auto result, read_case(lines, out.metrics.size()));
    out.cells.back().cases.push_back(std::move(result));
    --missing;
  }
  if (missing > 0) {
    return lines.error("expected " + std::to_string(missing) + (missing == 1 ? " more case" : " more cases") +
                           ", found the end of the file",
                       0, "the file was cut short: run the `eval` step again");
  }
  return out;
}

}  // namespace llmops::score

#include <cmath>

#include "base/text.h"
#include "doc/json.h"
#include "score/results.h"
#include "score/results_format.h"

namespace llmops::score {
namespace {

doc::Node head_of(const Results& results) {
  auto metrics = doc::Node::list();
  for (const auto& metric : results.metrics) {
    auto node = doc::Node::map({{"name", metric.name},
                                {"scale", to_string(metric.scale)},
                                {"better", to_string(metric.better)},
                                {"unit", metric.unit}});
    if (!metric.of_cases()) {
      node["statistic"] = to_string(metric.statistic);
      node["classes"] = static_cast<std::int64_t>(metric.classes);
    }
    metrics.push_back(std::move(node));
  }
  auto out = doc::Node::map({{std::string(kFormatKey), kFormatVersion},
                             {"dataset", results.dataset},
                             {"dataset_identity", results.dataset_identity},
                             {"scorers", results.scorers.to_string()},
                             {"repeat", results.repeat}});
  if (results.reduce != "mean") out["reduce"] = results.reduce;
  out["metrics"] = std::move(metrics);
  for (const auto& classes : results.classes) {
    out["classes"].push_back(
        doc::Node::map({{"metric", classes.metric}, {"labels", doc::Node::strings(classes.labels)}}));
  }
  for (const auto& judge : results.judges) {
    out["judges"].push_back(
        doc::Node::map({{"name", judge.name},
                        {"identity", judge.identity ? doc::Node(judge.identity->to_string()) : doc::Node()},
                        {"asked", judge.asked},
                        {"cached", judge.cached},
                        {"errors", judge.errors},
                        {"cost_usd", judge.cost ? doc::Node(judge.cost->value) : doc::Node()}}));
  }
  return out;
}

doc::Node line_of(const CellResult& cell) {
  return doc::Node::map({{"model", cell.model},
                         {"prompt", cell.prompt},
                         {"model_identity", cell.model_identity.to_string()},
                         {"prompt_blob", cell.prompt_blob},
                         {"cases", static_cast<std::int64_t>(cell.cases.size())}});
}

/// RFC 8259: quotes, backslashes and control characters are escaped, the rest stays.
void put_string(std::string& out, std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void put_scores(std::string& out, const std::vector<std::optional<double>>& scores) {
  char separator = '[';
  if (scores.empty()) out += '[';
  for (const auto& score : scores) {
    out += separator;
    out += score && std::isfinite(*score) ? text::from_double(*score) : "null";
    separator = ',';
  }
  out += ']';
}

void put_without(std::string& out, const std::vector<std::size_t>& metrics) {
  if (metrics.empty()) return;
  out += ",\"without\":";
  char separator = '[';
  for (const auto metric : metrics) {
    out += separator;
    out += std::to_string(metric);
    separator = ',';
  }
  out += ']';
}

void put_member(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  out += ",\"";
  out += key;
  out += "\":";
  put_string(out, text);
}

void put_fields(std::string& out, const Fields& fields) {
  if (fields.empty()) return;
  out += ",\"fields\":";
  char separator = '{';
  for (const auto& [name, text] : fields.list()) {
    out += separator;
    put_string(out, name);
    out += ':';
    put_string(out, text);
    separator = ',';
  }
  out += '}';
}

/// `[[expected, answered, …], …]`; an empty list where it could not be scored.
void put_classes(std::string& out, const std::vector<CaseClasses>& classes) {
  if (classes.empty()) return;
  out += ",\"classes\":";
  char separator = '[';
  for (const auto& one : classes) {
    out += separator;
    out += '[';
    if (!one.answered.empty()) out += std::to_string(one.expected);
    for (const auto answered : one.answered) out += "," + std::to_string(answered);
    out += ']';
    separator = ',';
  }
  out += ']';
}

constexpr std::size_t kTypical = 200;  ///< Cases that tell how long the others are, so that a long text is not copied.

void put_case(std::string& out, const CaseResult& result) {
  out += "{\"id\":";
  put_string(out, result.id);
  out += ",\"scores\":";
  put_scores(out, result.scores);
  put_without(out, result.without);
  put_member(out, "cluster", result.cluster);
  put_member(out, "error", result.error);
  if (result.output) put_member(out, "output", result.output->hex());
  if (result.cached) out += ",\"cached\":true";
  put_fields(out, result.fields);
  put_classes(out, result.classes);
  out += "}\n";
}

}  // namespace

std::string to_jsonl(const Results& results) {
  std::string out = doc::to_json(head_of(results)) + "\n";
  for (const auto& cell : results.cells) {
    out += doc::to_json(line_of(cell)) + "\n";
    const auto begin = out.size();
    for (std::size_t i = 0; i < cell.cases.size(); ++i) {
      if (i == kTypical) out.reserve(begin + (out.size() - begin) / kTypical * cell.cases.size() / 10 * 11);
      put_case(out, cell.cases[i]);
    }
  }
  return out;
}

}  // namespace llmops::score

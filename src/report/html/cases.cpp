#include "report/html/cases.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "doc/json.h"
#include "report/html/markup.h"

namespace llmops::report {
namespace {

using State = CaseVerdict::State;

/// Calls `each` with every text of a column that may be long.
template <class Each>
void for_each_text(const CaseColumn& column, Each each) {
  for (const auto& one : column.eval.results.cells[column.cell].cases) {
    each(one.error);
    for (const auto& answer : column.eval.answers_of(column.cell, one)) {
      each(score::shown(answer.output, answer.tool_calls));
      if (answer.expected) each(*answer.expected);
      for (const auto& [metric, reason] : answer.reasons) each(reason);
      for (const auto& [name, value] : answer.long_fields) each(value);
    }
  }
}

std::size_t limit_for(const std::vector<CaseTable>& tables, const TextLimits& limits) {
  std::size_t limit = limits.longest;
  while (limit > limits.least) {
    std::size_t sum = 0;
    for (const auto& table : tables) {
      for (const auto& column : table.columns) {
        for_each_text(column, [&](const std::string& text) { sum += std::min(text.size(), limit); });
      }
    }
    if (sum <= limits.total) break;
    limit = std::max(limits.least, limit / 2);
  }
  return limit;
}

/// The longest start of at most `limit` bytes that ends no code point in its middle.
std::string_view start_of(std::string_view text, std::size_t limit) {
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; };
  auto end = limit;
  while (end > 0 && limit - end < 3 && continues(end)) --end;
  return text.substr(0, continues(end) ? limit : end);
}

/// Rows of several columns under one id.
struct Row {
  std::string_view id;
  std::vector<const score::CaseResult*> results;  ///< One for each column; null where it has none.
};

std::vector<Row> rows_of(const CaseTable& table) {
  std::vector<Row> out;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    const auto& [name, eval, cell] = table.columns[column];
    for (const auto& one : eval.results.cells[cell].cases) {
      const auto [place, added] = places.emplace(one.id, out.size());
      if (added) out.push_back({one.id, std::vector<const score::CaseResult*>(table.columns.size())});
      out[place->second].results[column] = &one;
    }
  }
  return out;
}

/// Those that are something of each case.
std::vector<score::MetricInfo> metrics_of(const CaseTable& table) {
  auto out = table.columns.front().eval.results.metrics;
  std::erase_if(out, [](const auto& metric) { return !metric.of_cases(); });
  return out;
}

class Writer {
 public:
  explicit Writer(std::size_t limit) : limit_(limit) {}

  /// As `{…,"cases":[…]}`; a case at a time, since there may be many.
  std::string table(const CaseTable& table) const {
    auto head = doc::Node::map({{"name", visible(table.name)}, {"paired", table.paired}});
    for (const auto& column : table.columns) {
      head["columns"].push_back(doc::Node::map({{"name", visible(column.name)}, {"answers", column.eval.has_answers}}));
    }
    head["metrics"] = doc::Node::list();
    for (const auto& metric : metrics_of(table)) {
      head["metrics"].push_back(doc::Node::map({{"name", visible(metric.name)},
                                                {"scale", score::to_string(metric.scale)},
                                                {"better", score::to_string(metric.better)},
                                                {"unit", metric.unit}}));
    }
    auto out = doc::to_json(head);
    out.back() = ',';
    out += "\"cases\":[";
    std::string_view separator = "\n";
    for (const auto& row : rows_of(table)) {
      out += separator;
      out += doc::to_json(case_node(table, row));
      separator = ",\n";
    }
    return out + "]}";
  }

 private:
  doc::Node text(std::string_view whole) const {
    if (whole.size() <= limit_) return visible(whole);
    return doc::Node::map({{"text", visible(start_of(whole, limit_))},
                           {"shown", units::to_string(Bytes{limit_})},
                           {"all", units::to_string(Bytes{whole.size()})}});
  }

  doc::Node case_node(const CaseTable& table, const Row& row) const {
    auto out = doc::Node::map({{"id", visible(row.id)}});
    auto results = doc::Node::list();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const auto& column = table.columns[i];
      if (!row.results[i]) {
        results.push_back({});
        continue;
      }
      const auto& one = *row.results[i];
      describe(column, one, out);
      results.push_back(result_node(table, column, one));
    }
    out["results"] = std::move(results);
    return out;
  }

  /// What the case itself is, by the first column that knows; its long fields stand with one of its answers.
  void describe(const CaseColumn& column, const score::CaseResult& one, doc::Node& out) const {
    auto& fields = out["fields"];
    if (fields.is_null()) {
      fields = doc::Node::map();
      for (const auto& [name, value] : one.fields.list()) fields[visible(name)] = visible(value);
    }
    const auto& answers = column.eval.answers_of(column.cell, one);
    for (const auto& answer : answers) {
      for (const auto& [name, value] : answer.long_fields) fields[visible(name)] = text(value);
    }
    if (out.find("expected")) return;
    const bool known = !answers.empty() && answers.front().expected;
    auto title = title_field_of(column.eval, column.cell, one);
    if (title.empty() && !answers.empty() && !answers.front().long_fields.empty()) {
      title = answers.front().long_fields.front().first;
    }
    if (!title.empty()) out["title"] = visible(title);
    if (known) out["expected"] = text(*answers.front().expected);
  }

  doc::Node result_node(const CaseTable& table, const CaseColumn& column, const score::CaseResult& one) const {
    auto out = doc::Node::map({{"state", state_of(column, one)}});
    auto& scores = out["scores"] = doc::Node::list();
    for (const auto& metric : metrics_of(table)) {
      const auto index = column.eval.results.metric_index(metric.name);
      const bool known = index && *index < one.scores.size() && one.scores[*index];
      scores.push_back(known ? doc::Node(*one.scores[*index]) : doc::Node());
    }
    if (!one.error.empty()) out["error"] = text(one.error);
    if (one.cached) out["cached"] = true;
    for (const auto& answer : column.eval.answers_of(column.cell, one)) out["answers"].push_back(answer_node(answer));
    return out;
  }

  static std::string_view state_of(const CaseColumn& column, const score::CaseResult& one) {
    switch (verdict_of(column.eval, column.cell, one).state) {
      case State::failed:
        return "failed";
      case State::error:
        return "error";
      case State::passed:
        break;
    }
    const auto& metrics = column.eval.results.metrics;
    const bool judged = std::any_of(metrics.begin(), metrics.end(),
                                    [](const auto& metric) { return metric.scale == score::Scale::binary; });
    return judged ? "passed" : "scored";
  }

  doc::Node answer_node(const score::AnswerLine& answer) const {
    auto out = doc::Node::map({{"output", text(score::shown(answer.output, answer.tool_calls))}});
    out["latency_ms"] = static_cast<std::int64_t>(answer.latency.count());
    if (answer.cost) out["cost_usd"] = answer.cost->value;
    if (!answer.finish_reason.empty()) out["finish"] = visible(answer.finish_reason);
    for (const auto& [metric, reason] : answer.reasons) out["reasons"][visible(metric)] = text(reason);
    return out;
  }

  std::size_t limit_;
};

}  // namespace

std::string case_data(const std::vector<CaseTable>& tables, const TextLimits& limits) {
  const Writer writer(limit_for(tables, limits));
  std::string out = "{\"tables\":[";
  for (std::size_t i = 0; i < tables.size(); ++i) out += (i == 0 ? "\n" : ",\n") + writer.table(tables[i]);
  return out + "]}";
}

}  // namespace llmops::report

#include <algorithm>
#include <set>

#include "base/text.h"
#include "report/report_file.h"

namespace llmops::report {
namespace {

bool looks_like_a_formula(std::string_view value) {
  return !value.empty() && std::string_view("=+-@\t\r").find(value[0]) != std::string_view::npos &&
         !text::to_double(value);
}

std::string field(std::string_view value) {
  auto out = (looks_like_a_formula(value) ? "'" : "") + text::printable(value);
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  return "\"" + text::replace_all(out, "\"", "\"\"") + "\"";
}

std::string number(std::optional<double> value) { return value ? text::from_double(*value) : std::string(); }

class Table {
 public:
  explicit Table(const RunView& run) {
    for (const auto& eval : run.evals) {
      for (const auto& metric : eval.results.metrics) {
        const bool amount = metric.name == "latency_ms" || metric.name == "cost_usd_per_query";
        const auto known = std::find(metrics_.begin(), metrics_.end(), metric.name);
        if (metric.of_cases() && !amount && known == metrics_.end()) metrics_.push_back(metric.name);
      }
    }
    std::vector<std::string> header = {"step",   "model", "prompt", "case",       "repeat",  "expected",
                                       "output", "error", "cached", "latency_ms", "cost_usd"};
    for (const auto& metric : metrics_) header.push_back(metric);
    add(header);
    for (const auto& eval : run.evals) add_eval(eval);
  }

  std::string take() { return std::move(out_); }

 private:
  void add(const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) out_ += (i == 0 ? "" : ",") + field(row[i]);
    out_ += "\r\n";
  }

  void add_eval(const EvalView& eval) {
    for (std::size_t cell = 0; cell < eval.results.cells.size(); ++cell) {
      for (const auto& one : eval.results.cells[cell].cases) add_case(eval, cell, one);
    }
  }

  static std::string score_of(const EvalView& eval, const score::CaseResult& one, const std::string& metric) {
    const auto index = eval.results.metric_index(metric);
    return index && *index < one.scores.size() ? number(one.scores[*index]) : std::string();
  }

  void add_case(const EvalView& eval, std::size_t cell, const score::CaseResult& one) {
    const auto& in = eval.results.cells[cell];
    std::vector<std::string> row = {eval.step, in.model, in.prompt, one.id, "0", "", "", one.error};
    row.emplace_back(one.cached ? "true" : "false");
    row.push_back(score_of(eval, one, "latency_ms"));
    row.push_back(score_of(eval, one, "cost_usd_per_query"));
    for (const auto& metric : metrics_) row.push_back(score_of(eval, one, metric));
    const auto& answers = eval.answers_of(cell, one);
    for (const auto& answer : answers) {
      row[4] = std::to_string(answer.repeat);
      row[5] = answer.expected.value_or("");
      row[6] = score::shown(answer.output, answer.tool_calls);
      row[9] = std::to_string(answer.latency.count());
      row[10] = answer.cost ? text::from_double(answer.cost->value) : std::string();
      add(row);
    }
    if (answers.empty()) add(row);
  }

  std::vector<std::string> metrics_;
  std::string out_;
};

}  // namespace

std::string csv(const RunView& run) { return Table(run).take(); }

}  // namespace llmops::report

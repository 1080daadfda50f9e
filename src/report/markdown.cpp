#include "base/text.h"
#include "report/classes.h"
#include "report/metrics.h"
#include "report/report_file.h"

namespace llmops::report {
namespace {

constexpr std::size_t kMostFailures = 20;
constexpr std::size_t kLongestText = 300;

/// Nothing of it is Markdown or HTML any more, and nobody is mentioned.
std::string plain(std::string_view text) {
  const auto safe = text::printable(text);
  std::string out;
  for (const auto point : text::code_points(safe)) {
    static constexpr std::string_view kSpecial = "&<>|`*_[]()#@~\\!$:";
    if (point.size() == 1 && kSpecial.find(point[0]) != std::string_view::npos) {
      out += "&#" + std::to_string(static_cast<int>(point[0])) + ";";
    } else {
      out += point;
    }
  }
  return out;
}

std::string code(std::string_view text) {
  return "<code>" + plain(text::shorten(text::replace_all(std::string(text), "\n", " ⏎ "), kLongestText)) + "</code>";
}

std::string mark(std::string_view state) {
  if (state == "pass" || state == "passed" || state == "ran" || state == "cached") return "✅";
  if (state == "inconclusive" || state == "interrupted") return "❔";
  return state == "not_applicable" || state == "skipped" ? "➖" : "❌";
}

std::string steps_text(const doc::Node& steps) {
  std::string out = "| | step | kind | status | asked | cached | errors |\n|---|---|---|---|--:|--:|--:|\n";
  for (const auto& step : steps.items()) {
    const auto status = step.get("status", "");
    const auto* queries = step.find("queries");
    const auto count = [&](const char* key) { return queries ? std::to_string(queries->get(key, 0)) : std::string(); };
    out += "| " + mark(status) + " | " + plain(step.get("id", "")) + " | " + plain(step.get("kind", "")) + " | " +
           plain(status) + " | " + count("asked") + " | " + count("cached") + " | " + count("errors") + " |\n";
  }
  return out;
}

std::string gates_text(const doc::Node& steps) {
  std::string out;
  for (const auto& step : steps.items()) {
    const auto* gate = step.find("gate");
    if (!gate || !gate->is_map()) continue;
    const auto decision = gate->get("decision", "");
    out += "\n### " + mark(decision) + " Gate " + plain(step.get("id", "")) + ": " + plain(decision) + "\n\n";
    const auto* selected = gate->find("selected");
    if (selected && selected->is_string()) out += "Selected " + code(selected->text()) + ".\n\n";
    const auto* rows = gate->find("requirements");
    if (!rows || !rows->is_list()) continue;
    out += "| | requirement | reason |\n|---|---|---|\n";
    for (const auto& row : rows->items()) {
      out += "| " + mark(row.get("decision", "")) + " | " + plain(requirement_text(row)) + " | " +
             plain(row.get("reason", "")) + " |\n";
    }
  }
  return out;
}

std::string metrics_text(const doc::Node& steps) {
  std::string rows;
  for (const auto& step : steps.items()) {
    const auto* metrics = step.find("metrics");
    if (!metrics || !metrics->is_list()) continue;
    for (const auto& metric : metrics->items()) {
      const auto model = metric.get("model", ""), prompt = metric.get("prompt", "");
      const auto* n = metric.find("n");
      const auto* errors = metric.find("errors");
      rows += "| " + plain(step.get("id", "")) + " | " + plain(metric.get("metric", "")) + " | " +
              plain(prompt.empty() ? model : model + "/" + prompt) + " | " + (n && n->is_number() ? n->text() : "–") +
              " | " + plain(value_text(metric, "value")) + " | " + plain(interval_text(metric)) + " | " +
              (errors && errors->is_number() ? errors->text() : "0") + " |\n";
    }
  }
  if (rows.empty()) return {};
  return "\n### Metrics\n\n| step | metric | cell | n | value | 95 % interval | errors "
         "|\n|---|---|---|--:|--:|--:|--:|\n" +
         rows;
}

std::string classes_text(const RunView& run) {
  std::string lines;
  for (const auto& eval : run.evals) lines += report::classes_text(eval);
  if (lines.empty()) return {};
  std::string out;
  for (const auto& line : text::split(lines, '\n')) out += (line.empty() ? "&#32;" : plain(line)) + "\n";
  return "\n<details><summary>Classes</summary>\n\n<pre>\n" + out + "</pre>\n</details>\n";
}

std::string failures_text(const RunView& run) {
  std::string rows;
  std::size_t all = 0;
  for (const auto& eval : run.evals) {
    for (std::size_t cell = 0; cell < eval.results.cells.size(); ++cell) {
      for (const auto& one : eval.results.cells[cell].cases) {
        const auto verdict = verdict_of(eval, cell, one);
        if (verdict.state == CaseVerdict::State::passed || ++all > kMostFailures) continue;
        const auto& answers = eval.answers_of(cell, one);
        const bool error = verdict.state == CaseVerdict::State::error;
        rows += "| " + std::string(error ? "⚠️" : "❌") + " | " + plain(eval.results.cells[cell].name()) + " | " +
                code(title_of(eval, cell, one)) + " | " +
                (answers.empty() || !answers.front().expected ? std::string("–") : code(*answers.front().expected)) +
                " | " +
                (answers.empty() ? plain(verdict.reason)
                                 : code(score::shown(answers.front().output, answers.front().tool_calls))) +
                " |\n";
      }
    }
  }
  if (all == 0) return {};
  return "\n<details><summary>" + std::to_string(all) + (all == 1 ? " case" : " cases") + " not right" +
         (all > kMostFailures ? ", the first " + std::to_string(kMostFailures) : std::string()) +
         "</summary>\n\n| | cell | case | expected | answer |\n|---|---|---|---|---|\n" + rows + "\n</details>\n";
}

}  // namespace

std::string markdown(const RunView& run) {
  const auto& document = run.document;
  const auto status = document.get("status", "");
  auto out = "## " + mark(status) + " " + plain(document.get("recipe", "")) + " in " +
             plain(document.get("environment", "")) + ": " + plain(status) + "\n\nCommit " +
             code(document.get("commit", "").substr(0, 10)) +
             (document.get("dirty", false) ? " with uncommitted changes" : "") + ", run " +
             code(document.get("run", "")) + "\n\n";
  const auto* steps = document.find("steps");
  if (!steps || !steps->is_list()) return out;
  return out + steps_text(*steps) + gates_text(*steps) + metrics_text(*steps) + classes_text(run) + failures_text(run);
}

}  // namespace llmops::report

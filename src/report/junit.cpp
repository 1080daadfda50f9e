#include <array>
#include <cstdio>

#include "base/text.h"
#include "report/metrics.h"
#include "report/report_file.h"

namespace llmops::report {
namespace {

using State = CaseVerdict::State;

/// XML 1.0 has no way to write control characters, broken bytes and two code points more.
std::string escaped(std::string_view text) {
  const auto safe = text::printable(text);
  std::string out;
  for (const auto point : text::code_points(safe)) {
    if (point == "&") {
      out += "&amp;";
    } else if (point == "<") {
      out += "&lt;";
    } else if (point == ">") {
      out += "&gt;";
    } else if (point == "\"") {
      out += "&quot;";
    } else if (point == "\n") {
      out += "&#10;";
    } else if (point == "\t") {
      out += "&#9;";
    } else if (point == "\xEF\xBF\xBE" || point == "\xEF\xBF\xBF") {
      out += "\xEF\xBF\xBD";
    } else {
      out += point;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}

std::string seconds(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.3f", value);
  return buffer.data();
}

struct Suite {
  std::string name, cases;
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double time_s = 0;

  std::string text() const {
    return "  <testsuite" + attribute("name", name) + attribute("tests", std::to_string(tests)) +
           attribute("failures", std::to_string(failures)) + attribute("errors", std::to_string(errors)) +
           attribute("skipped", std::to_string(skipped)) + attribute("time", seconds(time_s)) + ">\n" + cases +
           "  </testsuite>\n";
  }
};

void add_case(const EvalView& eval, std::size_t cell, const score::CaseResult& one, Suite& suite) {
  const auto verdict = verdict_of(eval, cell, one);
  const auto& answers = eval.answers_of(cell, one);
  const double time_s = answers.empty() ? 0 : static_cast<double>(answers.front().latency.count()) / 1000;
  ++suite.tests;
  suite.time_s += time_s;
  const auto title = title_of(eval, cell, one);
  suite.cases += "    <testcase" + attribute("classname", suite.name) +
                 attribute("name", title == one.id ? title : title + " [" + one.id + "]") +
                 attribute("time", seconds(time_s));
  if (verdict.state == State::passed) {
    suite.cases += "/>\n";
    return;
  }
  const bool failed = verdict.state == State::failed;
  ++(failed ? suite.failures : suite.errors);
  const std::string tag = failed ? "failure" : "error";
  const auto message = verdict.metric.empty()   ? verdict.reason
                       : verdict.reason.empty() ? verdict.metric
                                                : verdict.metric + ": " + verdict.reason;
  suite.cases += ">\n      <" + tag + attribute("type", verdict.metric.empty() ? "query" : verdict.metric) +
                 attribute("message", message) + ">";
  for (const auto& answer : answers) {
    if (answer.expected) suite.cases += "expected: " + escaped(*answer.expected) + "\n";
    suite.cases += "actual: " + escaped(score::shown(answer.output, answer.tool_calls)) + "\n";
  }
  if (answers.empty() && failed) suite.cases += "the answer is not on this machine\n";
  suite.cases += "</" + tag + ">\n    </testcase>\n";
}

std::string gate_suite(const doc::Node& step, const doc::Node& gate) {
  Suite suite;
  suite.name = "gate " + step.get("id", "");
  const auto* rows = gate.find("requirements");
  if (!rows || !rows->is_list()) return {};
  for (const auto& row : rows->items()) {
    const auto decision = row.get("decision", "");
    ++suite.tests;
    suite.cases += "    <testcase" + attribute("classname", suite.name) + attribute("name", requirement_text(row)) +
                   attribute("time", "0.000");
    if (decision == "pass") {
      suite.cases += "/>\n";
      continue;
    }
    const bool skipped = decision == "not_applicable" || (decision == "inconclusive" && gate.get("warned", false));
    ++(skipped ? suite.skipped : suite.failures);
    const std::string tag = skipped ? "skipped" : "failure";
    suite.cases += ">\n      <" + tag + (skipped ? "" : attribute("type", decision)) +
                   attribute("message", row.get("reason", decision)) + "/>\n    </testcase>\n";
  }
  return suite.text();
}

std::string step_suite(const doc::Node& step) {
  const auto status = step.get("status", "");
  if (status != "failed" && status != "error") return {};
  Suite suite;
  suite.name = "step " + step.get("id", "");
  suite.tests = 1;
  ++(status == "failed" ? suite.failures : suite.errors);
  const std::string tag = status == "failed" ? "failure" : "error";
  suite.cases = "    <testcase" + attribute("classname", suite.name) + attribute("name", step.get("id", "")) +
                attribute("time", "0.000") + ">\n      <" + tag + attribute("type", step.get("kind", "")) +
                attribute("message", step.get("reason", "")) + "/>\n    </testcase>\n";
  return suite.text();
}

}  // namespace

std::string junit(const RunView& run) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    attribute("name", run.document.get("recipe", "") + "@" + run.document.get("environment", "")) +
                    ">\n";
  for (const auto& eval : run.evals) {
    for (std::size_t cell = 0; cell < eval.results.cells.size(); ++cell) {
      Suite suite;
      suite.name = eval.step + " " + eval.results.cells[cell].name();
      for (const auto& one : eval.results.cells[cell].cases) add_case(eval, cell, one, suite);
      out += suite.text();
    }
  }
  const auto* steps = run.document.find("steps");
  if (steps && steps->is_list()) {
    for (const auto& step : steps->items()) {
      const auto* gate = step.find("gate");
      out += gate && gate->is_map() ? gate_suite(step, *gate) : step_suite(step);
    }
  }
  return out + "</testsuites>\n";
}

}  // namespace llmops::report

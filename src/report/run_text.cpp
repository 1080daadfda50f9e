#include "report/run_text.h"

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "report/metrics.h"

namespace llmops::report {
namespace {

Paint paint_of(std::string_view status) {
  if (status == "ran" || status == "passed") return Paint::green;
  if (status == "failed" || status == "error") return Paint::red;
  return status == "inconclusive" || status == "interrupted" ? Paint::yellow : Paint::dim;
}

std::string mark_of(std::string_view status) {
  if (status == "ran" || status == "passed") return "✓";
  if (status == "cached") return "=";
  if (status == "skipped") return "–";
  return status == "inconclusive" || status == "interrupted" ? "?" : "✗";
}

std::string seconds_text(const doc::Node& step) {
  const auto* duration = step.find("duration_s");
  if (!duration || !duration->is_number() || duration->as_double() <= 0) return {};
  return units::to_string(Duration{static_cast<std::int64_t>(duration->as_double() * 1000)});
}

std::string queries_text(const doc::Node& step) {
  const auto* queries = step.find("queries");
  if (!queries) return {};
  const auto asked = queries->get("asked", 0), cached = queries->get("cached", 0), errors = queries->get("errors", 0);
  if (asked + cached + errors == 0) return {};
  auto out = std::to_string(asked) + " asked, " + std::to_string(cached) + " cached";
  if (errors > 0) out += ", " + std::to_string(errors) + (errors == 1 ? " error" : " errors");
  return out;
}

std::string cost_text(const doc::Node& step) {
  if (queries_text(step).empty()) return {};
  const auto* cost = step.find("cost_usd");
  if (!cost || !cost->is_number()) return "cost unknown";
  return cost->as_double() > 0 ? units::to_string(Usd{cost->as_double()}) : std::string();
}

std::string outputs_text(const doc::Node& step) {
  const auto* outputs = step.find("outputs");
  if (!outputs || !outputs->is_map()) return {};
  std::vector<std::string> paths;
  for (const auto& output : outputs->entries()) {
    if (const auto path = output.value.get("path", ""); !path.empty()) paths.push_back(path);
  }
  if (paths.size() > 4) {
    const auto more = paths.size() - 3;
    paths.resize(3);
    paths.push_back("and " + std::to_string(more) + " more");
  }
  return text::join(paths, ", ");
}

std::string step_text(const doc::Node& step, std::size_t width, Colour colour) {
  const auto status = step.get("status", "");
  std::vector<std::string> facts;
  const auto reason = step.get("reason", "");
  const auto* gate = step.find("gate");
  const bool has_gate = gate && gate->is_map();
  for (const auto& fact : {seconds_text(step), queries_text(step), cost_text(step), outputs_text(step)}) {
    if (!fact.empty()) facts.push_back(fact);
  }
  if (status != "ran" && !reason.empty() && !has_gate) facts.push_back(reason);
  auto out = paint(colour, paint_of(status), mark_of(status)) + " " + padded(step.get("id", ""), width) + "  " +
             padded(step.get("kind", ""), 4) + "  " + paint(colour, paint_of(status), padded(status, 6)) + "  " +
             text::printable(text::join(facts, ", "));
  while (out.ends_with(' ')) out.pop_back();
  out += "\n";
  if (const auto* metrics = step.find("metrics"); metrics && metrics->is_list()) {
    out += metrics_table(metrics->items(), colour, 4);
  }
  if (has_gate) out += gate_text(*gate, colour, 4);
  return out;
}

std::string short_id(const std::string& id) { return id.substr(0, 10); }

}  // namespace

namespace {

/// More steps than this are not listed one by one: only those with something to say.
constexpr std::size_t kMany = 30;

/// Whether a step of many has nothing to say: it went well, and decided nothing.
bool is_quiet(std::string_view status, const doc::Node* gate) {
  return (status == "cached" || status == "ran") && (!gate || gate->is_null());
}

struct Totals {
  std::size_t steps = 0, cached = 0, width = 4;
};

std::string text_of(const doc::Node& document, const Totals& totals, Colour colour) {
  std::string out = paint(colour, Paint::bold, document.get("recipe", "")) + "  " + document.get("environment", "") +
                    "  commit " + short_id(document.get("commit", "")) +
                    (document.get("dirty", false) ? " with uncommitted changes" : "") + "\n";
  const auto* steps = document.find("steps");
  if (steps && steps->is_list()) {
    for (const auto& step : steps->items()) {
      if (totals.steps <= kMany || !is_quiet(step.get("status", ""), step.find("gate")))
        out += step_text(step, totals.width, colour);
    }
  }
  const auto count = totals.steps, cached = totals.cached;
  const auto status = document.get("status", "");
  out += paint(colour, paint_of(status), status);
  if (count > 0 && cached == count)
    out += count == 1 ? ": the step is up to date" : ": all " + std::to_string(count) + " steps are up to date";
  else if (cached > 0)
    out += ": " + std::to_string(count - cached) + " of " + std::to_string(count) + " steps done now, " +
           std::to_string(cached) + " up to date";
  return out + "\n";
}

}  // namespace

std::string run_text(const doc::Node& document, Colour colour) {
  Totals totals;
  const auto* steps = document.find("steps");
  if (steps && steps->is_list()) {
    totals.steps = steps->items().size();
    for (const auto& step : steps->items()) {
      totals.width = std::max(totals.width, width_of(step.get("id", "")));
      if (step.get("status", "") == "cached") ++totals.cached;
    }
  }
  return text_of(document, totals, colour);
}

std::string run_text(const lineage::Run& run, Colour colour) {
  if (run.steps.size() <= kMany) return run_text(lineage::to_document(run), colour);
  Totals totals;
  totals.steps = run.steps.size();
  lineage::Run outline;
  outline.recipe = run.recipe;
  outline.environment = run.environment;
  outline.commit = run.commit;
  outline.dirty = run.dirty;
  outline.status = run.status;
  for (const auto& step : run.steps) {
    totals.width = std::max(totals.width, width_of(step.id));
    if (step.outcome.status == step::Status::cached) ++totals.cached;
    if (!is_quiet(step::to_string(step.outcome.status), &step.outcome.gate)) outline.steps.push_back(step);
  }
  return text_of(lineage::to_document(outline), totals, colour);
}

std::string log_text(const std::vector<const lineage::RunEntry*>& runs, const std::string& metric, Colour colour) {
  std::string out;
  for (const auto* run : runs) {
    const auto& document = run->document;
    const auto status = document.get("status", "");
    out += paint(colour, Paint::yellow, short_id(run->commit)) + "  " + document.get("started", "").substr(0, 19) +
           "  " + paint(colour, paint_of(status), padded(status, 12)) + "  " + document.get("recipe", "") + "@" +
           document.get("environment", "") + "  " + run->id() +
           (document.get("dirty", false) ? "  with uncommitted changes" : "") +
           (document.get("partial", false) ? "  some steps only" : "");
    const auto* steps = document.find("steps");
    if (!metric.empty() && steps && steps->is_list()) {
      for (const auto& step : steps->items()) {
        const auto* metrics = step.find("metrics");
        if (!metrics || !metrics->is_list()) continue;
        for (const auto& one : metrics->items()) {
          if (one.get("metric", "") != metric) continue;
          const auto prompt = one.get("prompt", "");
          out += "  " + one.get("model", "") + (prompt.empty() ? "" : "/" + prompt) + " " + value_text(one, "value") +
                 " " + interval_text(one);
        }
      }
    }
    out += "\n";
  }
  return out;
}

}  // namespace llmops::report

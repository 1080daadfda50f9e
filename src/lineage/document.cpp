#include <optional>

#include "lineage/run.h"
#include "sys/system.h"

namespace llmops::lineage {
namespace {

doc::Node text_or_null(const std::string& text) { return text.empty() ? doc::Node() : doc::Node(text); }

doc::Node time_or_null(Time at) { return at == Time{} ? doc::Node() : doc::Node(sys::to_rfc3339(at)); }

doc::Node usd_or_null(const std::optional<Usd>& amount) { return amount ? doc::Node(amount->value) : doc::Node(); }

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

doc::Node to_node(const step::Output& output) {
  return doc::Node::map({{"value", output.value},
                         {"path", text_or_null(output.path)},
                         {"digest", output.digest ? doc::Node(output.digest->to_string()) : doc::Node()},
                         {"size", output.digest ? doc::Node(output.size.value) : doc::Node()},
                         {"folder", output.folder},
                         {"in_record", output.in_record}});
}

doc::Node outputs_of(const step::Outcome& outcome) {
  auto out = doc::Node::map();
  for (const auto& output : outcome.outputs) out[output.name] = to_node(output);
  return out;
}

doc::Node error_of(const step::Outcome& outcome) {
  if (!outcome.error) return {};
  return doc::Node::map({{"message", outcome.error->message}, {"at", text_or_null(outcome.error->at.to_string())}});
}

doc::Node to_node(const StepRun& step) {
  const auto& outcome = step.outcome;
  auto node = doc::Node::map(
      {{"id", step.id}, {"kind", step.kind}, {"status", step::to_string(outcome.status)}, {"reason", outcome.reason}});
  node["metrics"] = doc::Node(doc::List(outcome.metrics.begin(), outcome.metrics.end()));
  node["gate"] = outcome.gate;
  node["outputs"] = outputs_of(outcome);
  node["queries"] = doc::Node::map({{"asked", outcome.queries.asked},
                                    {"cached", outcome.queries.cached},
                                    {"errors", outcome.queries.errors},
                                    {"retries", outcome.queries.retries}});
  node["cost_usd"] = usd_or_null(outcome.cost);
  node["duration_s"] = seconds(outcome.duration);
  node["started"] = time_or_null(step.started);
  node["finished"] = time_or_null(step.finished);
  node["version"] = step.version;
  node["key"] = text_or_null(step.key);
  node["needs"] = doc::Node::strings(step.needs);
  node["statement"] = text_or_null(outcome.statement);
  node["error"] = error_of(outcome);
  return node;
}

/// Nothing where one of the steps has a cost that is not known.
std::optional<Usd> cost_of(const Run& run) {
  Usd sum;
  for (const auto& step : run.steps) {
    if (!step.outcome.cost) return std::nullopt;
    sum.value += step.outcome.cost->value;
  }
  return sum;
}

double duration_of(const Run& run) { return seconds(std::chrono::duration_cast<Duration>(run.finished - run.started)); }

}  // namespace

doc::Node to_document(const Run& run) {
  auto node = doc::Node::map({{"run", run.id},
                              {"recipe", run.recipe},
                              {"recipe_path", run.recipe_path},
                              {"recipe_blob", text_or_null(run.recipe_blob)},
                              {"environment", run.environment},
                              {"commit", text_or_null(run.commit)},
                              {"branch", text_or_null(run.branch)},
                              {"dirty", run.dirty},
                              {"partial", run.partial}});
  node["tree"] = run.dirty_tree ? text_or_null(run.dirty_tree->tree) : doc::Node();
  node["changed"] = doc::Node::strings(run.dirty_tree ? run.dirty_tree->changed : std::vector<std::string>());
  node["release_key"] = run.release_key.to_string();
  node["status"] = to_string(run.status);
  node["started"] = time_or_null(run.started);
  node["finished"] = time_or_null(run.finished);
  node["duration_s"] = duration_of(run);
  node["cost_usd"] = usd_or_null(cost_of(run));
  node["version"] = run.version;
  auto steps = doc::Node::list();
  for (const auto& step : run.steps) steps.push_back(to_node(step));
  node["steps"] = std::move(steps);
  return node;
}

}  // namespace llmops::lineage

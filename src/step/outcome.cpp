#include "step/outcome.h"

#include <array>
#include <utility>

namespace llmops::step {
namespace {

constexpr std::array<std::pair<Status, std::string_view>, 6> kStatuses = {{{Status::ran, "ran"},
                                                                           {Status::cached, "cached"},
                                                                           {Status::skipped, "skipped"},
                                                                           {Status::failed, "failed"},
                                                                           {Status::error, "error"},
                                                                           {Status::inconclusive, "inconclusive"}}};

doc::Node to_node(const Output& output) {
  auto node = doc::Node::map({{"name", output.name}});
  if (!output.path.empty()) node["path"] = output.path;
  if (output.digest) node["digest"] = output.digest->to_string();
  node["size"] = output.size.value;
  if (output.folder) node["folder"] = true;
  if (output.executable) node["executable"] = true;
  if (output.in_record) node["in_record"] = true;
  node["value"] = output.value;
  return node;
}

Output output_from(const doc::Node& node) {
  Output out;
  out.name = node.get("name", "");
  out.path = node.get("path", "");
  out.digest = Digest::parse(node.get("digest", ""));
  out.size = Bytes{static_cast<std::uint64_t>(node.get("size", 0))};
  out.folder = node.get("folder", false);
  out.executable = node.get("executable", false);
  out.in_record = node.get("in_record", false);
  if (const auto* value = node.find("value")) out.value = *value;
  return out;
}

}  // namespace

std::string_view to_string(Status status) {
  for (const auto& [known, name] : kStatuses) {
    if (known == status) return name;
  }
  return "error";
}

std::optional<Status> status_from(std::string_view text) {
  for (const auto& [known, name] : kStatuses) {
    if (name == text) return known;
  }
  return std::nullopt;
}

const Output* Outcome::output(std::string_view name) const {
  for (const auto& known : outputs) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

doc::Node to_node(const Outcome& outcome) {
  auto node = doc::Node::map({{"status", to_string(outcome.status)}, {"reason", outcome.reason}});
  node["metrics"] = doc::Node(doc::List(outcome.metrics.begin(), outcome.metrics.end()));
  node["gate"] = outcome.gate;
  auto outputs = doc::Node::list();
  for (const auto& output : outcome.outputs) outputs.push_back(to_node(output));
  node["outputs"] = std::move(outputs);
  node["queries"] = doc::Node::map({{"asked", outcome.queries.asked},
                                    {"cached", outcome.queries.cached},
                                    {"errors", outcome.queries.errors},
                                    {"retries", outcome.queries.retries}});
  node["cost_usd"] = outcome.cost ? doc::Node(outcome.cost->value) : doc::Node();
  node["duration_ms"] = std::int64_t{outcome.duration.count()};
  node["cacheable"] = outcome.cacheable;
  if (!outcome.statement.empty()) node["statement"] = outcome.statement;
  if (!outcome.statement_commit.empty()) node["statement_commit"] = outcome.statement_commit;
  if (outcome.error) node["error"] = outcome.error->message;
  return node;
}

Result<Outcome> outcome_from(const doc::Node& node) {
  const auto status = status_from(node.get("status", ""));
  if (!status) return environment_error("a stored outcome can't be read");
  Outcome out;
  out.status = *status;
  out.reason = node.get("reason", "");
  if (const auto* metrics = node.find("metrics"); metrics && metrics->is_list()) out.metrics = metrics->items();
  if (const auto* gate = node.find("gate")) out.gate = *gate;
  if (const auto* outputs = node.find("outputs"); outputs && outputs->is_list()) {
    for (const auto& output : outputs->items()) out.outputs.push_back(output_from(output));
  }
  if (const auto* queries = node.find("queries")) {
    out.queries = {queries->get("asked", 0), queries->get("cached", 0), queries->get("errors", 0),
                   queries->get("retries", 0)};
  }
  const auto* cost = node.find("cost_usd");
  out.cost = cost && cost->is_number() ? std::optional(Usd{cost->as_double()}) : std::nullopt;
  out.duration = Duration{node.get("duration_ms", 0)};
  out.cacheable = node.get("cacheable", true);
  out.statement = node.get("statement", "");
  out.statement_commit = node.get("statement_commit", "");
  if (const auto* error = node.find("error")) out.error = step_error(error->text());
  return out;
}

}  // namespace llmops::step

#include "exec/memory.h"

#include "doc/json.h"

namespace llmops::exec {
namespace {

/// Beside the steps, whose ids hold no colon.
constexpr std::string_view kLatencies = ":latency_ms";

}  // namespace

Memory::Memory(Services& services, const std::string& recipe, const std::string& environment)
    : services_(services), file_(services.state_folder() / "last" / (recipe + "@" + environment + ".json")) {}

void Memory::load() {
  if (std::exchange(loaded_, true)) return;
  const auto stat = services_.system.files.stat(file_);
  if (!stat || stat->kind != sys::FileKind::regular) return;
  const auto text = services_.system.files.read(file_);
  const auto node = text ? doc::parse_json_data(*text) : Result<doc::Node>(text.error());
  if (!node || !node->is_map()) return;
  for (const auto& step : node->entries()) {
    if (!step.value.is_map()) continue;
    if (step.key == kLatencies) {
      for (const auto& one : step.value.entries()) {
        if (!one.value.is_map()) continue;
        for (const auto& model : one.value.entries()) {
          if (model.value.is_int()) latencies_[one.key][model.key] = Duration(model.value.as_int());
        }
      }
      continue;
    }
    auto& parts = parts_[step.key];
    for (const auto& part : step.value.entries()) parts.push_back({part.key, part.value.text()});
  }
}

const std::vector<plan::Part>* Memory::parts(const std::string& step) {
  load();
  const auto found = parts_.find(step);
  return found == parts_.end() ? nullptr : &found->second;
}

void Memory::set(const std::string& step, std::vector<plan::Part> parts) {
  load();
  changed_ = true;
  parts_[step] = std::move(parts);
}

std::map<std::string, Duration> Memory::latencies(const std::string& step) {
  load();
  const auto found = latencies_.find(step);
  return found == latencies_.end() ? std::map<std::string, Duration>() : found->second;
}

void Memory::note_latencies(const std::string& step, const step::Outcome& outcome) {
  struct Sum {
    double ms = 0, cases = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& metric : outcome.metrics) {
    const auto* value = metric.find("value");
    const auto cases = static_cast<double>(metric.get("n", 0));
    if (metric.get("metric", "") != "latency_ms" || value == nullptr || !value->is_number() || cases <= 0) continue;
    auto& sum = sums[metric.get("model", "")];
    sum.ms += value->as_double() * cases;
    sum.cases += cases;
  }
  if (sums.empty()) return;
  load();
  changed_ = true;
  auto& known = latencies_[step];
  known.clear();
  for (const auto& [model, sum] : sums) known[model] = Duration(static_cast<std::int64_t>(sum.ms / sum.cases));
}

Result<void> Memory::save() {
  if (!changed_) return {};
  auto node = doc::Node::map();
  for (const auto& [step, parts] : parts_) {
    auto& entry = node[step];
    entry = doc::Node::map();
    for (const auto& part : parts) entry.entries().push_back({part.name, {}, part.value});
  }
  if (!latencies_.empty()) {
    auto latencies = doc::Node::map();
    for (const auto& [step, models] : latencies_) {
      auto& entry = latencies[step];
      entry = doc::Node::map();
      for (const auto& [model, latency] : models) entry[model] = static_cast<std::int64_t>(latency.count());
    }
    node[std::string(kLatencies)] = std::move(latencies);
  }
  return services_.system.files.write_atomically(file_, doc::to_json(node) + "\n");
}

std::string reason_to_run(Memory& memory, const plan::PlannedStep& step) {
  const auto* before = memory.parts(step.id);
  if (!before) return step.always_runs ? "always runs: " + step.always_reason : "first run";
  const auto changes = plan::changes(*before, step.parts);
  if (!changes.empty()) return plan::explain(changes);
  return step.always_runs ? "always runs: " + step.always_reason : "did not pass, or had errors, last time";
}

}  // namespace llmops::exec

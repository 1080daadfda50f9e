#include "exec/memory.h"

#include "doc/json.h"

namespace llmops::exec {

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

Result<void> Memory::save() {
  if (!changed_) return {};
  auto node = doc::Node::map();
  for (const auto& [step, parts] : parts_) {
    auto& entry = node[step];
    entry = doc::Node::map();
    for (const auto& part : parts) entry.entries().push_back({part.name, {}, part.value});
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

#include "doc/yaml.h"
#include "exec/executor.h"
#include "exec/outputs.h"

namespace llmops::exec {

Result<std::string> missing_output(Services& services, const step::Outcome& outcome) {
  for (const auto& output : outcome.outputs) {
    const auto presence = check_output(services, output);
    const auto name = output.path.empty() ? output.name : output.path;
    if (!presence) return presence.error().message;
    if (*presence == Presence::changed) return "its output `" + name + "` was changed";
    bool there = *presence == Presence::there;
    if (*presence == Presence::deleted) {
      TRY(there, bring_back(services, output));
    }
    if (!there) return "its output `" + name + "` is gone";
  }
  return std::string();
}

step::Outcome reused(step::Outcome outcome) {
  outcome.status = step::Status::cached;
  outcome.reason = "up to date";
  outcome.queries = {};
  outcome.cost = Usd{0};
  outcome.duration = Duration{0};
  return outcome;
}

Result<Lookup> look_up(Services& services, const plan::PlannedStep& step) {
  if (step.always_runs || !step.key) return Lookup{};
  const auto kept = services.cache.steps().get(*step.key);
  if (!kept || !*kept) return Lookup{};
  const auto node = doc::unpack(**kept, {}, {});
  auto outcome = node ? step::outcome_from(*node) : Result<step::Outcome>(node.error());
  if (!outcome) return Lookup{};
  TRY(auto reason, missing_output(services, *outcome));
  if (!reason.empty()) return Lookup{std::nullopt, std::move(reason)};
  return Lookup{reused(*std::move(outcome)), {}};
}

}  // namespace llmops::exec

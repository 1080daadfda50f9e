#include "cli/demands.h"

#include "lineage/records.h"

namespace llmops::cli {
namespace {

Result<void> check_clean(Session& session, const std::string& environment) {
  TRY(const auto changed, session.repository().changed_paths());
  if (changed.empty()) return {};
  return Error{ErrorKind::refused,
               "`" + environment + "` wants a clean work tree, and " + std::to_string(changed.size()) +
                   (changed.size() == 1 ? " path has" : " paths have") + " changes, first `" + changed.front() + "`",
               {},
               "commit or stash them",
               {}};
}

}  // namespace

Result<void> check_demands(Session& session, const Ready& ready) {
  const auto& demands = ready.recipe->environment_config;
  const auto& environment = ready.recipe->environment;
  if (demands.clean) TRY_VOID(check_clean(session, environment));
  if (demands.after.value.empty()) return {};
  TRY(const auto records, lineage::Records::read(session.repository()));
  if (records.passing(ready.recipe->name, demands.after.value, ready.release_key)) return {};
  return Error{ErrorKind::refused,
               "`" + environment + "` comes after `" + demands.after.value +
                   "`, which has no passing run of this release (" + ready.release_key.brief() + "…)",
               demands.after.at,
               "llmops run " + ready.recipe->name + " --env " + demands.after.value,
               {}};
}

}  // namespace llmops::cli

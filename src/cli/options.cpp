#include "cli/options.h"

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace llmops::cli {

void add_environment(CLI::App& app, std::string& environment) {
  app.add_option("--env,-e", environment, "The environment; default: the recipe's first.")->type_name("E");
}

void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "Print one JSON document."); }

Result<std::vector<std::string>> recipes_or_only(Session& session, const std::vector<std::string>& named) {
  if (!named.empty()) return named;
  TRY(const auto all, recipe::find_all(session.source()));
  if (all.size() == 1) return std::vector<std::string>{all.front().path};
  if (all.empty()) return usage_error("there is no recipe in this repository", "put one below `recipes/` and `git add` it");
  std::vector<std::string> names;
  for (const auto& found : all) names.push_back(found.name.empty() ? found.path : found.name);
  return usage_error("there are several recipes; which one?", "one of: " + text::join(names, ", "));
}

void tell_unreadable(const Shell& shell, const lineage::Records& records) {
  const auto count = records.unreadable();
  if (count == 0) return;
  shell.console.err("note: " + std::to_string(count) + (count == 1 ? " record" : " records") + " can't be read and " +
                    (count == 1 ? "was" : "were") + " passed over\n");
}

}  // namespace llmops::cli

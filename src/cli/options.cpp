#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace llmops::cli {

void add_environment(CLI::App& app, std::string& environment) {
  app.add_option("--env,-e", environment, "The environment; default: the recipe's first.")->type_name("E");
}

void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "Print one JSON document."); }

namespace {

std::string found(const std::string& value) { return ", found `" + text::printable(text::shorten(value, 60)) + "`"; }

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  const auto range = std::to_string(least) + " - " + std::to_string(most);
  return CLI::Validator(
      [least, most](std::string& value) {
        const auto number = text::to_int(value);
        if (number && *number >= least && *number <= most) return std::string();
        return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) + found(value);
      },
      "INT in [" + range + "]");
}

CLI::Validator not_negative() {
  return CLI::Validator(
      [](std::string& value) {
        const auto number = text::to_double(value);
        return number && std::isfinite(*number) && *number >= 0 ? std::string()
                                                                : "must be a number that is not below 0" + found(value);
      },
      "NONNEGATIVE");
}

CLI::Validator one_of(std::vector<std::string> names) {
  auto listed = "{" + text::join(names, ",") + "}";
  return CLI::Validator(
      [names = std::move(names)](std::string& value) {
        if (std::find(names.begin(), names.end(), value) != names.end()) return std::string();
        std::vector<std::string> quoted;
        for (const auto& name : names) quoted.push_back("`" + name + "`");
        return "must be one of " + text::join(quoted, ", ") + found(value);
      },
      std::move(listed));
}

Result<std::vector<std::string>> recipes_or_only(Session& session, const std::vector<std::string>& named) {
  if (!named.empty()) return named;
  TRY(const auto all, recipe::find_all(session.source()));
  if (all.size() == 1) return std::vector<std::string>{all.front().path};
  if (all.empty())
    return usage_error("there is no recipe in this repository", "put one below `recipes/` and `git add` it");
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

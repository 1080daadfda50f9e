#pragma once
/// \file  Options that several commands share.
#include <string>
#include <vector>

#include "cli/session.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace llmops::cli {

void add_environment(CLI::App& app, std::string& environment);
void add_json(CLI::App& app, bool& json);

/// Checks of an option's value. What they say begins with `must be` and follows the option's name.
CLI::Validator whole_number(std::int64_t least, std::int64_t most);
CLI::Validator not_negative();
CLI::Validator one_of(std::vector<std::string> names);

/// The recipes that were named, or the only one there is; kind `usage` where there are several.
Result<std::vector<std::string>> recipes_or_only(Session& session, const std::vector<std::string>& named);

/// A word on standard error where records were passed over.
void tell_unreadable(const Shell& shell, const lineage::Records& records);

}  // namespace llmops::cli

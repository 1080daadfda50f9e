#pragma once
/// \file  What `${…}` stands for, in stages: some names are known when a recipe is read, some when a step runs.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "base/result.h"
#include "doc/node.h"
#include "step/outcome.h"
#include "sys/system.h"
#include "templating/expression.h"

namespace llmops::recipe {

/// What to do with a name whose time has not come.
enum class Stage {
  read,  ///< `steps.*`, `secret.*`, `run.*`, `case.*` and unset `env.*` stay as they are written.
  plan,  ///< The same, except `steps.*` of steps that are done.
  run,   ///< Everything but `case.*` must be known; an unset variable or secret is an error with its place.
};

/// Values by name. A plain value, except that git's facts and secrets are fetched when first asked for.
struct Scope {
  Stage stage = Stage::read;
  doc::Node vars = doc::Node::map();
  std::map<std::string, Error> missing_vars;  ///< Those that rest on an unset variable, and what is wrong.
  doc::Node matrix = doc::Node::map();
  std::string environment, run_id;
  const sys::Env* env = nullptr;
  std::function<Result<doc::Node>(const std::string& name)> git;  ///< `commit`, `branch`, `dirty`.
  std::function<Result<std::string>(const std::string& name)> secret;
  const std::map<std::string, step::Outcome>* outcomes = nullptr;  ///< Of steps that are done, by id.
};

/// The node with every leaf resolved that can be now; leaves that wait keep their text. A whole-value expression keeps
/// the kind of what it yields. `waits_for` collects the ids of steps that leaves wait for.
struct Resolved {
  doc::Node node;
  std::set<std::string> waits_for;
};
Result<Resolved, Errors> resolve(const doc::Node& node, const Scope& scope);

/// An `if:` condition; nothing where it waits for a step.
Result<std::optional<bool>> holds(const doc::Node& condition, const Scope& scope);

/// Calls `each` for every reference in every leaf, with the keys above the leaf, outermost first. Leaves whose
/// expressions can't be parsed are reported.
Errors for_each_reference(
    const doc::Node& node,
    const std::function<void(const templating::Reference&, const std::vector<std::string>& keys)>& each);

}  // namespace llmops::recipe

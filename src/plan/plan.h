#pragma once
/// \file  What would be done, and why: a recipe and the content it rests on become a graph of steps with keys. Pure.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "plan/identities.h"
#include "recipe/graph.h"
#include "recipe/recipe.h"
#include "step/outcome.h"

namespace llmops::plan {

/// One thing that a step's key rests on.
struct Part {
  std::string name;   ///< `prompt terse (prompts/terse.j2)`, `config scorers`, `step train`.
  std::string value;  ///< A digest, an id, or a short text.
  friend bool operator==(const Part&, const Part&) = default;
};

enum class State {
  waiting,  ///< For steps it needs.
  ready,    ///< Its key is known: look it up, or run it.
  done,     ///< Its outcome is known.
};

struct PlannedStep {
  std::size_t index = 0;  ///< In `Recipe::steps`.
  std::string id;
  State state = State::waiting;
  std::size_t open_needs = 0;  ///< How many of the steps it needs are not done.
  std::optional<Digest> key;   ///< From `ready` on, unless it always runs.
  std::vector<Part> parts;
  bool always_runs = false;  ///< `cache: never`, no outputs, or a model whose content can't be known.
  std::string always_reason;
  bool selected = true;  ///< Among the steps that this run is about.
  std::optional<step::Outcome> outcome;
};

struct Plan {
  std::shared_ptr<const recipe::Recipe> recipe;
  recipe::Graph graph;
  std::vector<std::vector<std::size_t>> dependents;
  Identities identities;
  std::vector<PlannedStep> steps;                 ///< As `Recipe::steps`.
  std::map<std::string, step::Outcome> outcomes;  ///< Of steps that are done, by id.
  std::map<std::string, Digest> made;             ///< Path → content, of what steps have made.

  bool finished() const;
};

/// The plan before anything has run. `scope` gives conditions their names. Steps that don't run here, or whose `if`
/// does not hold, are done at once (`skipped`).
Result<Plan, Errors> make_plan(std::shared_ptr<const recipe::Recipe> recipe, Identities identities,
                               const recipe::Scope& scope);

/// What a step's expressions may see as far as the plan has come (`Stage::plan`). Borrows `plan`.
recipe::Scope scope_of(const Plan& plan, const recipe::Scope& base, const recipe::Step& step);

/// Keeps only these steps and those they need; unknown ids are an error of kind `usage`.
Result<void> select(Plan& plan, const std::vector<std::string>& ids);

/// Takes a step's outcome into account. Returns the steps that have become ready through it. Steps that can't run any
/// more are done, `skipped` with the reason.
std::vector<std::size_t> advance(Plan& plan, const recipe::Scope& scope, std::size_t index, step::Outcome outcome);

/// Steps that are ready now, in order.
std::vector<std::size_t> ready(const Plan& plan);

/// A part that is not what it was.
struct Change {
  std::string name, before, after;  ///< An empty side: was not there.
};
std::vector<Change> changes(const std::vector<Part>& before, const std::vector<Part>& after);
/// One line: `first run`, `prompt terse (prompts/terse.j2) changed, 3f2a… → 77b1…`.
std::string explain(const std::vector<Change>& changes);

/// `100644 → 100755` or the other way round, where a file's mode is all that changed; else empty.
std::string mode_change(const Change& change);

}  // namespace llmops::plan

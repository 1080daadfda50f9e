#include "plan/plan.h"

#include <algorithm>

#include "base/text.h"
#include "plan/key.h"

namespace llmops::plan {

recipe::Scope scope_of(const Plan& plan, const recipe::Scope& base, const recipe::Step& step) {
  recipe::Scope scope = base;
  scope.stage = recipe::Stage::plan;
  scope.vars = plan.recipe->vars;
  scope.missing_vars = plan.recipe->missing_vars;
  scope.environment = plan.recipe->environment;
  scope.matrix = step.matrix;
  scope.outcomes = &plan.outcomes;
  return scope;
}

namespace {

step::Outcome skipped(std::string reason, bool blocks) {
  step::Outcome outcome;
  outcome.status = step::Status::skipped;
  outcome.reason = std::move(reason);
  outcome.blocks = blocks;
  return outcome;
}

step::Outcome broken(Error error) {
  step::Outcome outcome;
  outcome.status = step::Status::error;
  outcome.reason = error.message;
  outcome.error = std::move(error);
  return outcome;
}

/// Moves outcomes through the graph until nothing follows any more.
class Spreader {
 public:
  Spreader(Plan& plan, const recipe::Scope& scope) : plan_(plan), scope_(scope) {}

  void done(std::size_t index, step::Outcome outcome) {
    pending_.emplace_back(index, std::move(outcome));
    if (draining_) return;  // A long chain of skipped steps must not become a deep stack.
    draining_ = true;
    while (!pending_.empty()) {
      auto [at, result] = std::move(pending_.back());
      pending_.pop_back();
      settle(at, std::move(result));
    }
    draining_ = false;
  }

  /// All its needs are done: skip it, or give it its key.
  void open(std::size_t index) {
    auto& planned = plan_.steps[index];
    const auto& step = plan_.recipe->steps[index];
    if (!step.here) return done(index, skipped("not in `" + plan_.recipe->environment + "`", false));
    for (const auto need : plan_.graph.needs[index]) {
      const auto& outcome = *plan_.steps[need].outcome;
      if (!outcome.lets_go_on()) {
        return done(index, skipped("needs `" + plan_.steps[need].id + "`, which " + why_not(outcome), true));
      }
    }
    if (step.condition) {
      auto scope = scope_of(plan_, scope_, step);
      scope.stage = recipe::Stage::run;  // All that it may wait for is there: a variable that is not set is an error.
      auto held = recipe::holds(*step.condition, scope);
      if (!held) return done(index, broken(std::move(held).error()));
      if (!held->value_or(true)) return done(index, skipped("`if` does not hold", false));
    }
    if (auto failed = fill_key(planned)) return done(index, broken(*std::move(failed)));
    planned.state = State::ready;
    ready.push_back(index);
  }

  std::vector<std::size_t> ready;

 private:
  static std::string why_not(const step::Outcome& outcome) {
    switch (outcome.status) {
      case step::Status::failed:
        return "failed";
      case step::Status::inconclusive:
        return "is inconclusive";
      case step::Status::skipped:
        return "did not run";
      default:
        return "ended with an error";
    }
  }

  std::optional<Error> fill_key(PlannedStep& planned) const {
    const auto& step = plan_.recipe->steps[planned.index];
    auto parts = key_parts(plan_, step, scope_of(plan_, scope_, step));
    if (!parts) return std::move(parts).error();
    planned.parts = std::move(parts->parts);
    planned.key = key_of(planned.parts);
    planned.always_runs =
        step.declared.always_runs || step.cache == recipe::StepCache::never || !parts->uncacheable.empty();
    planned.always_reason = step.cache == recipe::StepCache::never ? "`cache: never`"
                            : step.declared.always_runs            ? "it has no outputs"
                                                                   : parts->uncacheable;
    return std::nullopt;
  }

  void settle(std::size_t index, step::Outcome outcome) {
    auto& planned = plan_.steps[index];
    planned.state = State::done;
    for (const auto& output : outcome.outputs) {
      if (!output.path.empty() && output.digest) plan_.made[output.path] = *output.digest;
    }
    plan_.outcomes[planned.id] = outcome;
    planned.outcome = std::move(outcome);
    for (const auto dependent : plan_.dependents[index]) {
      if (--plan_.steps[dependent].open_needs == 0) open_later(dependent);
    }
  }

  void open_later(std::size_t index) {
    if (plan_.steps[index].state == State::waiting && plan_.steps[index].selected) open(index);
  }

  Plan& plan_;
  const recipe::Scope& scope_;
  std::vector<std::pair<std::size_t, step::Outcome>> pending_;
  bool draining_ = false;
};

}  // namespace

bool Plan::finished() const {
  return std::all_of(steps.begin(), steps.end(),
                     [](const auto& step) { return step.state == State::done || !step.selected; });
}

Result<Plan, Errors> make_plan(std::shared_ptr<const recipe::Recipe> recipe, Identities identities,
                               const recipe::Scope& scope) {
  Plan plan;
  plan.graph = recipe->graph;
  plan.recipe = std::move(recipe);
  plan.identities = std::move(identities);
  const auto count = plan.recipe->steps.size();
  plan.dependents.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    PlannedStep planned;
    planned.index = i;
    planned.id = plan.recipe->steps[i].id;
    planned.open_needs = plan.graph.needs[i].size();
    for (const auto need : plan.graph.needs[i]) plan.dependents[need].push_back(i);
    plan.steps.push_back(std::move(planned));
  }
  Spreader spreader(plan, scope);
  for (const auto index : plan.graph.order) {
    if (plan.steps[index].open_needs == 0 && plan.steps[index].state == State::waiting) spreader.open(index);
  }
  return plan;
}

Result<void> select(Plan& plan, const std::vector<std::string>& ids) {
  std::vector<std::size_t> wanted;
  for (const auto& id : ids) {
    const auto before = wanted.size();
    for (const auto& planned : plan.steps) {
      if (planned.id == id || plan.recipe->steps[planned.index].base_id == id) wanted.push_back(planned.index);
    }
    if (wanted.size() > before) continue;
    std::vector<std::string> known;
    for (const auto& planned : plan.steps) known.push_back(planned.id);
    return usage_error("`" + plan.recipe->name + "` has no step `" + id + "`", text::did_you_mean(id, known));
  }
  for (auto& planned : plan.steps) planned.selected = false;
  while (!wanted.empty()) {
    const auto index = wanted.back();
    wanted.pop_back();
    if (plan.steps[index].selected) continue;
    plan.steps[index].selected = true;
    wanted.insert(wanted.end(), plan.graph.needs[index].begin(), plan.graph.needs[index].end());
  }
  return {};
}

std::vector<std::size_t> advance(Plan& plan, const recipe::Scope& scope, std::size_t index, step::Outcome outcome) {
  Spreader spreader(plan, scope);
  spreader.done(index, std::move(outcome));
  return std::move(spreader.ready);
}

std::vector<std::size_t> ready(const Plan& plan) {
  std::vector<std::size_t> out;
  for (const auto index : plan.graph.order) {
    if (plan.steps[index].state == State::ready && plan.steps[index].selected) out.push_back(index);
  }
  return out;
}

std::vector<Change> changes(const std::vector<Part>& before, const std::vector<Part>& after) {
  std::vector<Change> out;
  for (const auto& part : after) {
    const auto old = std::find_if(before.begin(), before.end(), [&](const auto& p) { return p.name == part.name; });
    if (old == before.end()) {
      out.push_back({part.name, {}, part.value});
    } else if (old->value != part.value) {
      out.push_back({part.name, old->value, part.value});
    }
  }
  for (const auto& part : before) {
    const auto kept = std::any_of(after.begin(), after.end(), [&](const auto& p) { return p.name == part.name; });
    if (!kept) out.push_back({part.name, part.value, {}});
  }
  return out;
}

namespace {

std::string brief(const std::string& value) {
  if (value.ends_with(kExecutable)) {
    return brief(value.substr(0, value.size() - kExecutable.size())) + std::string(kExecutable);
  }
  if (value.starts_with("sha256:")) return value.substr(7, 12);
  const bool hex = value.size() >= 40 && value.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hex ? value.substr(0, 12) : text::shorten(value, 40);
}

}  // namespace

std::string mode_change(const Change& change) {
  const auto differ = [](std::string_view a, std::string_view b) {
    return !a.empty() && b.size() == a.size() + kExecutable.size() && b.starts_with(a) && b.ends_with(kExecutable);
  };
  if (differ(change.before, change.after)) return "100644 → 100755";
  return differ(change.after, change.before) ? "100755 → 100644" : std::string();
}

std::string explain(const std::vector<Change>& changes) {
  if (changes.empty()) return "nothing changed";
  const auto& first = changes.front();
  std::string out = first.name;
  if (first.before.empty()) {
    out += " is new, " + brief(first.after);
  } else if (first.after.empty()) {
    out += " is gone, was " + brief(first.before);
  } else if (const auto modes = mode_change(first); !modes.empty()) {
    out += ": mode changed " + modes;
  } else {
    out += " changed, " + brief(first.before) + " → " + brief(first.after);
  }
  if (changes.size() > 1) out += " (and " + std::to_string(changes.size() - 1) + " more)";
  return out;
}

}  // namespace llmops::plan

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/data_check.h"
#include "cli/demands.h"
#include "cli/options.h"
#include "cli/session.h"
#include "exec/executor.h"
#include "exec/inputs.h"
#include "exec/memory.h"
#include "report/plan_text.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string recipe, environment;
  std::vector<std::string> vars, steps;
  bool why = false, exit_code = false, json = false;
};

/// Follows what is up to date as far as it goes, and says of each step what would happen.
Result<report::PlanView, Errors> look(Session& session, sys::FileSystem& files, plan::Plan& plan) {
  Errors errors;
  exec::Memory memory(session.services(), plan.recipe->name, plan.recipe->environment);
  report::PlanView view;
  view.recipe = plan.recipe->name;
  view.environment = plan.recipe->environment;
  std::map<std::size_t, report::PlanRow> rows;
  auto ready = plan::ready(plan);
  for (std::size_t at = 0; at < ready.size(); ++at) {
    const auto index = ready[at];
    auto& planned = plan.steps[index];
    TRY(auto found, exec::look_up(session.services(), planned));
    if (found.outcome) {
      for (const auto next : plan::advance(plan, session.scope(), index, *std::move(found.outcome)))
        ready.push_back(next);
      continue;
    }
    report::PlanRow row;
    row.state = "run";
    row.reason = found.reason.empty() ? exec::reason_to_run(memory, planned) : found.reason;
    if (const auto* before = memory.parts(planned.id)) row.changes = plan::changes(*before, planned.parts);
    const auto& step = plan.recipe->steps[index];
    auto inputs = exec::inputs_of(session.services(), plan, step, plan::scope_of(plan, session.scope(), step));
    append_new(errors, inputs ? check_data(files, step, *inputs) : inputs.error());
    if (inputs) {
      inputs->latencies = memory.latencies(planned.id);
      row.estimate = step.kind->estimate(step.config, *inputs);
    }
    rows[index] = std::move(row);
  }
  if (!errors.empty()) return errors;
  for (const auto index : plan.graph.order) {
    const auto& planned = plan.steps[index];
    if (!planned.selected) continue;
    report::PlanRow row = rows.contains(index) ? rows[index] : report::PlanRow{};
    row.id = planned.id;
    row.kind = plan.recipe->steps[index].kind->name();
    row.key = planned.key;
    if (row.state.empty() && planned.state == plan::State::done) {
      row.state = step::to_string(planned.outcome->status);
      row.reason = planned.outcome->reason;
    } else if (row.state.empty()) {
      row.state = "unknown";
      std::vector<std::string> open;
      for (const auto need : plan.graph.needs[index]) {
        if (plan.steps[need].state != plan::State::done) open.push_back("`" + plan.steps[need].id + "`");
      }
      row.reason = "unknown until " + text::join(open, ", ");
    }
    view.rows.push_back(std::move(row));
  }
  return view;
}

}  // namespace

Action declare_plan(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("recipe", options->recipe, "The recipe, by path or name; without one, the only recipe there is.");
  add_environment(app, options->environment);
  app.add_option("--step", options->steps, "Only this step and those it needs; may be given again.")->type_name("ID");
  app.add_option("--var", options->vars, "A value of `vars`; may be given again.")->type_name("K=V");
  app.add_flag("--why", options->why, "Say what changed for each step that would run, old digest and new.");
  app.add_flag("--exit-code", options->exit_code, "Status 1 where something would run, 0 where all is up to date.");
  add_json(app, options->json);
  return [options](Shell& shell) {
    auto session = Session::open(shell, Session::Need::repository);
    if (!session) return shell.fail(session.error());
    auto recipes =
        recipes_or_only(**session, options->recipe.empty() ? std::vector<std::string>{} : std::vector{options->recipe});
    if (!recipes) return shell.fail(recipes.error());
    auto ready = (*session)->ready({recipes->front(), options->environment, options->vars});
    if (!ready) return shell.fail(ready.error());
    shell.warn(recipe::warnings(ready->recipe->document, shell.kinds));
    shell.warn(plan::warnings(*ready->recipe, ready->identities));
    auto plan = (*session)->plan(*ready);
    if (!plan) return shell.fail(plan.error());
    if (!options->steps.empty()) {
      if (auto selected = plan::select(*plan, options->steps); !selected) return shell.fail(selected.error());
    }
    auto view = look(**session, shell.system.files, *plan);
    if (!view) return shell.fail(view.error());
    view->release_key = ready->release_key;
    if (const auto allowed = check_demands(**session, *ready); !allowed) {
      if (allowed.error().kind != ErrorKind::refused) return shell.fail(allowed.error());
      view->refused = allowed.error().message;
      shell.warn({allowed.error()});
    }
    if (options->json) {
      shell.print(report::to_node(*view));
    } else {
      shell.print(
          report::plan_text(*view, options->why ? report::Why::yes : report::Why::no, shell.console.out_colour));
    }
    return options->exit_code && view->would_run() ? static_cast<int>(kFailed) : static_cast<int>(kPassed);
  };
}

}  // namespace llmops::cli

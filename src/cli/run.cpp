#include <CLI/CLI.hpp>
#include <thread>

#include "base/text.h"
#include "cli/case_choice.h"
#include "cli/command.h"
#include "cli/demands.h"
#include "cli/exit_status.h"
#include "cli/options.h"
#include "cli/reports.h"
#include "cli/session.h"
#include "cli/version.h"
#include "exec/executor.h"
#include "report/events_file.h"
#include "report/progress.h"
#include "report/run_text.h"

namespace llmops::cli {
namespace {

constexpr std::int64_t kMost = 1'000'000'000'000;

struct Options {
  std::vector<std::string> recipes, vars, steps, reports;
  std::string environment, events;
  std::size_t jobs = std::max(1u, std::thread::hardware_concurrency());
  bool force = false, keep_going = false, offline = false, json = false;
  model::BudgetLimits budget;
  std::optional<double> budget_usd;
  CaseChoice cases;
};

class Runner {
 public:
  Runner(Shell& shell, const Options& options, Session& session) : shell_(shell), options_(options), session_(session) {
    auto limits = options.budget;
    if (options.budget_usd) limits.usd = Usd{*options.budget_usd};
    if (limits.any()) budget_.emplace(limits, model::Budget::Owner::command, shell.system.clock.monotonic());
  }

  int run_all(std::vector<std::string> recipes) {
    int status = kPassed;
    auto documents = doc::Node::list();
    // What is wrong with the last of several is told before the first runs.
    for (std::size_t i = 1; i < recipes.size(); ++i) {
      if (const auto ready = session_.ready({recipes[i], options_.environment, options_.vars}); !ready)
        return shell_.fail(ready.error());
    }
    for (const auto& recipe : recipes) {
      auto result = run_one(recipe);
      if (!result) {
        status = worse(status, shell_.fail(result.error()));
        continue;
      }
      status = worse(status, status_of(result->run));
      show_failures(result->run);
      if (options_.json || !options_.reports.empty()) {
        auto document = lineage::to_document(result->run);
        if (const auto errors = write_reports(shell_, session_, document, options_.reports); !errors.empty()) {
          beside_ = worse(beside_, shell_.fail(errors));
        }
        if (options_.json) documents.push_back(std::move(document));
      }
      if (!options_.json) {
        shell_.print(report::run_text(result->run, shell_.console.out_colour));
        tell_where(*result);
      }
      if (status == kInterrupted) break;
    }
    if (options_.json && documents.size() > 0)
      shell_.print(recipes.size() == 1 ? documents.items().front() : documents);
    return worse(status, beside_);
  }

 private:
  Result<exec::RunResult, Errors> run_one(const std::string& recipe) {
    TRY(auto whole, session_.ready({recipe, options_.environment, options_.vars}));
    TRY(const auto narrow, narrowed(session_, std::move(whole), options_.cases));
    const auto& ready = narrow.ready;
    shell_.warn(recipe::warnings(ready.recipe->document, shell_.kinds));
    shell_.warn(plan::warnings(*ready.recipe, ready.identities));
    TRY_VOID(check_demands(session_, ready));
    TRY(auto plan, session_.plan(ready));
    const auto& steps = options_.steps.empty() ? narrow.steps : options_.steps;
    if (!steps.empty()) TRY_VOID(plan::select(plan, steps));
    exec::RunOptions run;
    run.jobs = std::max<std::size_t>(1, options_.jobs);
    run.on_failure = options_.keep_going ? exec::OnFailure::keep_going : exec::OnFailure::stop;
    run.reuse = options_.force ? exec::Reuse::no : exec::Reuse::yes;
    run.network = options_.offline ? exec::Network::forbidden : exec::Network::allowed;
    run.budget = budget_ ? &*budget_ : nullptr;
    run.release_key = ready.release_key;
    run.version = version();
    run.cases = options_.cases.empty() ? exec::Cases::all : exec::Cases::some;
    report::RunProgress progress(shell_.console, shell_.system.clock);
    if (!events_) {
      events_.emplace(shell_.system, options_.events.empty() ? sys::Path() : shell_.folder / options_.events);
      TRY_VOID(events_->written());
    }
    auto result = exec::run(session_.services(), std::move(plan), session_.scope(), run, shell_.stop(),
                            [&](const exec::Event& event) {
                              progress.hear(event);
                              events_->hear(event);
                            });
    if (const auto& written = events_->written(); !written && !std::exchange(told_of_events_, true)) {
      beside_ = worse(beside_, shell_.fail(written.error()));
    }
    return result;
  }

  /// Each error once, with all steps that ended with it: several may read one file.
  void show_failures(const lineage::Run& run) const {
    std::vector<std::pair<Error, std::vector<std::string>>> failures;
    for (const auto& step : run.steps) {
      if (!step.outcome.error) continue;
      auto same = std::find_if(failures.begin(), failures.end(),
                               [&](const auto& known) { return known.first == *step.outcome.error; });
      if (same == failures.end()) same = failures.insert(same, {*step.outcome.error, {}});
      same->second.push_back("`" + step.id + "`");
    }
    for (auto& [error, steps] : failures) {
      shell_.console.err(render(std::move(error).within(
          (steps.size() == 1 ? "running the step " : "running the steps ") + text::join(steps, ", "))));
    }
  }

  void tell_where(const exec::RunResult& result) const {
    if (result.record.empty()) return;
    shell_.print("recorded on " + result.run.commit.substr(0, 10) +
                 "; see `git log --notes=llmops -1` and `llmops show`\n");
  }

  Shell& shell_;
  const Options& options_;
  Session& session_;
  std::optional<model::Budget> budget_;       ///< Of all recipes together.
  std::optional<report::EventsFile> events_;  ///< Of all of them, one after the other.
  bool told_of_events_ = false;
  int beside_ = kPassed;  ///< What became of the files that were asked for beside the run itself.
};

}  // namespace

Action declare_run(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("recipe", options->recipes, "Recipes, by path or name; without one, the only recipe there is.");
  add_environment(app, options->environment);
  app.add_option("--step", options->steps, "Only this step and those it needs; may be given again.")->type_name("ID");
  app.add_option("--var", options->vars, "A value of `vars`; may be given again.")->type_name("K=V");
  app.add_flag("--force", options->force, "Run the steps again and ask again, whatever is cached.");
  app.add_option("--jobs,-j", options->jobs, "Steps that run at once.")->type_name("N")->check(whole_number(1, 1024));
  app.add_flag("--keep-going,-k", options->keep_going, "After a failure, do what does not depend on it.");
  app.add_flag("--offline", options->offline, "Only cached answers and models on this machine.");
  app.add_option("--budget-usd", options->budget_usd, "Stop asking when this much is spent, by all steps together.")
      ->type_name("X")
      ->check(not_negative());
  app.add_option("--budget-tokens", options->budget.tokens, "The same of tokens, of prompts and answers together.")
      ->type_name("N")
      ->check(whole_number(0, kMost));
  app.add_option("--budget-queries", options->budget.queries, "The same of queries that are really asked.")
      ->type_name("N")
      ->check(whole_number(0, kMost));
  app.add_option("--budget-minutes", options->budget.minutes,
                 "Stop asking after so many minutes; what is on its way then is awaited.")
      ->type_name("X")
      ->check(not_negative());
  app.add_option("--events", options->events,
                 "Write what happens as JSON, one object a line; of several recipes, one after the other.")
      ->type_name("FILE");
  add_case_choice(app, options->cases);
  add_report(app, options->reports);
  add_json(app, options->json);
  return [options](Shell& shell) {
    // While this process is small: a fork after the plan is made copies each page that either of the two writes to.
    // Where it can't be started, the run says so.
    static_cast<void>(shell.system.process.start_supervisor());
    auto session = Session::open(shell, Session::Need::commit);
    if (!session) return shell.fail(session.error());
    auto recipes = recipes_or_only(**session, options->recipes);
    if (!recipes) return shell.fail(recipes.error());
    if (const auto known = check_reports(options->reports, recipes->size()); !known) return shell.fail(known.error());
    return Runner(shell, *options, **session).run_all(*std::move(recipes));
  };
}

}  // namespace llmops::cli

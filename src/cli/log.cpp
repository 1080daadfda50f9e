#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "report/run_text.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string environment, metric, recipe;
  std::size_t most = 20;
  bool json = false;
};

}  // namespace

Action declare_log(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  add_environment(app, options->environment);
  app.get_option("--env")->description("Only runs in this environment.");
  app.add_option("--recipe", options->recipe, "Only runs of this recipe, by name.")->type_name("R");
  app.add_option("--metric", options->metric, "Show this metric of every cell.")->type_name("M");
  app.add_option("-n", options->most, "At most this many.")->type_name("N")->check(whole_number(1, 1'000'000));
  add_json(app, options->json);
  return [options](Shell& shell) {
    auto session = Session::open(shell, Session::Need::repository);
    if (!session) return shell.fail(session.error());
    auto records = lineage::Records::read((*session)->repository());
    if (!records) return shell.fail(records.error());
    tell_unreadable(shell, *records);
    std::vector<const lineage::RunEntry*> shown;
    for (const auto& run : records->runs()) {
      if (shown.size() >= options->most) break;
      if (!options->environment.empty() && run.document.get("environment", "") != options->environment) continue;
      if (!options->recipe.empty() && run.document.get("recipe", "") != options->recipe) continue;
      shown.push_back(&run);
    }
    if (options->json) {
      auto list = doc::Node::list();
      for (const auto* run : shown) list.push_back(run->document);
      shell.print(list);
    } else if (shown.empty()) {
      shell.console.err(records->runs().empty() ? "no runs are recorded yet; `llmops run` records them\n"
                                                : "no recorded run fits\n");
    } else {
      shell.print(report::log_text(shown, options->metric, shell.console.out_colour));
    }
    return static_cast<int>(kPassed);
  };
}

}  // namespace llmops::cli

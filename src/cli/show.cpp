#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/reports.h"
#include "cli/session.h"
#include "report/classes.h"
#include "report/run_text.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string what;
  std::vector<std::string> reports;
  bool json = false;
};

/// A run by id, a commit's newest run, or a step of the newest run that has it; the newest run when nothing is named.
Result<doc::Node> find(Session& session, const lineage::Records& records, const std::string& what) {
  if (records.runs().empty()) return usage_error("no runs are recorded yet", "`llmops run` records them");
  if (what.empty()) return records.runs().front().document;
  auto run = records.run(what);
  if (run) return (*run)->document;
  if (const auto commit = session.repository().resolve(what)) {
    const auto of_commit = records.of_commit(*commit);
    if (!of_commit.empty()) return of_commit.front()->document;
  }
  for (const auto& entry : records.runs()) {
    const auto* steps = entry.document.find("steps");
    if (!steps || !steps->is_list()) continue;
    for (const auto& step : steps->items()) {
      if (step.get("id", "") != what) continue;
      auto document = entry.document;
      document["steps"] = doc::Node(doc::List{step});
      return document;
    }
  }
  return std::move(run).error();
}

/// Whether something in it sorted cases into classes.
bool sorts(const doc::Node& document) {
  const auto* steps = document.find("steps");
  if (!steps || !steps->is_list()) return false;
  return std::any_of(steps->items().begin(), steps->items().end(), [](const doc::Node& step) {
    const auto* metrics = step.find("metrics");
    return metrics && metrics->is_list() &&
           std::any_of(metrics->items().begin(), metrics->items().end(),
                       [](const doc::Node& metric) { return metric.find("statistic") != nullptr; });
  });
}

}  // namespace

Action declare_show(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("what", options->what, "A run, a step or a commit; default: the latest run.");
  add_report(app, options->reports);
  add_json(app, options->json);
  return [options](Shell& shell) {
    if (const auto known = check_reports(options->reports, 1); !known) return shell.fail(known.error());
    auto session = Session::open(shell, Session::Need::repository);
    if (!session) return shell.fail(session.error());
    auto records = lineage::Records::read((*session)->repository());
    if (!records) return shell.fail(records.error());
    tell_unreadable(shell, *records);
    auto document = find(**session, *records, options->what);
    if (!document) return shell.fail(document.error());
    if (options->json) {
      shell.print(*document);
    } else {
      shell.print("run " + document->get("run", "") + "  started " + document->get("started", "") + "\n" +
                  report::run_text(*document, shell.console.out_colour));
      if (sorts(*document)) {
        const auto view = run_view(**session, *document);
        if (!view) return shell.fail(view.error());
        for (const auto& eval : view->evals) shell.print(report::classes_text(eval));
      }
    }
    const auto errors = write_reports(shell, **session, *document, options->reports);
    return errors.empty() ? static_cast<int>(kPassed) : shell.fail(errors);
  };
}

}  // namespace llmops::cli

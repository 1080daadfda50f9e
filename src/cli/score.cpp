#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/options.h"
#include "cli/reports.h"
#include "cli/session.h"
#include "exec/inputs.h"
#include "lineage/measured.h"
#include "report/metrics.h"
#include "steps/eval/rescore.h"
#include "steps/eval/scorers.h"

namespace llmops::cli {
namespace {

using lineage::MeasuredStep;

struct Options {
  std::string run;
  std::vector<std::string> vars, reports;
  bool json = false;
};

/// An output as a run's document has it, with other bytes.
doc::Node output_of(doc::Node was, const Digest& digest, std::size_t size) {
  was["digest"] = digest.to_string();
  if (was.find("size")) was["size"] = static_cast<std::int64_t>(size);
  return was;
}

const doc::Node* step_of(const doc::Node& document, const std::string& id) {
  const auto* steps = document.find("steps");
  if (!steps || !steps->is_list()) return nullptr;
  for (const auto& step : steps->items()) {
    if (step.get("id", "") == id) return &step;
  }
  return nullptr;
}

class Scoring {
 public:
  Scoring(Shell& shell, Session& session, const Options& options)
      : shell_(shell), session_(session), options_(options) {}

  Result<doc::Node, Errors> run() {
    TRY(const auto records, lineage::Records::read(session_.repository()));
    tell_unreadable(shell_, records);
    TRY(const auto side, lineage::side_of(session_.repository(), records, options_.run, {}));
    auto document = side.run->document;
    const auto recipe = document.get("recipe", ""), environment = document.get("environment", "");
    TRY(const auto ready, session_.ready({recipe, environment, options_.vars}));
    TRY(const auto plan, session_.plan(ready));
    auto steps = doc::Node::list();
    for (const auto& measured : side.steps) {
      const auto* step = find(*ready.recipe, measured.id);
      if (!step) {
        shell_.console.err("note: `" + recipe + "` has no eval `" + measured.id + "` now: it is left out\n");
        continue;
      }
      TRY(auto scored, rescored(plan, *step, measured, *step_of(side.run->document, measured.id)));
      steps.push_back(std::move(scored));
    }
    if (steps.size() == 0) return Errors{usage_error("`" + recipe + "` has none of the evals of that run now")};
    document["steps"] = std::move(steps);
    return document;
  }

 private:
  static const recipe::Step* find(const recipe::Recipe& recipe, const std::string& id) {
    for (const auto& step : recipe.steps) {
      if (step.id == id && step.here && step.kind->name() == "eval") return &step;
    }
    return nullptr;
  }

  Result<doc::Node, Errors> rescored(const plan::Plan& plan, const recipe::Step& step, const MeasuredStep& measured,
                                     const doc::Node& was) {
    TRY(const auto inputs,
        exec::inputs_of(session_.services(), plan, step, plan::scope_of(plan, session_.scope(), step)));
    const auto dataset = inputs.datasets.find(step.config.get("dataset", ""));
    if (dataset == inputs.datasets.end()) {
      return Errors{invalid_error("the dataset of `" + step.id + "` is not known before its steps have run", step.at)};
    }
    const auto& data = dataset->second;
    TRY(const auto cases, asset::Cases::open(shell_.system.files, data.file, data.path, data.fields));
    auto answers = measured.answers ? session_.cache().content().get(*measured.answers)
                                    : Result<std::string>(environment_error("no answers are kept"));
    if (!answers) {
      return Errors{environment_error("the answers of `" + step.id + "` are not on this machine",
                                      "they are kept where the run was made; run it here to ask again")};
    }
    TRY(const auto scored, steps::eval::rescore(step.config, {measured.results, *answers}, cases, inputs));
    if (scored.dropped > 0) {
      shell_.console.err("note: " + std::to_string(scored.dropped) + " answers of `" + step.id +
                         "` are to cases that the dataset has no more: they are left out\n");
    }
    return document_of(was, scored);
  }

  Result<doc::Node, Errors> document_of(const doc::Node& was, const steps::eval::Rescored& scored) {
    const auto results = score::to_jsonl(scored.results);
    auto& content = session_.cache().content();
    TRY(const auto results_digest, content.put(results));
    TRY(const auto answers_digest, content.put(scored.answers));
    auto metrics = doc::Node::list();
    for (const auto& summary : score::summarise(scored.results)) {
      if (summary.n > 0 || !steps::eval::may_be_unknown(summary.metric)) metrics.push_back(score::to_node(summary));
    }
    auto out = was;
    out["status"] = "cached";
    out["reason"] = "scored again, nothing asked";
    out["metrics"] = std::move(metrics);
    auto& outputs = out["outputs"];
    outputs["results"] = output_of(outputs["results"], results_digest, results.size());
    outputs["answers"] = output_of(outputs["answers"], answers_digest, scored.answers.size());
    for (const auto* count : {"asked", "cached", "errors", "retries"}) out["queries"][count] = 0;
    out["cost_usd"] = 0.0;
    out["duration_s"] = 0.0;
    return out;
  }

  Shell& shell_;
  Session& session_;
  const Options& options_;
};

}  // namespace

Action declare_score(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("run", options->run, "A run, a commit, an environment; with `:CELL`, one cell of it.")->required();
  app.add_option("--var", options->vars, "A value of `vars`; may be given again.")->type_name("K=V");
  add_report(app, options->reports);
  add_json(app, options->json);
  return [options](Shell& shell) {
    if (const auto known = check_reports(options->reports, 1); !known) return shell.fail(known.error());
    auto session = Session::open(shell, Session::Need::commit);
    if (!session) return shell.fail(session.error());
    auto document = Scoring(shell, **session, *options).run();
    if (!document) return shell.fail(document.error());
    if (options->json) {
      shell.print(*document);
    } else {
      shell.print("run " + document->get("run", "") + " of " + document->get("recipe", "") +
                  ", scored again as the recipe says now; nothing was asked\n");
      for (const auto& step : document->find("steps")->items()) {
        const auto& metrics = step.find("metrics")->items();
        shell.print(step.get("id", "") + "\n" + report::metrics_table(metrics, shell.console.out_colour, 4));
      }
    }
    const auto errors = write_reports(shell, **session, *document, options->reports);
    return errors.empty() ? static_cast<int>(kPassed) : shell.fail(errors);
  };
}

}  // namespace llmops::cli

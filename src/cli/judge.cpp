#include <CLI/CLI.hpp>

#include "asset/cases.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "lineage/measured.h"
#include "report/calibration_text.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string run, metric, of, labels, field, id;
  bool json = false;
};

/// `yes`, `1`, `pass` and the like; nothing for other words.
std::optional<bool> right_or_wrong(std::string_view written) {
  const auto word = text::lower(text::trim(written));
  for (const auto* good : {"true", "yes", "1", "1.0", "pass", "right", "good"}) {
    if (word == good) return true;
  }
  for (const auto* bad : {"false", "no", "0", "0.0", "fail", "wrong", "bad"}) {
    if (word == bad) return false;
  }
  return std::nullopt;
}

Error unclear(const std::string& case_id, std::string_view label) {
  return invalid_error("the label of the case `" + text::printable(case_id) + "` is `" +
                           text::printable(text::shorten(label, 40)) + "`, expected whether the answer is right",
                       {}, "write true or false, yes or no, 1 or 0, pass or fail, right or wrong, good or bad");
}

class Calibrating {
 public:
  Calibrating(Shell& shell, const Options& options, Session& session)
      : shell_(shell), options_(options), session_(session) {}

  Result<score::Calibration, Errors> run() {
    TRY(const auto records, lineage::Records::read(session_.repository()));
    tell_unreadable(shell_, records);
    TRY(const auto side, lineage::side_of(session_.repository(), records, options_.run, {}));
    TRY(const auto judged, find(side));
    TRY(const auto people, people_of(judged.cell));
    return score::calibrate(judged, *info_, people);
  }

 private:
  /// The cell and metric that are meant.
  Result<score::CellMetric> find(const lineage::Side& side) {
    std::vector<std::string> names;
    std::vector<score::CellMetric> found;
    const auto& wanted = options_.of.empty() ? side.cell : options_.of;
    for (const auto& step : side.steps) {
      const auto metric = step.results.metric_index(options_.metric);
      if (!metric) continue;
      for (const auto& cell : step.results.cells) {
        names.push_back("`" + cell.name() + "`");
        if (!wanted.empty() && cell.name() != wanted) continue;
        found.push_back({step.results, cell, *metric});
        info_ = &step.results.metrics[*metric];
      }
    }
    if (names.empty()) return usage_error("that run has no metric `" + options_.metric + "`");
    if (found.empty()) return usage_error("there is no cell `" + wanted + "`", "cells are " + text::join(names, ", "));
    if (found.size() > 1)
      return usage_error("several cells have the metric", "name one with `--of`: " + text::join(names, ", "));
    if (!info_->of_cases()) {
      return usage_error("`" + options_.metric + "` is of all cases together, and people say right or wrong of each");
    }
    if (info_->scale == score::Scale::amount)
      return usage_error("`" + options_.metric + "` is an amount, and people say right or wrong");
    return found.front();
  }

  Result<score::People, Errors> people_of(const score::CellResult& cell) {
    return options_.labels.empty() ? labels_in_fields(cell) : labels_in_file();
  }

  Result<score::People, Errors> labels_in_fields(const score::CellResult& cell) {
    score::People out;
    for (const auto& one : cell.cases) {
      const auto label = one.fields.find(options_.field);
      if (!label || label->empty()) continue;
      const auto right = right_or_wrong(*label);
      if (!right) return Errors{unclear(one.id, *label)};
      out.emplace(one.id, *right);
    }
    if (out.empty()) return Errors{usage_error("no case of that run has the field `" + options_.field + "`")};
    return out;
  }

  Result<score::People, Errors> labels_in_file() {
    const auto name = session_.from_root(options_.labels);
    TRY(const auto cases, asset::Cases::open(shell_.system.files, shell_.folder / options_.labels, name,
                                             {options_.field, options_.id, {}}));
    score::People out;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      TRY(const auto one, cases.at(i));
      const auto right = right_or_wrong(one.expected.value_or(""));
      if (!right) return Errors{unclear(one.id, one.expected.value_or(""))};
      out.emplace(one.id, *right);
    }
    return out;
  }

  Shell& shell_;
  const Options& options_;
  Session& session_;
  const score::MetricInfo* info_ = nullptr;
};

}  // namespace

Action declare_judge(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  auto* calibrate = app.add_subcommand("calibrate", "Compare a judge with people about the same answers.");
  calibrate->add_option("run", options->run, "A run, a commit, an environment; with `:CELL`, one cell of it.")
      ->required();
  calibrate->add_option("--metric", options->metric, "The judge's metric.")->required()->type_name("M");
  calibrate->add_option("--of", options->of, "The cell, `model/prompt`; without one, the only one there is.")
      ->type_name("CELL");
  calibrate->add_option("--labels", options->labels, "A JSON Lines or CSV file with a line for each case.")
      ->type_name("FILE");
  calibrate
      ->add_option("--field", options->field,
                   "The field that says whether the answer is right, in that file or in the cases themselves.")
      ->required()
      ->type_name("F");
  calibrate->add_option("--id", options->id, "The field of the file with the case's id; without one, `id`.")
      ->type_name("F");
  add_json(*calibrate, options->json);
  return [options](Shell& shell) {
    auto session = Session::open(shell, Session::Need::repository);
    if (!session) return shell.fail(session.error());
    const auto calibration = Calibrating(shell, *options, **session).run();
    if (!calibration) return shell.fail(calibration.error());
    if (options->json) {
      shell.print(score::to_node(*calibration));
    } else {
      shell.print(options->metric + "\n" + report::calibration_text(*calibration));
    }
    return static_cast<int>(kPassed);
  };
}

}  // namespace llmops::cli

#include <CLI/CLI.hpp>
#include <map>

#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "lineage/comparison.h"
#include "report/comparison_html.h"
#include "score/answers.h"

namespace llmops::cli {
namespace {

using lineage::Flip;
using lineage::Side;

struct Options {
  std::string a, b, recipe;
  std::size_t flips = 10;
  std::vector<std::string> reports;
  bool json = false;
};

/// The texts of the answers that are wanted, from the content store.
class Answers {
 public:
  Answers(store::Cache& cache, const Side& side) : cache_(cache), side_(side) {}

  void want(const Flip::Answer& answer, const std::string& case_id) {
    if (answer.digest) wanted_[answer.step][{answer.cell, case_id}] = std::nullopt;
  }

  /// Reads each file of answers once. What is not on this machine stays unknown.
  void read() {
    for (auto& [step, texts] : wanted_) {
      const auto& digest = side_.steps[step].answers;
      const auto bytes = digest ? cache_.content().get(*digest) : Result<std::string>(std::string());
      if (!bytes) continue;
      static_cast<void>(score::read_answers(*bytes, [&texts](score::AnswerLine line) {
        const auto place = texts.find({line.cell, line.case_id});
        if (place != texts.end() && line.repeat == 0) place->second = score::shown(line.output, line.tool_calls);
      }));
    }
  }

  std::optional<std::string> text(const Flip::Answer& answer, const std::string& case_id) const {
    const auto step = wanted_.find(answer.step);
    if (step == wanted_.end()) return std::nullopt;
    const auto found = step->second.find({answer.cell, case_id});
    return found == step->second.end() ? std::nullopt : found->second;
  }

 private:
  using Texts = std::map<std::pair<std::size_t, std::string>, std::optional<std::string>>;

  store::Cache& cache_;
  const Side& side_;
  std::map<std::size_t, Texts> wanted_;  ///< By step.
};

/// The lines that changed in prompts; nothing for what is no blob here.
std::vector<std::string> diffs_of(sys::GitRepository& repository, const lineage::ComparedRuns& compared) {
  std::vector<std::string> out;
  for (const auto& difference : compared.differences) {
    const auto diff = difference.blobs ? repository.diff(difference.before, difference.after) : std::string();
    out.push_back(diff ? *diff : std::string());
  }
  return out;
}

constexpr std::string_view kPage = ".html";

Result<void> check(const Options& options) {
  for (const auto& file : options.reports) {
    if (file.ends_with(kPage)) continue;
    return usage_error("`--report " + text::printable(file) + "` has no known ending",
                       "a comparison is written as `.html`; `--json` prints it for programs");
  }
  return {};
}

/// The cases of a side, with the answers that are on this machine.
Result<std::vector<report::EvalView>> cases_of(store::Cache& cache, const Side& side) {
  std::vector<report::EvalView> out;
  for (const auto& step : side.steps) {
    const auto bytes =
        step.answers ? cache.content().get(*step.answers) : Result<std::string>(environment_error("none"));
    TRY(auto eval, report::eval_view(step.id, step.results, bytes ? std::optional(*bytes) : std::nullopt));
    out.push_back(std::move(eval));
  }
  return out;
}

Errors write_pages(Shell& shell, Session& session, const report::ComparisonView& view,
                   const std::vector<std::string>& files) {
  if (files.empty()) return {};
  auto a = cases_of(session.cache(), view.a);
  if (!a) return {a.error()};
  auto b = cases_of(session.cache(), view.b);
  if (!b) return {b.error()};
  const auto page = report::html(view, {*std::move(a), *std::move(b)});
  Errors errors;
  for (const auto& file : files) {
    auto written = shell.system.files.write_atomically(shell.folder / file, page);
    if (!written) errors.push_back(std::move(written).error().within("writing the report `" + file + "`"));
  }
  return errors;
}

int compare(Shell& shell, const Options& options) {
  if (const auto known = check(options); !known) return shell.fail(known.error());
  auto session = Session::open(shell, Session::Need::repository);
  if (!session) return shell.fail(session.error());
  auto& repository = (*session)->repository();
  auto records = lineage::Records::read(repository);
  if (!records) return shell.fail(records.error());
  tell_unreadable(shell, *records);
  auto a = lineage::side_of(repository, *records, options.a, {options.recipe});
  if (!a) return shell.fail(a.error());
  auto b = lineage::side_of(repository, *records, options.b, {options.recipe});
  if (!b) return shell.fail(b.error());
  auto compared = lineage::compare(*a, *b, {});
  if (!compared) return shell.fail(compared.error());

  report::ComparisonView view{*a, *b, *compared, {}, diffs_of(repository, *compared), options.flips};
  Answers before((*session)->cache(), *a), after((*session)->cache(), *b);
  const auto shown = options.json ? compared->flips.size() : std::min(options.flips, compared->flips.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& flip = compared->flips[i];
    before.want(flip.answer_a, flip.case_id);
    after.want(flip.answer_b, flip.case_id);
  }
  before.read();
  after.read();
  for (const auto& flip : compared->flips) {
    view.outputs.emplace_back(before.text(flip.answer_a, flip.case_id), after.text(flip.answer_b, flip.case_id));
  }
  if (options.json) {
    shell.print(report::to_node(view));
  } else {
    shell.print(report::comparison_text(view, shell.console.out_colour, shell.console.width));
  }
  const auto errors = write_pages(shell, **session, view, options.reports);
  return errors.empty() ? static_cast<int>(kPassed) : shell.fail(errors);
}

}  // namespace

Action declare_compare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("a", options->a,
                 "A run, a commit, a branch or an environment, also with `:CELL`; or a cell of the "
                 "newest run.")
      ->required();
  app.add_option("b", options->b, "What it is compared with, likewise.")->required();
  app.add_option("--recipe", options->recipe, "Only runs of this recipe, by name.")->type_name("R");
  app.add_option("--flips", options->flips, "Show at most so many cases whose score changed.")
      ->type_name("N")
      ->check(whole_number(0, 1'000'000));
  app.add_option("--report", options->reports,
                 "Write the comparison as a page; FILE ends with .html. May be given again.")
      ->type_name("FILE");
  add_json(app, options->json);
  return [options](Shell& shell) { return compare(shell, *options); };
}

}  // namespace llmops::cli

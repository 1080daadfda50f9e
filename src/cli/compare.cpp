#include <CLI/CLI.hpp>
#include <map>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "lineage/comparison.h"
#include "report/comparison_text.h"
#include "score/answers.h"

namespace llmops::cli {
namespace {

using lineage::Flip;
using lineage::Side;

struct Options {
  std::string a, b, recipe;
  std::size_t flips = 10;
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

int compare(Shell& shell, const Options& options) {
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
  return kPassed;
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
  add_json(app, options->json);
  return [options](Shell& shell) { return compare(shell, *options); };
}

}  // namespace llmops::cli

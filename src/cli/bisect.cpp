#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <thread>

#include "base/text.h"
#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/version.h"
#include "exec/executor.h"
#include "exec/journal.h"
#include "score/comparison.h"

namespace llmops::cli {
namespace {

struct Options {
  std::string recipe, metric, of, good, bad = "HEAD", environment;
  std::vector<std::string> vars;
  std::size_t jobs = std::max(1u, std::thread::hardware_concurrency());
  bool offline = false, json = false;
};

constexpr std::size_t kMostCommits = 10'000;

std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

/// A second work tree of the repository, for other commits; gone with this object.
class Scratch {
 public:
  static Result<std::unique_ptr<Scratch>> open(Shell& shell, Session& session) {
    std::unique_ptr<Scratch> out(new Scratch(shell, session.repository().root()));
    TRY_VOID(exec::keep_from_git(shell.system.files, out->root_ / ".llmops"));
    TRY(out->lock_, shell.system.files.lock(out->root_ / ".llmops" / "bisect.lock", sys::FileSystem::Wait::no));
    if (!out->lock_) return environment_error("another `llmops bisect` is at work in this repository", "wait for it");
    out->remove();  // What a killed one left.
    TRY_VOID(out->git({"worktree", "add", "--detach", "--no-checkout", out->folder_.string(), "HEAD"}));
    return out;
  }
  ~Scratch() { remove(); }

  Result<void> check_out(const sys::ObjectId& commit) {
    return git({"-C", folder_.string(), "checkout", "--force", "--detach", "--quiet", commit});
  }
  const sys::Path& folder() const { return folder_; }

 private:
  Scratch(Shell& shell, sys::Path root)
      : shell_(shell), root_(std::move(root)), folder_(root_ / ".llmops" / "bisect") {}

  void remove() {
    static_cast<void>(git({"worktree", "remove", "--force", "--force", folder_.string()}));
    static_cast<void>(shell_.system.files.remove(folder_));
    static_cast<void>(git({"worktree", "prune"}));
  }

  Result<void> git(std::vector<std::string> arguments) {
    sys::ProcessSpec spec;
    spec.argv = {"git"};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.folder = root_;
    spec.env = shell_.system.env.all();
    std::string said;
    TRY(const auto end,
        shell_.system.process.run(spec, {}, [&](sys::Stream, std::string_view bytes) { said += bytes; }));
    if (end.ok()) return {};
    return environment_error("`git " + text::join(arguments, " ") +
                             "` failed: " + text::printable(text::shorten(text::trim(said), 200)));
  }

  Shell& shell_;
  sys::Path root_, folder_;
  std::unique_ptr<sys::FileLock> lock_;
};

/// What an eval said at a commit.
struct Measured {
  score::Results results;
  std::int64_t asked = 0;
};

struct Visit {
  sys::CommitInfo commit;
  std::optional<Measured> measured;
  std::string skipped;  ///< Why there is nothing to measure.
};

class Bisection {
 public:
  Bisection(Shell& shell, const Options& options, Session& session)
      : shell_(shell), options_(options), session_(session) {}

  Result<int, Errors> run() {
    TRY(auto path, commits_between());
    visits_.resize(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) visits_[i].commit = std::move(path[i]);
    TRY(scratch_, Scratch::open(shell_, session_));
    std::size_t low = 0, high = visits_.size() - 1;
    for (const auto end : {low, high}) {
      TRY_VOID(visit(end));
      if (!visits_[end].measured) {
        return Errors{usage_error("there is nothing to measure at " + shown(end) + ": " + visits_[end].skipped)};
      }
    }
    const auto whole = compare(low, high);
    if (!is_shown(whole)) return tell_nothing(whole);
    while (high - low > 1) {
      TRY(const auto middle, next_between(low, high));
      if (!middle) break;
      (is_like_good(*middle) ? low : high) = *middle;
    }
    return tell_found(low, high, whole);
  }

 private:
  /// From the good commit to the bad one, along first parents.
  Result<std::vector<sys::CommitInfo>> commits_between() {
    auto& repository = session_.repository();
    TRY(const auto good, repository.resolve(options_.good));
    TRY(auto at, repository.resolve(options_.bad));
    std::vector<sys::CommitInfo> out;
    while (out.size() < kMostCommits) {
      TRY(auto commit, repository.commit(at));
      out.push_back(commit);
      if (at == good) break;
      if (commit.parents.empty()) break;
      at = commit.parents.front();
    }
    if (out.back().id != good) {
      return usage_error("`" + options_.good + "` is not among the first-parent ancestors of `" + options_.bad + "`",
                         "name an earlier commit of the same branch with `--good`");
    }
    if (out.size() < 2) return usage_error("`--good` and `--bad` are one commit", "name an earlier one with `--good`");
    std::reverse(out.begin(), out.end());
    return out;
  }

  std::string shown(std::size_t index) const {
    const auto& commit = visits_[index].commit;
    return commit.id.substr(0, 10) + " (" + text::printable(text::shorten(first_line(commit.message), 60)) + ")";
  }

  /// Measures at a commit; what can't be measured there is told in the visit.
  Result<void> visit(std::size_t index) {
    auto& visit = visits_[index];
    if (visit.measured || !visit.skipped.empty()) return {};
    TRY_VOID(scratch_->check_out(visit.commit.id));
    auto measured = measure();
    if (shell_.stop().stop_requested()) {
      return Error{ErrorKind::interrupted, "stopped while bisecting", {}, "what was asked is kept: run it again", {}};
    }
    if (measured) {
      visit.measured = *std::move(measured);
      shell_.console.err(shown(index) + ": " + value_at(index) + ", " + std::to_string(visit.measured->asked) +
                         " asked\n");
    } else {
      visit.skipped = measured.error().front().message;
      shell_.console.err(shown(index) + ": passed over, " + visit.skipped + "\n");
    }
    return {};
  }

  Result<Measured, Errors> measure() {
    auto shell = shell_;
    shell.folder = scratch_->folder();
    TRY(auto session, Session::open(shell, Session::Need::commit));
    TRY(const auto recipes,
        recipes_or_only(*session, options_.recipe.empty() ? std::vector<std::string>{} : std::vector{options_.recipe}));
    TRY(const auto ready, session->ready({recipes.front(), options_.environment, options_.vars}));
    TRY(auto plan, session->plan(ready));
    TRY(const auto id, step_of(*ready.recipe));
    TRY_VOID(plan::select(plan, {id}));
    exec::RunOptions run;
    run.jobs = options_.jobs;
    run.network = options_.offline ? exec::Network::forbidden : exec::Network::allowed;
    run.release_key = ready.release_key;
    run.version = version();
    Measured out;
    TRY(const auto result, exec::run(session->services(), std::move(plan), session->scope(), run, shell_.stop(),
                                     [](const exec::Event&) {}));
    for (const auto& step : result.run.steps) {
      out.asked += step.outcome.queries.asked;
      if (step.id != id) continue;
      if (step.outcome.error) return Errors{*step.outcome.error};
      const auto* results = step.outcome.output("results");
      if (!results || !results->digest) return Errors{step_error("`" + id + "` gave no results")};
      TRY(const auto bytes, session->cache().content().get(*results->digest));
      TRY(out.results, score::results_from_jsonl("the results of " + id, bytes));
    }
    if (const auto where = cell_of(out.results); !where) return Errors{where.error()};
    return out;
  }

  /// The eval that measures the metric in the cell.
  Result<std::string> step_of(const recipe::Recipe& recipe) const {
    std::vector<std::string> found;
    for (const auto& step : recipe.steps) {
      const auto& measures = step.declared.measures;
      if (!step.here || step.kind->name() != "eval" || !measures.metrics) continue;
      const auto& metrics = *measures.metrics;
      const auto* dataset = recipe.dataset(measures.dataset);
      const bool told_by_cases = dataset && !schema::read<recipe::DatasetConfig>(dataset->config).assertions.empty();
      if (!told_by_cases && std::find(metrics.begin(), metrics.end(), options_.metric) == metrics.end()) continue;
      const auto is_meant = [&](const step::Measures::Cell& cell) {
        return options_.of.empty() ||
               options_.of == (cell.prompt.empty() ? cell.model : cell.model + "/" + cell.prompt);
      };
      if (measures.cells && std::none_of(measures.cells->begin(), measures.cells->end(), is_meant)) continue;
      found.push_back(step.id);
    }
    if (found.size() == 1) return found.front();
    const auto what = "`" + options_.metric + "`" + (options_.of.empty() ? "" : " of `" + options_.of + "`");
    if (found.empty()) return usage_error("no eval measures " + what);
    return usage_error("several evals measure " + what + ": " + text::join(found, ", "));
  }

  struct Where {
    const score::CellResult* cell;
    std::size_t metric;
  };
  Result<Where> cell_of(const score::Results& results) const {
    const auto metric = results.metric_index(options_.metric);
    const auto* cell =
        options_.of.empty() && results.cells.size() == 1 ? &results.cells.front() : results.cell(options_.of);
    if (!metric) return usage_error("there is no metric `" + options_.metric + "`");
    if (!cell) {
      return usage_error(options_.of.empty() ? "several cells were measured: name one with `--of`"
                                             : "there is no cell `" + options_.of + "`",
                         "cells are " + text::join(results.cell_names(), ", "));
    }
    return Where{cell, *metric};
  }

  std::string value_at(std::size_t index) const {
    const auto& results = visits_[index].measured->results;
    const auto where = *cell_of(results);
    const auto summary = score::summarise(results, *where.cell, where.metric);
    if (summary.n == 0) return "no case scored";
    return options_.metric + " " + text::from_double(std::round(summary.value * 1e4) / 1e4) +
           " (n = " + std::to_string(summary.n) + ")";
  }

  score::Comparison compare(std::size_t from, std::size_t to) const {
    const auto &a = visits_[from].measured->results, &b = visits_[to].measured->results;
    const auto left = *cell_of(a), right = *cell_of(b);
    return score::compare({a, *left.cell, left.metric}, {b, *right.cell, right.metric}, a.metrics[left.metric], {});
  }

  static bool is_shown(const score::Comparison& one) { return one.p && *one.p < 0.05 && one.difference != 0; }

  /// Nearer to the first commit's scores than to the last one's, case by case.
  bool is_like_good(std::size_t index) const {
    return std::abs(compare(0, index).difference) <= std::abs(compare(index, visits_.size() - 1).difference);
  }

  /// The commit nearest to the middle that can be measured; nothing where none between can.
  Result<std::optional<std::size_t>> next_between(std::size_t low, std::size_t high) {
    const auto middle = low + (high - low) / 2;
    for (std::size_t away = 0; away < high - low; ++away) {
      for (const auto index : {middle - std::min(away, middle), middle + away}) {
        if (index <= low || index >= high) continue;
        TRY_VOID(visit(index));
        if (visits_[index].measured) return std::optional(index);
      }
    }
    return std::optional<std::size_t>();
  }

  static std::string difference_text(const score::Comparison& one) {
    const auto number = [](double value) { return text::from_double(std::round(value * 1e4) / 1e4); };
    auto out = number(one.a) + " → " + number(one.b) + ", difference " + number(one.difference) + " [" +
               number(one.low) + ", " + number(one.high) + "], n = " + std::to_string(one.n);
    if (one.p) out += ", p = " + text::from_double(std::round(*one.p * 1e4) / 1e4);
    return out;
  }

  doc::Node node_of(const score::Comparison& one) const {
    return doc::Node::map({{"n", static_cast<std::int64_t>(one.n)},
                           {"before", one.a},
                           {"after", one.b},
                           {"difference", one.difference},
                           {"low", one.low},
                           {"high", one.high},
                           {"p", one.p ? doc::Node(*one.p) : doc::Node()}});
  }

  doc::Node document(const score::Comparison& whole) const {
    auto visited = doc::Node::list();
    for (const auto& visit : visits_) {
      if (!visit.measured && visit.skipped.empty()) continue;
      auto one = doc::Node::map({{"commit", visit.commit.id}, {"subject", first_line(visit.commit.message)}});
      one["asked"] = visit.measured ? visit.measured->asked : std::int64_t{0};
      one["skipped"] = visit.skipped.empty() ? doc::Node() : doc::Node(visit.skipped);
      visited.push_back(std::move(one));
    }
    return doc::Node::map({{"metric", options_.metric},
                           {"of", options_.of},
                           {"good", visits_.front().commit.id},
                           {"bad", visits_.back().commit.id},
                           {"whole", node_of(whole)},
                           {"commit", doc::Node()},
                           {"step", doc::Node()},
                           {"not_measured", doc::Node::list()},
                           {"visited", std::move(visited)}});
  }

  Result<int, Errors> tell_nothing(const score::Comparison& whole) {
    if (options_.json) {
      shell_.print(document(whole));
    } else {
      shell_.print(
          options_.metric + ": " + difference_text(whole) + "\ninconclusive: these cases don't show that it moved" +
          (whole.smallest_detectable
               ? "; they would show a difference of " +
                     text::from_double(std::round(*whole.smallest_detectable * 1e3) / 1e3) + " four times in five"
               : std::string()) +
          "\n");
    }
    return static_cast<int>(kInconclusive);
  }

  Result<int, Errors> tell_found(std::size_t low, std::size_t high, const score::Comparison& whole) {
    const auto step = compare(low, high);
    if (options_.json) {
      auto out = document(whole);
      out["commit"] = visits_[high].commit.id;
      out["step"] = node_of(step);
      for (auto i = low + 1; i < high; ++i) out["not_measured"].push_back(visits_[i].commit.id);
      shell_.print(out);
      return static_cast<int>(kPassed);
    }
    const auto& commit = visits_[high].commit;
    auto text = commit.id + "\n    " + text::printable(first_line(commit.message)) + "\n    " +
                text::printable(commit.author) + "\n" + options_.metric + " there: " + difference_text(step) +
                "\nall in all: " + difference_text(whole) + "\n";
    if (high - low > 1) {
      text +=
          "it may be one of the " + std::to_string(high - low - 1) + " commits before it that could not be measured\n";
    }
    if (!is_shown(step)) {
      text += "these cases don't show that this one commit moved it: it may have moved little by little\n";
    }
    shell_.print(text);
    return static_cast<int>(kPassed);
  }

  Shell& shell_;
  const Options& options_;
  Session& session_;
  std::unique_ptr<Scratch> scratch_;
  std::vector<Visit> visits_;
};

}  // namespace

Action declare_bisect(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("recipe", options->recipe, "The recipe, by path or name; without one, the only one there is.");
  app.add_option("--metric", options->metric, "The metric that moved.")->required()->type_name("M");
  app.add_option("--of", options->of, "The cell, `model/prompt`; without one, the only one there is.")
      ->type_name("CELL");
  app.add_option("--good", options->good, "A commit from before it moved.")->required()->type_name("REV");
  app.add_option("--bad", options->bad, "A commit from after; without one, HEAD.")->type_name("REV");
  add_environment(app, options->environment);
  app.add_option("--var", options->vars, "A value of `vars`; may be given again.")->type_name("K=V");
  app.add_flag("--offline", options->offline, "Only cached answers and models on this machine.");
  add_json(app, options->json);
  return [options](Shell& shell) {
    auto session = Session::open(shell, Session::Need::commit);
    if (!session) return shell.fail(session.error());
    auto status = Bisection(shell, *options, **session).run();
    return status ? *status : shell.fail(status.error());
  };
}

}  // namespace llmops::cli

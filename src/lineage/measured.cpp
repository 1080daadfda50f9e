#include "lineage/measured.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace llmops::lineage {
namespace {

const doc::Node* steps_of(const RunEntry& run) {
  const auto* steps = run.document.find("steps");
  return steps && steps->is_list() ? steps : nullptr;
}

bool has_results(const doc::Node& step) {
  const auto* outputs = step.find("outputs");
  const auto* results = outputs ? outputs->find("results") : nullptr;
  return step.get("kind", "") == "eval" && results && !step.get("statement", "").empty();
}

bool measured_anything(const RunEntry& run) {
  const auto* steps = steps_of(run);
  return steps && std::any_of(steps->items().begin(), steps->items().end(), has_results);
}

std::optional<Digest> answers_of(const doc::Node& step) {
  const auto* answers = step.find("outputs")->find("answers");
  return answers ? Digest::parse(answers->get("digest", "")) : std::nullopt;
}

/// `REF:CELL`; a reference to a commit holds no colon but `REV:PATH`, which names no commit.
std::pair<std::string, std::string> parted(const std::string& what) {
  const auto colon = what.find(':');
  if (colon == std::string::npos) return {what, {}};
  return {what.substr(0, colon), what.substr(colon + 1)};
}

class Finder {
 public:
  Finder(sys::GitRepository& repository, const Records& records, const SideOptions& options)
      : repository_(repository), records_(records), recipe_(options.recipe) {
    for (const auto& run : records.runs()) {
      if (!options.recipe.empty() && run.document.get("recipe", "") != options.recipe) continue;
      if (measured_anything(run)) runs_.push_back(&run);
    }
  }

  Result<Side> find(const std::string& what) {
    if (runs_.empty()) {
      return usage_error(
          "no recorded run " + (recipe_.empty() ? "" : "of `" + recipe_ + "` ") + "has measured anything",

          recipe_.empty() ? "`llmops run` records one" : "`llmops run " + recipe_ + "` records one");
    }
    Side side;
    side.asked = what;
    const auto [name, cell] = parted(what);
    side.cell = cell;
    TRY(side.run, run_named(name));
    if (!side.run && cell.empty() && is_cell_of(*runs_.front(), what)) {
      side.run = runs_.front();
      side.cell = what;
    }
    if (!side.run) return unknown(what);
    TRY(side.steps, read(*side.run));
    if (!side.cell.empty()) TRY_VOID(check_cell(side));
    return side;
  }

 private:
  /// Null where nothing has this name.
  Result<const RunEntry*> run_named(const std::string& name) {
    if (auto run = records_.run(name); run && std::find(runs_.begin(), runs_.end(), *run) != runs_.end()) return *run;
    if (const auto commit = repository_.resolve(name)) {
      const auto found = first([&](const RunEntry& run) { return run.commit == *commit; });
      if (found) return found;
      return usage_error(
          "`" + name + "` is the commit " + commit->substr(0, 10) + ", and no run that measured is recorded there",
          "go there and run it: `git switch --detach " + commit->substr(0, 10) +
              " && llmops run`; answers that are cached cost nothing");
    }
    return first([&](const RunEntry& run) { return run.document.get("environment", "") == name; });
  }

  template <class Fits>
  const RunEntry* first(Fits fits) const {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [&](const auto* run) { return fits(*run); });
    return found == runs_.end() ? nullptr : *found;
  }

  static bool is_cell_of(const RunEntry& run, const std::string& name) {
    const auto cells = cells_of(run);
    return cells.contains(name);
  }

  static std::set<std::string> cells_of(const RunEntry& run) {
    std::set<std::string> out;
    for (const auto& step : steps_of(run)->items()) {
      const auto* metrics = step.find("metrics");
      if (!has_results(step) || !metrics || !metrics->is_list()) continue;
      for (const auto& metric : metrics->items()) {
        const auto prompt = metric.get("prompt", "");
        out.insert(metric.get("model", "") + (prompt.empty() ? "" : "/" + prompt));
      }
    }
    return out;
  }

  Error unknown(const std::string& what) const {
    std::vector<std::string> known;
    for (const auto* run : runs_) known.push_back(run->document.get("environment", ""));
    for (const auto& cell : cells_of(*runs_.front())) known.push_back(cell);
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    const auto guess = text::closest(what, known);
    return usage_error("there is no run, commit, environment or cell `" + what + "` that was measured",
                       guess.empty() ? "`llmops log` lists runs; environments and cells are " + text::join(known, ", ")
                                     : "did you mean `" + guess + "`?");
  }

  Result<std::vector<MeasuredStep>> read(const RunEntry& run) {
    std::vector<MeasuredStep> out;
    for (const auto& step : steps_of(run)->items()) {
      if (!has_results(step)) continue;
      TRY(const auto bytes, results_of(repository_, records_, step));
      MeasuredStep measured;
      measured.id = step.get("id", "");
      TRY(measured.results, score::results_from_jsonl("the results of `" + measured.id + "`", bytes));
      measured.answers = answers_of(step);
      out.push_back(std::move(measured));
    }
    return out;
  }

  static Result<void> check_cell(const Side& side) {
    std::vector<std::string> known;
    for (const auto& step : side.steps) {
      if (step.results.cell(side.cell)) return {};
      for (const auto& name : step.results.cell_names()) known.push_back(name);
    }
    return usage_error("the run " + side.run->id() + " has no cell `" + side.cell + "`",
                       text::did_you_mean(side.cell, known));
  }

  sys::GitRepository& repository_;
  const Records& records_;
  std::string recipe_;
  std::vector<const RunEntry*> runs_;  ///< Newest first.
};

}  // namespace

Result<std::string> results_of(sys::GitRepository& repository, const Records& records, const doc::Node& step) {
  const auto digest = Digest::parse(step.get("statement", ""));
  if (const auto* record = digest ? records.find(*digest) : nullptr) {
    TRY(auto bytes, records.results(repository, *record));
    if (bytes) return *std::move(bytes);
  }
  return environment_error("the results of `" + step.get("id", "") + "` are not in this repository",
                           "`git fetch origin refs/llmops/*:refs/llmops/*` brings the records that others pushed");
}

Result<Side> side_of(sys::GitRepository& repository, const Records& records, const std::string& what,
                     const SideOptions& options) {
  return Finder(repository, records, options).find(what);
}

}  // namespace llmops::lineage

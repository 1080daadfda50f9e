#include "cli/case_choice.h"

#include <CLI/CLI.hpp>
#include <map>
#include <set>

#include "cli/options.h"
#include "lineage/measured.h"

namespace llmops::cli {
namespace {

/// A case failed where any answer to it got less than it could in a metric of what passes; it has an error where a
/// query or a scorer could not be done.
enum class Looked { failing, errors };

bool is_looked_for(const score::Results& results, const score::CaseResult& one, Looked looked) {
  if (looked == Looked::errors) {
    if (!one.error.empty()) return true;
  }
  for (std::size_t metric = 0; metric < results.metrics.size(); ++metric) {
    const auto& info = results.metrics[metric];
    if (info.scale == score::Scale::amount) continue;
    const auto& value = one.scores.at(metric);
    if (looked == Looked::errors && !value && score::has_metric(one, metric)) return true;
    if (looked == Looked::failing && info.scale == score::Scale::binary && value && *value < 1) return true;
  }
  return false;
}

using ById = std::map<std::string, std::set<std::string>>;

/// The cases of a run by step.
Result<ById> cases_of(Session& session, const std::string& name, const std::string& recipe, Looked looked) {
  TRY(const auto records, lineage::Records::read(session.repository()));
  TRY(const auto side, lineage::side_of(session.repository(), records, name, {recipe}));
  ById out;
  for (const auto& step : side.steps) {
    for (const auto& cell : step.results.cells) {
      if (!side.cell.empty() && cell.name() != side.cell) continue;
      for (const auto& one : cell.cases) {
        if (is_looked_for(step.results, one, looked)) out[step.id].insert(one.id);
      }
    }
  }
  if (out.empty()) {
    return usage_error(std::string(looked == Looked::failing ? "no case failed in `" : "no case has an error in `") +
                       name + "`");
  }
  return out;
}

/// Both lists hold: what the recipe says, and what the command line does.
void narrow(doc::Node& cases, const CaseChoice& choice, const std::vector<std::string>& ids) {
  if (!cases.is_map()) cases = doc::Node::map();
  if (!ids.empty()) cases["among"] = doc::Node::strings(ids);
  if (choice.sample) cases["sample"] = *choice.sample;
  if (choice.seed) cases["seed"] = *choice.seed;
}

}  // namespace

void add_case_choice(CLI::App& app, CaseChoice& choice) {
  app.add_option("--case", choice.cases, "Ask only this case, by id or a pattern of ids; may be given again.")
      ->type_name("ID");
  app.add_option("--failing-of", choice.failing_of, "Ask only the cases that failed in a run.")->type_name("RUN");
  app.add_option("--errors-of", choice.errors_of, "Ask only the cases that had errors in a run.")->type_name("RUN");
  app.add_option("--sample", choice.sample, "Ask only so many cases of each dataset, drawn at random.")
      ->type_name("N")
      ->check(whole_number(1, 1'000'000'000));
  app.add_option("--seed", choice.seed, "Draw another sample.")->type_name("N")->check(whole_number(0, 1'000'000'000));
}

Result<Narrowed, Errors> narrowed(Session& session, Ready ready, const CaseChoice& choice) {
  if (choice.empty()) return Narrowed{std::move(ready), {}};
  std::optional<ById> wanted;
  const auto& name = ready.recipe->name;
  if (!choice.failing_of.empty()) {
    TRY(wanted, cases_of(session, choice.failing_of, name, Looked::failing));
  }
  if (!choice.errors_of.empty()) {
    TRY(auto more, cases_of(session, choice.errors_of, name, Looked::errors));
    if (!wanted) wanted.emplace();
    for (auto& [step, ids] : more) (*wanted)[step].merge(ids);
  }
  auto recipe = std::make_shared<recipe::Recipe>(*ready.recipe);
  Narrowed out;
  for (auto& step : recipe->steps) {
    if (step.kind->name() != "eval" || !step.here) continue;
    auto ids = choice.cases;
    if (wanted) {
      const auto found = wanted->find(step.id);
      if (found == wanted->end()) continue;
      ids.insert(ids.end(), found->second.begin(), found->second.end());
      out.steps.push_back(step.id);
    }
    narrow(step.config["cases"], choice, ids);
  }
  if (wanted && out.steps.empty()) {
    return Errors{usage_error("no eval of `" + name + "` here has the cases of that run")};
  }
  ready.recipe = std::move(recipe);
  out.ready = std::move(ready);
  return out;
}

}  // namespace llmops::cli

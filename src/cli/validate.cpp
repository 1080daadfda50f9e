#include <CLI/CLI.hpp>
#include <map>
#include <set>

#include "asset/cases.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "exec/inputs.h"

namespace llmops::cli {
namespace {

struct Options {
  std::vector<std::string> recipes;
  bool json = false;
};

void append(Errors& to, const Errors& from) {
  for (const auto& error : from) {
    if (std::find(to.begin(), to.end(), error) == to.end()) to.push_back(error);
  }
}

/// One recipe in all its environments: its files, prompts and datasets too.
class Validator {
 public:
  Validator(Shell& shell, Session& session) : shell_(shell), session_(session) {}

  Errors validate(const std::string& recipe) {
    auto first = session_.ready({recipe, {}, {}});
    if (!first) return first.error();
    Errors errors = check(*first);
    for (const auto& environment : first->recipe->environments) {
      if (environment == first->recipe->environment) continue;
      auto ready = session_.ready({recipe, environment, {}});
      append(errors, ready ? check(*ready) : ready.error());
    }
    return errors;
  }

  std::size_t steps() const { return steps_; }

 private:
  Errors check(const Ready& ready) {
    auto plan = session_.plan(ready);
    if (!plan) return plan.error();
    steps_ = ready.recipe->steps.size();
    Errors errors;
    for (const auto& step : ready.recipe->steps) {
      if (!step.here) continue;
      auto inputs = exec::inputs_of(session_.services(), *plan, step, plan::scope_of(*plan, session_.scope(), step));
      if (!inputs) {
        append(errors, inputs.error());
        continue;
      }
      append(errors, check_data(step, *inputs));
    }
    return errors;
  }

  /// Every dataset is read, every prompt finds its fields in the first case, and the kind finds what it needs.
  Errors check_data(const recipe::Step& step, const step::Inputs& inputs) {
    Errors errors;
    std::map<std::string, asset::Cases> at_hand;
    for (const auto& [name, dataset] : inputs.datasets) {
      const auto stat = shell_.system.files.stat(dataset.file);
      if (!stat || stat->kind != sys::FileKind::regular) continue;  // Made by a step, or not brought yet.
      auto cases = asset::Cases::open(shell_.system.files, dataset.file, dataset.path,
                                      {dataset.expected, dataset.id, dataset.cluster});
      if (!cases) {
        append(errors, cases.error());
        continue;
      }
      if (const auto one = cases->at(0)) {
        for (const auto& [_, prompt] : inputs.prompts) append(errors, check_fields(*prompt.prompt, *one, name));
      }
      at_hand.emplace(name, *std::move(cases));
    }
    append(errors, step.kind->check_cases(step.config, at_hand));
    return errors;
  }

  static Errors check_fields(const prompt::Prompt& prompt, const asset::Case& one, const std::string& dataset) {
    Errors errors;
    std::vector<std::string> known;
    for (const auto& entry : one.fields.entries()) known.push_back(entry.key);
    for (const auto& [field, at] : prompt.case_fields()) {
      if (one.fields.find(field)) continue;
      errors.push_back(invalid_error("`" + field + "` is not a field of the dataset `" + dataset + "`", at,
                                     text::did_you_mean(field, known)));
    }
    return errors;
  }

  Shell& shell_;
  Session& session_;
  std::size_t steps_ = 0;
};

doc::Node to_node(const Error& error) {
  return doc::Node::map({{"file", error.at.source ? doc::Node(error.at.source->name) : doc::Node()},
                         {"line", static_cast<std::int64_t>(error.at.line)},
                         {"column", static_cast<std::int64_t>(error.at.column)},
                         {"message", error.message},
                         {"hint", error.hint}});
}

/// A recipe's name is what it is run and recorded by.
Errors errors_of_names(const std::vector<recipe::Found>& all) {
  std::map<std::string, std::vector<std::string>> paths;
  for (const auto& found : all) {
    if (!found.name.empty()) paths[found.name].push_back(found.path);
  }
  Errors out;
  for (const auto& [name, of] : paths) {
    if (of.size() == 1) continue;
    out.push_back(invalid_error("`" + name + "` is the name of several recipes: " + text::join(of, ", "), {},
                                "give each its own `name`"));
  }
  return out;
}

doc::Node to_node(const Errors& errors) {
  auto out = doc::Node::list();
  for (const auto& error : errors) out.push_back(to_node(error));
  return out;
}

}  // namespace

Action declare_validate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("recipe", options->recipes, "Recipes, by path or name; without one, all there are.");
  add_json(app, options->json);
  return [options](Shell& shell) {
    auto session = Session::open(shell, Session::Need::repository);
    if (!session) return shell.fail(session.error());
    auto recipes = options->recipes;
    Errors same_names;
    if (recipes.empty()) {
      auto all = recipe::find_all((*session)->source());
      if (!all) return shell.fail(all.error());
      for (const auto& found : *all) recipes.push_back(found.path);
      same_names = errors_of_names(*all);
      if (recipes.empty())
        return shell.fail(
            usage_error("there is no recipe in this repository", "put one below `recipes/` and `git add` it"));
    }
    Errors errors, warnings;
    auto document = doc::Node::list();
    for (const auto& recipe : recipes) {
      Validator validator(shell, **session);
      const auto found = validator.validate(recipe);
      const auto odd = (*session)->warnings(recipe);
      document.push_back(doc::Node::map(
          {{"recipe", recipe}, {"valid", found.empty()}, {"errors", to_node(found)}, {"warnings", to_node(odd)}}));
      if (found.empty() && !options->json)
        shell.print(recipe + ": valid, " + std::to_string(validator.steps()) +
                    (validator.steps() == 1 ? " step\n" : " steps\n"));
      append(errors, found);
      append(warnings, odd);
    }
    append(errors, same_names);
    if (options->json) shell.print(document);
    shell.warn(warnings);
    return errors.empty() ? static_cast<int>(kPassed) : shell.fail(errors);
  };
}

}  // namespace llmops::cli

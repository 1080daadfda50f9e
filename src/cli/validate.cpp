#include <CLI/CLI.hpp>
#include <map>

#include "base/text.h"
#include "cli/command.h"
#include "cli/data_check.h"
#include "cli/options.h"
#include "cli/session.h"
#include "exec/inputs.h"

namespace llmops::cli {
namespace {

struct Options {
  std::vector<std::string> recipes;
  bool json = false;
};

/// One recipe in all its environments: its files, prompts and datasets too.
class Validator {
 public:
  Validator(Shell& shell, Session& session) : shell_(shell), session_(session) {}

  Errors validate(const std::string& recipe) {
    auto first = session_.ready({recipe, {}, {}});
    if (!first) return first.error();
    warnings_ = plan::warnings(*first->recipe, first->identities);
    Errors errors = check(*first);
    for (const auto& environment : first->recipe->environments) {
      if (environment == first->recipe->environment) continue;
      auto ready = session_.ready({recipe, environment, {}});
      append_new(errors, ready ? check(*ready) : ready.error());
    }
    return errors;
  }

  std::size_t steps() const { return steps_; }
  const Errors& warnings() const { return warnings_; }

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
        append_new(errors, inputs.error());
        continue;
      }
      append_new(errors, check_data(shell_.system.files, step, *inputs));
    }
    return errors;
  }

  Shell& shell_;
  Session& session_;
  std::size_t steps_ = 0;
  Errors warnings_;
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
      auto odd = (*session)->warnings(recipe);
      append_new(odd, validator.warnings());
      document.push_back(doc::Node::map(
          {{"recipe", recipe}, {"valid", found.empty()}, {"errors", to_node(found)}, {"warnings", to_node(odd)}}));
      if (found.empty() && !options->json)
        shell.print(recipe + ": valid, " + std::to_string(validator.steps()) +
                    (validator.steps() == 1 ? " step\n" : " steps\n"));
      append_new(errors, found);
      append_new(warnings, odd);
    }
    append_new(errors, same_names);
    if (options->json) shell.print(document);
    shell.warn(warnings);
    return errors.empty() ? static_cast<int>(kPassed) : shell.fail(errors);
  };
}

}  // namespace llmops::cli

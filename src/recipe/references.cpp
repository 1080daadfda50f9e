#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "recipe/condition.h"
#include "recipe/document.h"
#include "recipe/steps.h"

namespace llmops::recipe {
namespace {

using templating::Reference;

template <class Items>
std::vector<std::string> names_of(const Items& items) {
  std::vector<std::string> out;
  for (const auto& item : items) out.push_back(item.name);
  return out;
}

const std::vector<std::string>& parts_of_a_step() {
  static const std::vector<std::string> names = {"outputs", "metrics", "status"};
  return names;
}

class Checker {
 public:
  Checker(const Recipe& recipe, const Scope& scope) : recipe_(recipe), scope_(scope) {
    for (const auto& step : recipe.steps) by_id_.emplace(step.id, &step);
  }

  Errors check() {
    for (const auto& model : recipe_.models) check_node(model.config, false);
    for (const auto& prompt : recipe_.prompts) check_node(prompt.config, false);
    for (const auto& dataset : recipe_.datasets) check_node(dataset.config, false);
    for (const auto& step : recipe_.steps) {
      if (step.here) check_step(step);
    }
    return std::move(errors_);
  }

 private:
  void check_step(const Step& step) {
    check_node(step.config, true);
    for (const auto& [name, value] : step.env) check_node(value, false);
    if (step.condition && !step.condition->is_bool()) check_condition(step);
    check_names(step.declared.reads.models, names_of(recipe_.models), "model");
    check_names(step.declared.reads.prompts, names_of(recipe_.prompts), "prompt");
    check_names(step.declared.reads.datasets, names_of(recipe_.datasets), "dataset");
  }

  /// Each name by itself, so that all that is wrong is told; then the whole, as far as it is known now.
  void check_condition(const Step& step) {
    auto parsed = parse_condition(*step.condition);
    if (!parsed) return add(std::move(parsed).error());
    auto scope = scope_;
    scope.matrix = step.matrix;
    const auto look = [&](const Reference& reference) { return look_up(reference, scope); };
    const auto before = errors_.size();
    for (const auto& reference : parsed->references()) check_in_condition(reference, step, look);
    if (errors_.size() > before) return;
    if (auto value = parsed->evaluate(look); !value) return add(std::move(value).error());
    if (auto held = holds(*step.condition, scope); !held) add(std::move(held).error());
  }

  void check_in_condition(const Reference& reference, const Step& step, const templating::Lookup& look) {
    static const std::vector<std::string> kAllowed = {"vars", "environment", "env", "git", "matrix", "steps"};
    const auto& root = reference.root();
    if (root == "secret" || root == "case" || root == "run") {
      return add(invalid_error("`" + reference.text + "` can't be used in an `if`", reference.at,
                               "an `if` may use `" + text::join(kAllowed, "`, `") + "`"));
    }
    if (std::find(kAllowed.begin(), kAllowed.end(), root) == kAllowed.end()) {
      return add(
          invalid_error("`" + root + "` is not known in an `if`", reference.at, text::did_you_mean(root, kAllowed)));
    }
    if (root == "steps" && reference.name(1) == step.id) {
      return add(invalid_error("the `if` of `" + step.id + "` can't use the step itself", reference.at,
                               "name a step that is done before it"));
    }
    if (root == "steps") return check_made(reference);
    if (auto found = look(reference); !found) add(std::move(found).error());
  }

  void check_names(const std::vector<step::Name>& wanted, const std::vector<std::string>& known,
                   std::string_view what) {
    for (const auto& name : wanted) {
      if (name.value.find("${") != std::string::npos) continue;
      if (std::find(known.begin(), known.end(), name.value) != known.end()) continue;
      add(invalid_error("there is no " + std::string(what) + " `" + name.value + "`", name.at,
                        text::did_you_mean(name.value, known)));
    }
  }

  void check_node(const doc::Node& node, bool in_step) {
    auto broken = for_each_reference(node, [&](const Reference& reference, const std::vector<std::string>& keys) {
      const auto under = [&](std::string_view key) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
      if (reference.root() == "steps") check_made(reference);
      if (reference.root() == "secret" && (under("command") || under("shell"))) {
        add(invalid_error("`" + reference.text + "` would be seen by everybody in a command line", reference.at,
                          "pass it in `env:` and let the program read the variable"));
      } else if (reference.root() == "secret" && in_step) {
        add(invalid_error("`" + reference.text + "` would be kept with the step's record", reference.at,
                          "a step takes secrets in its `env:`, a model in `api_key` or `headers`"));
      }
      if (reference.root() == "case" && !(in_step && under("scorers"))) {
        add(invalid_error("`case` is only known inside `scorers`", reference.at,
                          "a prompt reads the case's fields with `{{ … }}`"));
      }
    });
    errors_.insert(errors_.end(), broken.begin(), broken.end());
  }

  /// The steps of a matrix have the same text, and what is wrong with it is told once.
  void add(Error error) {
    if (std::find(errors_.begin(), errors_.end(), error) == errors_.end()) errors_.push_back(std::move(error));
  }

  void check_made(const Reference& reference) {
    const auto id = reference.name(1);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
      std::vector<std::string> ids;
      for (const auto& step : recipe_.steps) ids.push_back(step.id);
      const auto read = [&](std::string_view base) {
        return std::any_of(recipe_.steps.begin(), recipe_.steps.end(),
                           [&](const auto& step) { return step.base_id == base; });
      };
      const bool matrix = read(id);
      // A step that is written and not among the others has errors of its own.
      if (has_step(recipe_.document, id) && !read(id.substr(0, id.find('[')))) return;
      add(invalid_error(
          "there is no step `" + id + "`", reference.at,
          matrix ? "it has a matrix: name one, as in `steps['" + id + "[key=value]']`" : text::did_you_mean(id, ids)));
      return;
    }
    const auto& step = *found->second;
    const auto part = reference.name(2);
    if (part == "status") return;
    if (part != "outputs" && part != "metrics") {
      return add(invalid_error("`" + reference.text + "` is not known: a step has `outputs`, `metrics` and `status`",
                               reference.at, part.empty() ? "" : text::did_you_mean(part, parts_of_a_step())));
    }
    if (!step.here) {
      add(invalid_error("`" + id + "` does not run in `" + recipe_.environment + "`, so it has no " + part,
                        reference.at, "give this step the same `environments`"));
      return;
    }
    if (part != "outputs" || reference.path.size() < 4) return;
    const auto names = names_of(step.declared.outputs);
    if (const auto* index = std::get_if<std::int64_t>(&reference.path[3])) {
      if (*index >= 0 && static_cast<std::size_t>(*index) < names.size()) return;
    } else if (std::find(names.begin(), names.end(), reference.name(3)) != names.end()) {
      return;
    }
    add(invalid_error("`" + id + "` has no output `" + reference.name(3) + "`", reference.at,
                      text::did_you_mean(reference.name(3), names)));
  }

  const Recipe& recipe_;
  const Scope& scope_;
  std::unordered_map<std::string, const Step*> by_id_;
  Errors errors_;
};

}  // namespace

Errors check_references(const Recipe& recipe, const Scope& scope) { return Checker(recipe, scope).check(); }

Errors check_known_at_once(const doc::Node& node, std::string_view where) {
  Errors errors;
  static_cast<void>(for_each_reference(node, [&](const Reference& reference, const auto&) {
    const auto& root = reference.root();
    const bool secret = root == "secret";
    if (!secret && root != "steps" && root != "run" && root != "case") return;
    errors.push_back(invalid_error("`" + reference.text + "` can't stand in " + std::string(where), reference.at,
                                   secret ? "name the secret where it is used: give it in `env`, `api_key` or `headers`"
                                          : "it is not known at once: name it where it is used"));
  }));
  return errors;
}

Result<doc::Node, Errors> as_value(const doc::Node& resolved, const Scope& scope) {
  auto last = scope;
  last.stage = Stage::run;
  TRY(auto value, resolve(resolved, last));
  return std::move(value.node);
}

}  // namespace llmops::recipe

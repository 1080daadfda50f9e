#include "recipe/steps.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "recipe/document.h"
#include "recipe/typed.h"

namespace llmops::recipe {
namespace {

void append(Errors& to, Errors from) { to.insert(to.end(), from.begin(), from.end()); }

/// All combinations, the last axis moving fastest; one empty map where there is no matrix.
Result<std::vector<doc::Node>, Errors> combinations(const StepFile& file, const Scope& scope) {
  std::vector<doc::Node> out{doc::Node::map()};
  for (const auto& [axis, written] : file.matrix) {
    if (auto late = check_known_at_once(written, "a matrix"); !late.empty()) return late;
    TRY(auto values, resolve(written, scope));
    TRY(const auto axis_values, as_value(values.node, scope));
    if (!axis_values.is_list() || axis_values.items().empty()) {
      return Errors{invalid_error("`" + axis + "` of a matrix must be a list with at least one value", written.at(),
                                  "write it as a list, such as `[small, large]`")};
    }
    std::vector<doc::Node> next;
    for (const auto& before : out) {
      for (const auto& value : axis_values.items()) {
        auto combined = before;
        combined[axis] = value;
        next.push_back(std::move(combined));
      }
    }
    if (next.size() > 10'000)
      return Errors{invalid_error("the matrix makes more than 10,000 steps", written.at(),
                                  "take values out of it, or split the step")};
    out = std::move(next);
  }
  return out;
}

std::string id_with(const std::string& base, const doc::Node& combination) {
  if (combination.size() == 0) return base;
  std::vector<std::string> parts;
  for (const auto& entry : combination.entries()) parts.push_back(entry.key + "=" + entry.value.text());
  return base + "[" + text::join(parts, ",") + "]";
}

class Reader {
 public:
  Reader(Recipe& recipe, const step::Kinds& kinds, const Scope& scope)
      : recipe_(recipe), kinds_(kinds), scope_(scope), record_(step_record(kinds)), embedders_(embedders_of(recipe)) {}

  Errors read() {
    const auto* steps = recipe_.document.find("steps");
    if (!steps || !steps->is_list() || steps->items().empty()) {
      return {invalid_error("a recipe needs at least one step", steps ? steps->at() : recipe_.document.at())};
    }
    errors_ = check_ids(recipe_.document);
    recipe_.steps.reserve(steps->items().size());
    for (const auto& node : steps->items()) read_step(node);
    return std::move(errors_);
  }

 private:
  void read_step(const doc::Node& node) {
    static constexpr std::string_view kOnce[] = {"matrix"};
    static constexpr std::string_view kEach[] = {"needs", "environments", "env", "timeout", "retry", "cache", "run_on"};
    auto once = node;
    if (!settle(kOnce, scope_, once)) return;
    const auto file = record_.read(once);
    if (!valid_id(file.id.value)) return;
    auto matrix = combinations(file, scope_);
    if (!matrix) return append(errors_, std::move(matrix).error());
    const bool same = std::none_of(std::begin(kEach), std::end(kEach), [&](auto key) {
      const auto* value = node.find(key);
      return value && is_settled_first(key, *value);
    });
    for (auto& combination : *matrix) {
      if (same) {
        add_step(file, std::move(combination));
        continue;
      }
      Scope scope = scope_;
      scope.matrix = combination;
      auto own = once;
      if (settle(kEach, scope, own)) add_step(record_.read(own), std::move(combination));
    }
  }

  /// Whether the value of a step's own key is an expression, or holds one, that must be known before the step is read.
  /// The axes of a matrix are looked at one by one, and single variables of `env` may wait.
  static bool is_settled_first(std::string_view key, const doc::Node& value) {
    return key == "env" || key == "matrix" ? schema::holds_expression(value) : holds_expressions(value);
  }

  /// Puts values in place of the expressions under these keys; false where that can't be done, which is told.
  template <std::size_t N>
  bool settle(const std::string_view (&keys)[N], const Scope& scope, doc::Node& step) {
    const auto before = errors_.size();
    bool right = true;
    for (const auto& field : record_.type().fields) {
      if (std::find(std::begin(keys), std::end(keys), field.name) == std::end(keys)) continue;
      auto* value = step.find(field.name);
      if (!value || !is_settled_first(field.name, *value)) continue;
      auto known = settled(field, *value, scope);
      right = right && known;
      if (known) {
        *value = *std::move(known);
      } else {
        add_new(known.error());
      }
    }
    return right && errors_.size() == before;
  }

  static Result<doc::Node, Errors> settled(const schema::Field& field, const doc::Node& value, const Scope& scope) {
    if (auto late = check_known_at_once(value, "`" + field.name + "` of a step"); !late.empty()) return late;
    auto known = settle_as(field, value, scope);
    if (!known || (field.name != "env" && field.name != "matrix")) return known;
    return resolve_as(field.type, value, scope);  // Its values are resolved once more.
  }

  void check_environment(const schema::Placed<std::string>& name) {
    for (const auto& known : recipe_.environments) {
      if (known == name.value) return;
    }
    add_new({invalid_error("there is no environment `" + name.value + "`", name.at,
                           text::did_you_mean(name.value, recipe_.environments))});
  }

  void add_step(const StepFile& file, doc::Node combination) {
    for (const auto& name : file.environments) check_environment(name);
    Step step;
    step.id = id_with(file.id.value, combination);
    step.base_id = file.id.value;
    step.at = file.id.at;
    step.kind = kinds_.find(file.kind.tag);
    if (!seen_.insert(step.id).second) {
      if (file.matrix.empty()) return;  // told already
      return errors_.push_back(invalid_error("there are two steps `" + step.id + "`", step.at, "give one another id"));
    }
    Scope scope = scope_;
    scope.matrix = combination;
    auto config = resolve_as(step.kind->config_type(), file.kind.body, scope);
    if (!config) return add_new(std::move(config).error());
    step.config = step.kind->complete(*std::move(config), embedders_);
    const auto before = errors_.size();
    for (const auto& [name, value] : file.env) {
      auto known = resolve(value, scope);
      if (!known) {
        append(errors_, std::move(known).error());
        continue;
      }
      step.env.emplace_back(name, std::move(known->node));
    }
    if (errors_.size() > before) return;
    fill(step, file, std::move(combination));
    auto declared = step.kind->declare(step.config);
    if (!declared) return add_new(std::move(declared).error());
    step.declared = *std::move(declared);
    for (auto& output : step.declared.outputs) output.path = rooted(output.path, recipe_.path);
    for (auto& written : step.declared.written) written.path = rooted(written.path, recipe_.path);
    recipe_.steps.push_back(std::move(step));
  }

  void fill(Step& step, const StepFile& file, doc::Node combination) const {
    step.needs = file.needs;
    if (!file.condition.value.is_null()) step.condition = file.condition.value;
    step.matrix = std::move(combination);
    step.timeout = file.timeout;
    step.retry = file.retry;
    step.cache = file.cache == "never" ? StepCache::never : StepCache::automatic;
    step.here = file.environments.empty();
    for (const auto& name : file.environments) step.here = step.here || name.value == recipe_.environment;
  }

  /// The steps of one matrix say the same.
  void add_new(const Errors& errors) {
    for (const auto& error : errors) {
      if (std::find(errors_.begin(), errors_.end(), error) == errors_.end()) errors_.push_back(error);
    }
  }

  Recipe& recipe_;
  const step::Kinds& kinds_;
  const Scope& scope_;
  schema::Record<StepFile> record_;
  const std::vector<std::string> embedders_;
  std::unordered_set<std::string> seen_;
  Errors errors_;
};

}  // namespace

Errors read_steps(Recipe& recipe, const step::Kinds& kinds, const Scope& scope) {
  return Reader(recipe, kinds, scope).read();
}

}  // namespace llmops::recipe

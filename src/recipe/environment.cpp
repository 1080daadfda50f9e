#include "recipe/environment.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "doc/yaml.h"
#include "recipe/steps.h"
#include "recipe/typed.h"
#include "schema/type.h"

namespace llmops::recipe {
namespace {

void append(Errors& to, Errors from) { to.insert(to.end(), from.begin(), from.end()); }

/// `over`'s keys replace `base`'s, maps within maps likewise.
void overlay(doc::Node& base, const doc::Node& over) {
  if (!base.is_map() || !over.is_map()) {
    base = over;
    return;
  }
  for (const auto& entry : over.entries()) {
    if (auto* existing = base.find(entry.key)) {
      overlay(*existing, entry.value);
    } else {
      base.entries().push_back(entry);
    }
  }
}

doc::Node section(const doc::Node& document, std::string_view name) {
  const auto* found = document.find(name);
  return found && found->is_map() ? *found : doc::Node::map();
}

/// `prod → staging → prod`, where following `after` leads back to `start`; else empty.
std::string circle_from(const doc::Node& environments, const std::string& start) {
  std::string path = start, at = start;
  for (std::size_t steps = 0; steps < environments.size(); ++steps) {
    const auto* environment = environments.find(at);
    const auto* after = environment ? environment->find("after") : nullptr;
    if (!after) return {};
    at = after->text();
    path += " → " + at;
    if (at == start) return path;
  }
  return {};
}

Errors choose(Recipe& recipe, const LoadOptions& options) {
  const auto all = section(recipe.document, "environments");
  for (const auto& entry : all.entries()) recipe.environments.push_back(entry.key);
  if (recipe.environments.empty()) recipe.environments.push_back("dev");
  recipe.environment = options.environment.empty() ? recipe.environments.front() : options.environment;
  const auto* chosen = all.find(recipe.environment);
  if (!chosen && (all.size() > 0 || recipe.environment != "dev")) {
    return {usage_error("`" + recipe.name + "` has no environment `" + recipe.environment + "`",
                        text::did_you_mean(recipe.environment, recipe.environments))};
  }
  Errors errors;
  for (const auto& entry : all.entries()) {
    const auto* after = entry.value.find("after");
    if (!after) continue;
    if (!all.find(after->text())) {
      errors.push_back(invalid_error("`" + entry.key + "` can't come after `" + after->text() + "`", after->at(),
                                     text::did_you_mean(after->text(), recipe.environments)));
    } else if (const auto circle = circle_from(all, entry.key); !circle.empty()) {
      errors.push_back(invalid_error("environments come after one another in a circle: " + circle, after->at(),
                                     "the first of them comes after none"));
    }
  }
  if (chosen && chosen->is_map()) recipe.environment_config = schema::read<EnvironmentConfig>(*chosen);
  if (options.overrides == Overrides::ignore) {
    auto& config = recipe.environment_config;
    for (auto* over :
         {&config.vars, &config.models, &config.datasets, &config.indexes, &config.targets, &config.budget}) {
      *over = doc::Node();
    }
  }
  return errors;
}

/// `--var k=v`: the value as YAML would read it.
Result<doc::Node, Errors> option_value(const std::string& name, const std::string& value) {
  TRY(auto node, doc::parse_yaml("--var " + name, value));
  return node.is_scalar() && !node.is_null() ? node : value.empty() ? doc::Node("") : node;
}

/// Vars that a var names and that stand below it.
Errors named_below(const doc::Entry& entry, const doc::Node& vars, const doc::Node& above) {
  Errors out;
  static_cast<void>(for_each_reference(entry.value, [&](const templating::Reference& reference, const auto&) {
    const auto name = reference.name(1);
    if (reference.root() != "vars" || above.find(name) || !vars.find(name)) return;
    out.push_back(invalid_error("`" + entry.key + "` can't use `vars." + name + "`, which stands below it",
                                reference.at, "write `" + name + "` first: a var may use those above it"));
  }));
  return out;
}

Errors fill_vars(Recipe& recipe, const LoadOptions& options, Scope& scope) {
  Errors errors;
  auto vars = section(recipe.document, "vars");
  const auto names = [&] {
    std::vector<std::string> out;
    for (const auto& entry : vars.entries()) out.push_back(entry.key);
    return out;
  };
  if (const auto& over = recipe.environment_config.vars; over.is_map()) {
    for (const auto& entry : over.entries()) {
      if (vars.find(entry.key)) continue;
      errors.push_back(invalid_error("there is no var `" + entry.key + "` to override", entry.key_at,
                                     text::did_you_mean(entry.key, names())));
    }
    overlay(vars, over);
  }
  for (const auto& [name, value] : options.vars) {
    auto read = option_value(name, value);
    if (!read) {
      append(errors, std::move(read).error());
    } else if (!vars.find(name)) {
      errors.push_back(
          usage_error("`" + recipe.name + "` has no var `" + name + "`", text::did_you_mean(name, names())));
    } else {
      vars[name] = *std::move(read);
    }
  }
  for (const auto& entry : vars.entries()) {  // Each may use those above it.
    if (auto below = named_below(entry, vars, scope.vars); !below.empty()) {
      append(errors, std::move(below));
      scope.vars[entry.key] = entry.value;
      continue;
    }
    auto late = check_known_at_once(entry.value, "`vars`");
    auto written = resolve(entry.value, scope);
    if (!late.empty() || !written) {
      append(errors, std::move(late));
      if (!written) append(errors, std::move(written).error());
      scope.vars[entry.key] = entry.value;
      continue;
    }
    auto value = as_value(written->node, scope);
    if (!value) {
      scope.missing_vars.emplace(entry.key, std::move(value).error().front());
    } else if (options.overrides == Overrides::ignore && holds_expressions(*value)) {
      scope.missing_vars.emplace(
          entry.key, invalid_error("`" + entry.key + "` differs between environments or commits", entry.value.at()));
    }
    scope.vars[entry.key] = value ? *std::move(value) : std::move(written->node);
  }
  recipe.vars = scope.vars;
  recipe.missing_vars = scope.missing_vars;
  return errors;
}

/// The environment's demands, which may rest on its vars.
Errors settle_demands(Recipe& recipe, const Scope& scope) {
  const auto type = schema::type_of<EnvironmentConfig>();
  auto chosen = section(recipe.document, "environments")[recipe.environment];
  Errors errors;
  bool any = false;
  for (const auto& field : type.fields) {
    static constexpr std::string_view kDemands[] = {"promote", "approvals", "branches", "clean"};
    auto* value = chosen.find(field.name);
    const bool demand = std::find(std::begin(kDemands), std::end(kDemands), field.name) != std::end(kDemands);
    if (!demand || !value || !holds_expressions(*value)) continue;
    auto late = check_known_at_once(*value, "`" + field.name + "` of an environment");
    auto known = late.empty() ? settle_as(field, *value, scope) : Result<doc::Node, Errors>(std::move(late));
    if (!known) {
      append(errors, std::move(known).error());
      continue;
    }
    *value = *std::move(known);
    any = true;
  }
  if (!any || !errors.empty()) return errors;
  const auto settled = schema::read<EnvironmentConfig>(chosen);
  auto& config = recipe.environment_config;
  config.promote = settled.promote;
  config.approvals = settled.approvals;
  config.branches = settled.branches;
  config.clean = settled.clean;
  return errors;
}

Errors fill(std::vector<Declaration>& to, doc::Node entries, const doc::Node& overrides, const schema::Type& type,
            const Scope& scope) {
  Errors errors;
  if (overrides.is_map()) {
    for (const auto& over : overrides.entries()) {
      auto* existing = entries.find(over.key);
      if (!existing) {
        std::vector<std::string> names;
        for (const auto& entry : entries.entries()) names.push_back(entry.key);
        errors.push_back(invalid_error("there is no `" + over.key + "` to override", over.key_at,
                                       text::did_you_mean(over.key, names)));
        continue;
      }
      overlay(*existing, over.value);
      append(errors, schema::check(type, *existing, schema::Late::allow));
    }
  }
  for (const auto& entry : entries.entries()) {
    auto config = resolve_as(type, entry.value, scope);
    if (!config) {
      append(errors, std::move(config).error());
      continue;
    }
    to.push_back({entry.key, entry.key_at, *std::move(config)});
  }
  return errors;
}

}  // namespace

Errors apply_environment(Recipe& recipe, const LoadOptions& options, Scope& scope) {
  auto errors = choose(recipe, options);
  if (!errors.empty()) return errors;
  if (options.overrides == Overrides::apply) {
    scope.environment = recipe.environment;
  } else {  // What all environments and commits share names neither.
    scope.environment.clear();
    scope.git = nullptr;
  }
  append(errors, fill_vars(recipe, options, scope));
  append(errors, settle_demands(recipe, scope));
  const auto& over = recipe.environment_config;
  append(errors, fill(recipe.models, section(recipe.document, "models"), over.models,
                      schema::type_of<model::ModelConfig>(), scope));
  append(errors, fill(recipe.prompts, section(recipe.document, "prompts"), doc::Node(),
                      schema::Type::of(schema::Type::Kind::string), scope));
  append(errors, fill(recipe.datasets, section(recipe.document, "datasets"), over.datasets,
                      schema::type_of<DatasetConfig>(), scope));
  return errors;
}

}  // namespace llmops::recipe

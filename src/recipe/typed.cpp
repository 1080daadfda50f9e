#include "recipe/typed.h"

#include <algorithm>

#include "recipe/steps.h"
#include "schema/fitted.h"
#include "templating/expression.h"

namespace llmops::recipe {
namespace {

bool names(const doc::Node& node, std::string_view root) {
  bool found = false;
  static_cast<void>(
      for_each_reference(node, [&](const auto& reference, const auto&) { found = found || reference.root() == root; }));
  return found;
}

/// The leaf that holds an expression and stands at this place; null where there is none.
const doc::Node* leaf_at(const doc::Node& node, const SourcePos& at) {
  if (node.is_string()) return node.at() == at && schema::holds_expression(node) ? &node : nullptr;
  const doc::Node* found = nullptr;
  if (node.is_list()) {
    for (const auto& item : node.items()) found = found ? found : leaf_at(item, at);
  } else if (node.is_map()) {
    for (const auto& entry : node.entries()) found = found ? found : leaf_at(entry.value, at);
  }
  return found;
}

/// Where the vars that the leaf names are written: that is where a person mends the value.
std::string places_of_vars(const doc::Node& leaf, const Scope& scope) {
  std::string out;
  static_cast<void>(for_each_reference(leaf, [&](const templating::Reference& reference, const auto&) {
    if (reference.root() != "vars") return;
    const auto* var = scope.vars.find(reference.name(1));
    if (!var || !var->at().known()) return;
    const auto told = "`vars." + reference.name(1) + "` is given at " + var->at().to_string();
    if (out.find(told) == std::string::npos) out += (out.empty() ? "" : ", ") + told;
  }));
  return out;
}

Result<doc::Node, Errors> checked(const schema::Type& type, const doc::Node& written, doc::Node resolved,
                                  const Scope& scope) {
  auto out = schema::fitted(type, std::move(resolved));
  // In the end only what is read from each case is unknown: a text that looks like an expression is a text.
  const bool late = scope.stage != Stage::run || names(written, "case");
  auto errors = schema::check(type, out, late ? schema::Late::allow : schema::Late::refuse);
  for (auto& error : errors) {
    const auto* leaf = leaf_at(written, error.at);
    const auto places = leaf ? places_of_vars(*leaf, scope) : std::string();
    if (!places.empty()) error.hint += (error.hint.empty() ? "" : "; ") + places;
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace

bool holds_expressions(const doc::Node& node) {
  if (node.is_string()) return schema::holds_expression(node);
  if (node.is_list()) return std::any_of(node.items().begin(), node.items().end(), holds_expressions);
  return node.is_map() && std::any_of(node.entries().begin(), node.entries().end(),
                                      [](const auto& entry) { return holds_expressions(entry.value); });
}

Result<doc::Node, Errors> resolve_as(const schema::Type& type, const doc::Node& node, const Scope& scope) {
  TRY(auto resolved, resolve(node, scope));
  if (!holds_expressions(node)) return std::move(resolved.node);
  return checked(type, node, std::move(resolved.node), scope);
}

Result<doc::Node, Errors> settle_as(const schema::Field& key, const doc::Node& value, const Scope& scope) {
  auto last = scope;
  last.stage = Stage::run;
  auto type = schema::Type::of(schema::Type::Kind::record);  // So that errors name the key.
  type.fields = {key};
  TRY(const auto known, resolve_as(type, doc::Node::map({{key.name, value}}), last));
  return *known.find(key.name);
}

}  // namespace llmops::recipe

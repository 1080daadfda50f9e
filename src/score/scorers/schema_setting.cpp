#include "score/scorers/schema_setting.h"

#include "schema/type.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// The first value below this one that holds `${…}`, or null.
const doc::Node* find_expression(const doc::Node& node) {
  if (node.is_map()) {
    for (const auto& entry : node.entries()) {
      if (const auto* found = find_expression(entry.value)) return found;
    }
  } else if (node.is_list()) {
    for (const auto& item : node.items()) {
      if (const auto* found = find_expression(item)) return found;
    }
  }
  return schema::holds_expression(node) ? &node : nullptr;
}

}  // namespace

schema::Type schema_settings() {
  auto out = schema::Type::map_of(schema::Type::of(schema::Type::Kind::any));
  out.help = "A JSON Schema: draft-07 where its `$schema` says so, else 2020-12.";
  return out;
}

Errors check_schema_settings(const doc::Node& settings) {
  if (const auto* late = find_expression(settings)) {
    return {invalid_error("a schema is the same for every case, found " + quoted(late->text()), late->at())};
  }
  for (const auto& entry : settings.entries()) {
    if (entry.key != "schema") continue;
    return {invalid_error("JSON Schema has no keyword `schema`, and schemas are not read from files", entry.key_at,
                          "write the schema itself here")};
  }
  auto compiled = json_schema::Validator::compile(settings);
  return compiled ? Errors{} : std::move(compiled).error();
}

Result<std::optional<json_schema::Validator>> schema_of(const doc::Node& settings) {
  using Found = std::optional<json_schema::Validator>;
  if (settings.is_null()) return Found();
  auto compiled = json_schema::Validator::compile(settings);
  if (!compiled) return std::move(compiled).error().front();
  return Found(*std::move(compiled));
}

}  // namespace llmops::score

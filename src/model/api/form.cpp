#include "model/api/form.h"

#include <algorithm>

#include "doc/json.h"
#include "model/json_text.h"

namespace llmops::model::api {
namespace {

bool is_named(const doc::Node* list, const std::string& name) {
  return list != nullptr && list->is_list() &&
         std::any_of(list->items().begin(), list->items().end(),
                     [&](const doc::Node& item) { return item.is_string() && item.as_string() == name; });
}

/// Everything that looks like an object's schema, wherever it stands.
bool is_strict(const doc::Node& schema) {
  if (schema.is_list()) return std::all_of(schema.items().begin(), schema.items().end(), is_strict);
  if (!schema.is_map()) return true;
  const auto* properties = schema.find("properties");
  const auto* type = schema.find("type");
  const bool object = (properties != nullptr && properties->is_map()) ||
                      (type != nullptr && type->is_string() && type->as_string() == "object");
  if (object) {
    const auto* open = schema.find("additionalProperties");
    if (open == nullptr || !open->is_bool() || open->as_bool()) return false;
    if (properties != nullptr && properties->is_map()) {
      for (const auto& entry : properties->entries()) {
        if (!is_named(schema.find("required"), entry.key)) return false;
      }
    }
  }
  return std::all_of(schema.entries().begin(), schema.entries().end(),
                     [](const doc::Entry& entry) { return is_strict(entry.value); });
}

}  // namespace

std::optional<Form> form_of(const Query& query) {
  if (query.choices.empty()) {
    const auto& format = query.parameters.format;
    if (const auto* schema = format.find("schema")) return Form{"answer", doc::to_json(*schema), is_strict(*schema)};
    return format.is_null() ? std::nullopt : std::optional(Form{"answer", {}, false});
  }
  JsonText schema;
  schema.raw(R"({"type":"object","properties":{"choice":{"type":"string","enum":)")
      .strings(query.choices)
      .raw(R"(}},"required":["choice"],"additionalProperties":false})");
  return Form{"choice", std::move(schema.text), true};
}

std::string members_of(const Form& form) {
  JsonText out;
  out.raw(R"("name":)").string(form.name).raw(form.strict ? R"(,"strict":true,"schema":)" : R"(,"schema":)");
  out.raw(form.schema);
  return std::move(out.text);
}

}  // namespace llmops::model::api

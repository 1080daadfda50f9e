#include "score/json_schema/keywords.h"

#include <algorithm>

#include "base/text.h"
#include "doc/json.h"
#include "score/json_schema/equality.h"
#include "score/json_schema/number.h"

namespace llmops::score::json_schema {

const std::vector<KeywordRow>& keyword_rows() {
  using enum Holds;
  static const std::vector<KeywordRow> rows = {
      {"type", true, true, nothing, &make_type},
      {"const", true, true, nothing, &make_const},
      {"enum", true, true, nothing, &make_enum},
      {"maximum", true, true, nothing, &make_number_bound},
      {"exclusiveMaximum", true, true, nothing, &make_number_bound},
      {"minimum", true, true, nothing, &make_number_bound},
      {"exclusiveMinimum", true, true, nothing, &make_number_bound},
      {"multipleOf", true, true, nothing, &make_multiple_of},
      {"maxLength", true, true, nothing, &make_size_bound},
      {"minLength", true, true, nothing, &make_size_bound},
      {"maxItems", true, true, nothing, &make_size_bound},
      {"minItems", true, true, nothing, &make_size_bound},
      {"maxProperties", true, true, nothing, &make_size_bound},
      {"minProperties", true, true, nothing, &make_size_bound},
      {"pattern", true, true, nothing, &make_pattern},
      {"properties", true, true, named, &make_members},
      {"patternProperties", true, true, named, &make_members},
      {"additionalProperties", true, true, schema, &make_members},
      {"required", true, true, nothing, &make_members},
      {"propertyNames", true, true, schema, &make_property_names},
      {"dependentRequired", false, true, nothing, &make_dependencies},
      {"prefixItems", false, true, schemas, &make_items},
      {"items", false, true, schema, &make_items},
      {"items", true, false, schema_or_schemas, &make_items},
      {"additionalItems", true, false, schema, &make_items},
      {"contains", true, true, schema, &make_contains},
      {"minContains", false, true, nothing, nullptr},
      {"maxContains", false, true, nothing, nullptr},
      {"uniqueItems", true, true, nothing, &make_unique_items},
      {"$ref", true, true, nothing, &make_reference},
      {"$dynamicRef", false, true, nothing, &make_dynamic_reference},
      {"$defs", false, true, named, nullptr},
      {"definitions", true, true, named, nullptr},
      {"allOf", true, true, schemas, &make_all_of},
      {"anyOf", true, true, schemas, &make_any_of},
      {"oneOf", true, true, schemas, &make_one_of},
      {"not", true, true, schema, &make_not},
      {"if", true, true, schema, &make_condition},
      {"then", true, true, schema, nullptr},
      {"else", true, true, schema, nullptr},
      {"dependentSchemas", false, true, named, &make_dependencies},
      {"dependencies", true, true, named_or_names, &make_dependencies},
      {"contentSchema", false, true, schema, nullptr},
      {"unevaluatedItems", false, true, schema, &make_unevaluated_items},
      {"unevaluatedProperties", false, true, schema, &make_unevaluated_properties},
  };
  return rows;
}

void for_each_subschema(const doc::Node& node, Draft draft, const std::function<void(const doc::Node&)>& visit) {
  for (const auto& row : keyword_rows()) {
    const auto* value = row.holds != Holds::nothing && row.in(draft) ? node.find(row.name) : nullptr;
    if (!value) continue;
    const bool one = row.holds == Holds::schema || (row.holds == Holds::schema_or_schemas && !value->is_list());
    const bool several = row.holds == Holds::schemas || row.holds == Holds::schema_or_schemas;
    if (one) {
      if (!value->is_list()) visit(*value);  // The keyword's factory says that a list is none.
    } else if (several && value->is_list()) {
      for (const auto& item : value->items()) visit(item);
    } else if (!several && value->is_map()) {
      for (const auto& entry : value->entries()) {
        if (row.holds == Holds::named || !entry.value.is_list()) visit(entry.value);
      }
    }
  }
}

void refuse_value(std::string_view keyword, const doc::Node& value, std::string_view expected, Site& site) {
  site.refuse(invalid_error(
      "expected `" + std::string(keyword) + "` to be " + std::string(expected) + ", found " +
          (value.is_scalar() && !value.is_null() ? shown(value) : std::string(doc::describe(value.kind()))),
      value.at()));
}

std::optional<std::size_t> count_of(std::string_view keyword, const doc::Node& value, Site& site) {
  if (value.is_number() && is_whole(value) && value.as_double() >= 0) {
    constexpr double kBeyondAnySize = 1e15;
    return static_cast<std::size_t>(std::min(value.as_double(), kBeyondAnySize));
  }
  refuse_value(keyword, value, "an integer of at least 0", site);
  return std::nullopt;
}

const doc::List* list_of(std::string_view keyword, const doc::Node& value, Site& site) {
  if (value.is_list() && value.size() > 0) return &value.items();
  refuse_value(keyword, value, "a list with at least one item", site);
  return nullptr;
}

std::optional<std::vector<std::string>> names_of(std::string_view keyword, const doc::Node& value, Site& site) {
  std::vector<std::string> out;
  if (!value.is_list()) {
    refuse_value(keyword, value, "a list of names", site);
    return std::nullopt;
  }
  for (const auto& item : value.items()) {
    if (!item.is_string()) {
      refuse_value(keyword, item, "a list of names", site);
      return std::nullopt;
    }
    out.push_back(item.as_string());
  }
  if (const auto equal = equal_items(value.items())) {
    site.refuse(invalid_error("`" + std::string(keyword) + "` names " + shown(value.items()[equal->second]) + " twice",
                              value.items()[equal->second].at(), "remove one of the two"));
    return std::nullopt;
  }
  return out;
}

std::string shown(const doc::Node& value) {
  constexpr std::size_t kWidth = 60;
  const auto json = doc::to_json(value);
  constexpr std::size_t kLongestPoint = 4;
  return "`" + text::printable(text::shorten(std::string_view(json).substr(0, (kWidth + 1) * kLongestPoint), kWidth)) +
         "`";
}

std::string_view type_name(const doc::Node& value) {
  switch (value.kind()) {
    case doc::Kind::null:
      return "null";
    case doc::Kind::boolean:
      return "boolean";
    case doc::Kind::integer:
      return "integer";
    case doc::Kind::real:
      return is_whole(value) ? "integer" : "number";
    case doc::Kind::string:
      return "string";
    case doc::Kind::list:
      return "array";
    case doc::Kind::map:
      return "object";
  }
  return "";
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace llmops::score::json_schema

#include "schema/fitted.h"

#include <algorithm>

#include "base/text.h"
#include "doc/yaml_scalar.h"

namespace llmops::schema {
namespace {

using Kind = Type::Kind;

bool is_wanted(Kind kind, const doc::Node& node) {
  return (kind == Kind::integer && node.is_int()) || (kind == Kind::number && node.is_number()) ||
         (kind == Kind::boolean && node.is_bool());
}

doc::Node fitted_text(const Type& type, doc::Node node) {
  if (type.short_form) return fitted_text(*type.short_form, std::move(node));
  if (type.kind != Kind::integer && type.kind != Kind::number && type.kind != Kind::boolean) return node;
  auto read = doc::plain_scalar(std::string(text::trim(node.as_string())));
  if (!read || !is_wanted(type.kind, *read)) return node;
  return read->set_at(node.at());
}

const Type* type_of_key(const Type& record, std::string_view key) {
  const auto field =
      std::find_if(record.fields.begin(), record.fields.end(), [&](const Field& known) { return known.name == key; });
  if (field != record.fields.end()) return &field->type;
  const auto* alternative = record.alternative(key);
  return alternative ? &alternative->type : nullptr;
}

}  // namespace

doc::Node fitted(const Type& type, doc::Node node) {
  if (node.is_string()) return fitted_text(type, std::move(node));
  if (node.is_list() && type.kind == Kind::list && type.item) {
    for (auto& item : node.items()) item = fitted(*type.item, std::move(item));
  } else if (node.is_map() && type.kind == Kind::map && type.item) {
    for (auto& entry : node.entries()) entry.value = fitted(*type.item, std::move(entry.value));
  } else if (node.is_map() && type.kind == Kind::record) {
    for (auto& entry : node.entries()) {
      if (const auto* wanted = type_of_key(type, entry.key)) entry.value = fitted(*wanted, std::move(entry.value));
    }
  } else if (type.short_form && !node.is_scalar()) {
    return fitted(*type.short_form, std::move(node));
  }
  return node;
}

}  // namespace llmops::schema

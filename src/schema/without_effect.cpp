#include <algorithm>

#include "schema/type.h"

namespace llmops::schema {
namespace {

using Kind = Type::Kind;

class Finder {
 public:
  void look(const Type& type, const doc::Node& node) {
    if (type.kind == Kind::record && node.is_map()) return look_at_record(type, node);
    if (type.kind == Kind::list && node.is_list() && type.item) {
      for (const auto& item : node.items()) look(*type.item, item);
    } else if (type.kind == Kind::map && node.is_map() && type.item) {
      for (const auto& entry : node.entries()) look(*type.item, entry.value);
    } else if (type.short_form) {
      look(*type.short_form, node);
    }
  }

  Errors take() { return std::move(found_); }

 private:
  void look_at_record(const Type& type, const doc::Node& node) {
    for (const auto& entry : node.entries()) {
      const auto field = std::find_if(type.fields.begin(), type.fields.end(),
                                      [&](const Field& known) { return known.name == entry.key; });
      if (field != type.fields.end()) {
        look_at_field(*field, entry);
      } else if (const auto* alternative = type.alternative(entry.key)) {
        look(alternative->type, entry.value);
      }
    }
  }

  void look_at_field(const Field& field, const doc::Entry& entry) {
    if (field.instead.empty()) return look(field.type, entry.value);
    if (field.otherwise && *field.otherwise == entry.value) return;
    found_.push_back(
        invalid_error("`" + entry.key + "` has no effect in this version: " + field.instead, entry.key_at));
  }

  Errors found_;
};

}  // namespace

Errors without_effect(const Type& type, const doc::Node& node) {
  Finder finder;
  finder.look(type, node);
  return finder.take();
}

}  // namespace llmops::schema

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "schema/type.h"

namespace llmops::schema {
namespace {

using doc::List;
using doc::Node;
using Kind = Type::Kind;

/// Bounds that only say how wide a C++ integer is help nobody.
constexpr double kShownBound = 2147483647;

Node shape(std::string_view type) { return Node::map({{"type", Node(type)}}); }
Node matching(std::string_view pattern) { return Node::map({{"type", "string"}, {"pattern", Node(pattern)}}); }
Node any_of(List choices) { return Node::map({{"anyOf", Node(std::move(choices))}}); }
Node reference_to(std::string_view definition) {
  return Node::map({{"$ref", "#/definitions/" + std::string(definition)}});
}
Node bound(double value) {
  return value == std::trunc(value) && std::fabs(value) < 1e15 ? Node(static_cast<std::int64_t>(value)) : Node(value);
}

/// A name that may stand in a reference as it is.
std::string definition_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out += plain ? c : '-';
  }
  return out;
}

class Emitter {
 public:
  /// What may stand where a value of this type is wanted.
  Node emit(const Type& type) {
    if (type.kind == Kind::any) return Node::map();
    if (type.kind == Kind::string) return type.nullable ? any_of({strings(type), shape("null")}) : strings(type);
    List choices;
    choices.push_back(emit_alone(type));
    if (type.kind == Kind::record && type.bare_name) choices.push_back(bare_names(type));
    if (type.short_form) add_short_form(*type.short_form, choices);
    if (type.nullable) choices.push_back(shape("null"));
    add(choices, expression());
    return any_of(std::move(choices));
  }

  Node body(const Type& type) {
    Node out = Node::map({{"type", "object"}});
    if (!type.name.empty()) out["title"] = type.name;
    if (!type.help.empty()) out["description"] = type.help;
    out["additionalProperties"] = false;
    Node properties = Node::map(), required = Node::list(), exactly_one = Node::list();
    for (const auto& field : type.fields) {
      properties[field.name] = property(field);
      if (field.required) required.push_back(field.name);
    }
    for (const auto& key : type.alternative_keys()) {
      properties[key] = property(type, *type.alternative(key));
      exactly_one.push_back(Node::map({{"required", Node::strings({key})}}));
    }
    out["properties"] = std::move(properties);
    if (required.size() > 0) out["required"] = std::move(required);
    if (exactly_one.size() > 0) out["oneOf"] = std::move(exactly_one);
    return out;
  }

  Node take_definitions() { return std::move(definitions_); }

 private:
  static void add(List& choices, Node choice) {
    for (const auto& known : choices) {
      if (known == choice) return;
    }
    choices.push_back(std::move(choice));
  }

  void add_short_form(const Type& type, List& choices) {
    Node brief = emit(type);
    if (auto* inner = brief.find("anyOf")) {
      for (auto& choice : inner->items()) add(choices, std::move(choice));
    } else {
      add(choices, std::move(brief));
    }
  }

  Node emit_alone(const Type& type) {
    switch (type.kind) {
      case Kind::any:
        return Node::map();
      case Kind::string:
        return strings(type);
      case Kind::integer:
        return bounded(shape("integer"), type, "minimum", "maximum");
      case Kind::number:
        return bounded(shape("number"), type, "minimum", "maximum");
      case Kind::boolean:
        return shape("boolean");
      case Kind::duration:
        return define("duration", quantity("(ms|s|m|h|d)?", type.least.value_or(0)));
      case Kind::ratio:
        return define("share", share());
      case Kind::bytes:
        return define("size", quantity("(B|kB|KB|[MGT]B|[KMGT]iB)?", 0));
      case Kind::digest:
        return define("digest", matching("^(sha256:)?[0-9a-fA-F]{64}$"));
      case Kind::choice:
        return choice(type);
      case Kind::list:
      case Kind::map:
        return collection(type);
      case Kind::record:
        return type.name.empty() ? body(type) : named(type);
    }
    return Node::map();
  }

  /// A record that holds others of its kind is not unfolded within itself.
  Node named(const Type& type) {
    if (std::find(open_.begin(), open_.end(), type.name) != open_.end())
      return reference_to(definition_name(type.name));
    open_.push_back(type.name);
    auto definition = body(type);
    open_.pop_back();
    return define(type.name, std::move(definition));
  }

  static Node strings(const Type& type) {
    Node out = Node::map({{"type", Node::strings({"string", "number", "boolean"})}});
    if (type.non_empty) out["pattern"] = "\\S";
    return out;
  }

  /// A number from `least` on, or text: a number and a unit; not nothing at all, where `least` is above zero.
  static Node quantity(std::string_view unit, double least) {
    const std::string something = least > 0 ? "(?=[^eE]*[1-9])" : "";
    const auto pattern =
        "^" + something + "\\s*[+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\\s*" + std::string(unit) + "\\s*$";
    return any_of({Node::map({{"type", "number"}, {"minimum", bound(least)}}), matching(pattern)});
  }

  static Node share() {
    return any_of({Node::map({{"type", "number"}, {"minimum", 0}, {"maximum", 1}}),
                   matching("^\\s*([0-9]{1,2}([.][0-9]*)?|100([.]0*)?)\\s*%\\s*$"),
                   matching("^\\s*(0?[.][0-9]+|0|1)\\s*$")});
  }

  static Node choice(const Type& type) {
    List values;
    for (const auto& name : type.names) {
      values.emplace_back(name);
      if (const auto whole = text::to_int(name)) values.emplace_back(*whole);
      if (name == "true" || name == "false") values.emplace_back(name == "true");
    }
    return Node::map({{"enum", Node(std::move(values))}});
  }

  static Node bare_names(const Type& type) {
    List names;
    for (const auto& key : type.alternative_keys()) {
      if (!type.alternative(key)->needs_value) names.emplace_back(key);
    }
    return Node::map({{"enum", Node(std::move(names))}});
  }

  static Node bounded(Node out, const Type& type, std::string_view least, std::string_view most) {
    if (type.least && *type.least > -kShownBound) out[least] = bound(*type.least);
    if (type.most && *type.most < kShownBound) out[most] = bound(*type.most);
    return out;
  }

  Node collection(const Type& type) {
    const bool list = type.kind == Kind::list;
    Node out = shape(list ? "array" : "object");
    if (type.item) out[list ? "items" : "additionalProperties"] = emit(*type.item);
    return bounded(std::move(out), type, list ? "minItems" : "minProperties", list ? "maxItems" : "maxProperties");
  }

  Node property(const Field& field) {
    auto help = field.help;
    if (!field.unit.empty()) help += (help.empty() ? "Unit: " : " Unit: ") + field.unit + ".";
    if (!field.instead.empty()) help += (help.empty() ? "No effect yet: " : " No effect yet: ") + field.instead + ".";
    Node out = emit(field.type);
    if (!help.empty()) out["description"] = help;
    if (field.otherwise) out["default"] = *field.otherwise;
    return out;
  }

  Node property(const Type& type, const Alternative& alternative) {
    Node out = emit(alternative.type);
    if (type.bare_name && !alternative.needs_value && out.size() > 0) {
      if (auto* choices = out.find("anyOf")) {
        choices->push_back(shape("null"));
      } else {
        out = any_of({std::move(out), shape("null")});
      }
    }
    if (!alternative.help.empty()) out["description"] = alternative.help;
    return out;
  }

  Node expression() { return define("expression", matching("\\$\\{")); }

  /// A reference to this definition. Two that differ under one name get names of their own.
  Node define(std::string_view wanted, Node definition) {
    const auto stem = definition_name(wanted);
    auto name = stem;
    for (int next = 2;; ++next) {
      const auto* known = definitions_.find(name);
      if (!known) break;
      if (*known == definition) return reference_to(name);
      name = stem + "-" + std::to_string(next);
    }
    definitions_[name] = std::move(definition);
    return reference_to(name);
  }

  Node definitions_ = Node::map();
  std::vector<std::string> open_;  ///< The records that are being written.
};

}  // namespace

Node json_schema(const Type& type, std::string_view id, std::string_view title) {
  Emitter emitter;
  Node out = Node::map({{"$schema", "http://json-schema.org/draft-07/schema#"}, {"$id", Node(id)}});
  Node root =
      type.kind == Kind::record && !type.bare_name && !type.short_form ? emitter.body(type) : emitter.emit(type);
  root["title"] = title;
  for (auto& entry : root.entries()) out[entry.key] = std::move(entry.value);
  if (auto definitions = emitter.take_definitions(); definitions.size() > 0)
    out["definitions"] = std::move(definitions);
  return out;
}

}  // namespace llmops::schema

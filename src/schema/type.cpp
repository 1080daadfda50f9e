#include "schema/type.h"

#include "base/text.h"
#include "schema/words.h"

namespace llmops::schema {
namespace {

std::string describe_record(const Type& type) {
  std::string out;
  if (type.bare_name) out = "the name of " + with_article(type.name.empty() ? "kind" : type.name) + " or ";
  return out + "a map";
}

std::string describe_alone(const Type& type) {
  switch (type.kind) {
    case Type::Kind::any:
      return "anything";
    case Type::Kind::string:
      return "a string";
    case Type::Kind::integer:
      return "an integer";
    case Type::Kind::number:
      return "a number";
    case Type::Kind::boolean:
      return "true or false";
    case Type::Kind::duration:
      return "a duration such as `30s`";
    case Type::Kind::ratio:
      return "a share such as `1%` or `0.01`";
    case Type::Kind::bytes:
      return "a size such as `64MiB`";
    case Type::Kind::digest:
      return "a SHA-256 digest of 64 hexadecimal digits";
    case Type::Kind::choice:
      return (type.names.size() == 1 ? "" : "one of ") + listed(type.names);
    case Type::Kind::list:
    case Type::Kind::map: {
      const auto items = type.item ? type.item->plural() : std::string();
      return (type.kind == Type::Kind::list ? "a list" : "a map") + (items.empty() ? "" : " of " + items);
    }
    case Type::Kind::record:
      return describe_record(type);
  }
  return "a value";
}

}  // namespace

Type Type::list_of(Type item) {
  Type out = of(Kind::list);
  out.item = std::make_shared<const Type>(std::move(item));
  return out;
}

Type Type::map_of(Type item) {
  Type out = of(Kind::map);
  out.item = std::make_shared<const Type>(std::move(item));
  return out;
}

Type Type::choice_of(std::vector<std::string> names) {
  Type out = of(Kind::choice);
  out.names = std::move(names);
  return out;
}

Type Type::positive_duration() {
  Type out = of(Kind::duration);
  out.least = 0.001;
  return out;
}

std::string Type::describe() const {
  const auto alone = describe_alone(*this);
  if (!short_form) return alone;
  const auto brief = short_form->describe();
  return brief == alone ? alone : alone + " or " + brief;
}

std::string Type::plural() const {
  switch (kind) {
    case Kind::any:
      return {};
    case Kind::string:
      return "strings";
    case Kind::integer:
      return "integers";
    case Kind::number:
      return "numbers";
    case Kind::boolean:
      return "booleans";
    case Kind::duration:
      return "durations";
    case Kind::ratio:
      return "shares";
    case Kind::bytes:
      return "sizes";
    case Kind::digest:
      return "digests";
    case Kind::choice:
      return listed(names);
    case Kind::list:
      return "lists";
    case Kind::map:
      return "maps";
    case Kind::record:
      return name.empty() ? "maps" : name + "s";
  }
  return {};
}

std::vector<std::string> Type::alternative_keys() const {
  std::vector<std::string> out;
  for (const auto& alternative : alternatives) out.push_back(alternative.name);
  if (prefix.empty()) return out;
  for (const auto& alternative : alternatives) out.push_back(prefix + alternative.name);
  return out;
}

const Alternative* Type::alternative(std::string_view key) const {
  const auto by_name = [this](std::string_view wanted) -> const Alternative* {
    for (const auto& known : alternatives) {
      if (known.name == wanted) return &known;
    }
    return nullptr;
  };
  if (const auto* found = by_name(key)) return found;
  return !prefix.empty() && key.starts_with(prefix) ? by_name(key.substr(prefix.size())) : nullptr;
}

bool holds_expression(const doc::Node& node) {
  if (!node.is_string()) return false;
  const auto& text = node.as_string();
  for (auto at = text.find('$'); at != std::string::npos; at = text.find('$', at)) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (next == '{') return true;
    at += next == '$' ? 2 : 1;
  }
  return false;
}

}  // namespace llmops::schema

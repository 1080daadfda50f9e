#pragma once
/// \file  Short names for the shapes of documents that llmops writes.
#include <string>
#include <utility>
#include <vector>

#include "schema/type.h"

namespace llmops::schema::shapes {

inline Type text() { return Type::of(Type::Kind::string); }
inline Type number() { return Type::of(Type::Kind::number); }
inline Type boolean() { return Type::of(Type::Kind::boolean); }
inline Type anything() { return Type::of(Type::Kind::any); }
inline Type not_negative() {
  auto out = number();
  out.least = 0;
  return out;
}
inline Type count() {
  auto out = Type::of(Type::Kind::integer);
  out.least = 0;
  return out;
}
inline Type or_null(Type type) {
  type.nullable = true;
  return type;
}

inline Field need(std::string name, Type type, std::string help) {
  return {std::move(name), std::move(type), true, {}, std::move(help), {}};
}
inline Field may(std::string name, Type type, std::string help) {
  return {std::move(name), std::move(type), false, {}, std::move(help), {}};
}

inline Type record(std::string name, std::string help, std::vector<Field> fields) {
  auto out = Type::of(Type::Kind::record);
  out.name = std::move(name);
  out.help = std::move(help);
  out.fields = std::move(fields);
  return out;
}

}  // namespace llmops::schema::shapes

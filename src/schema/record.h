#pragma once
/// \file  A C++ struct and how a document becomes one: each field is declared once, with its member, name and help.
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"
#include "schema/quantity.h"
#include "schema/type.h"

namespace llmops::schema {

template <class T>
class Record;

/// The chosen alternative of a record: its key and what stands under it.
struct Tagged {
  std::string tag;  ///< The alternative's name, without its prefix.
  bool prefixed = false;
  SourcePos at;    ///< Of the key.
  doc::Node body;  ///< Null where the bare name was written.
  friend bool operator==(const Tagged& a, const Tagged& b) {
    return a.tag == b.tag && a.prefixed == b.prefixed && a.body == b.body;
  }
};

/// A value and the place where it was written.
template <class T>
struct Placed {
  T value{};
  SourcePos at;
  friend bool operator==(const Placed& a, const Placed& b) { return a.value == b.value; }
};

/// How a C++ type is described and read. Specialise for a new leaf; a struct gives `const Record<T>& record_of(T*)`
/// beside it instead, found by argument-dependent look-up. `read` is only called on a node that passed `check`, where a
/// leaf that is not yet known (`Late::allow`) reads as a default.
template <class T>
struct Codec;

template <class T>
concept HasRecord = requires(T* t) {
  { record_of(t) } -> std::convertible_to<const Record<T>&>;
};

template <class T>
Type type_of() {
  if constexpr (HasRecord<T>) {
    return record_of(static_cast<T*>(nullptr)).type();
  } else {
    return Codec<T>::type();
  }
}

template <class T>
T read(const doc::Node& node) {
  if constexpr (HasRecord<T>) {
    return record_of(static_cast<T*>(nullptr)).read(node);
  } else {
    return Codec<T>::read(node);
  }
}

template <>
struct Codec<std::string> {
  static Type type() { return Type::of(Type::Kind::string); }
  static std::string read(const doc::Node& node) { return node.text(); }
  static std::optional<doc::Node> show(const std::string& value) {
    if (value.empty()) return std::nullopt;
    return doc::Node(value);
  }
};

template <>
struct Codec<bool> {
  static Type type() { return Type::of(Type::Kind::boolean); }
  static bool read(const doc::Node& node) { return node.is_bool() && node.as_bool(); }
  static std::optional<doc::Node> show(bool value) { return doc::Node(value); }
};

template <std::integral T>
requires(!std::same_as<T, bool>) struct Codec<T> {
  /// Bounded by what `T` holds, where a document can say more.
  static Type type() {
    Type out = Type::of(Type::Kind::integer);
    if constexpr (std::unsigned_integral<T>) out.least = 0;
    if constexpr (sizeof(T) < sizeof(std::int64_t)) {
      out.least = static_cast<double>(std::numeric_limits<T>::min());
      out.most = static_cast<double>(std::numeric_limits<T>::max());
    }
    return out;
  }
  static T read(const doc::Node& node) { return node.is_int() ? static_cast<T>(node.as_int()) : T{}; }
  static std::optional<doc::Node> show(T value) { return doc::Node(static_cast<std::int64_t>(value)); }
};

template <>
struct Codec<double> {
  static Type type() { return Type::of(Type::Kind::number); }
  static double read(const doc::Node& node) { return node.is_number() ? node.as_double() : 0; }
  static std::optional<doc::Node> show(double value) { return doc::Node(value); }
};

template <>
struct Codec<Usd> {
  static Type type() { return Type::of(Type::Kind::number); }
  static Usd read(const doc::Node& node) { return {node.is_number() ? node.as_double() : 0}; }
  static std::optional<doc::Node> show(Usd value) { return doc::Node(value.value); }
};

template <>
struct Codec<Ratio> {
  static Type type() { return Type::of(Type::Kind::ratio); }
  static Ratio read(const doc::Node& node) { return units::parse_ratio(node.text()).value_or(Ratio{}); }
  static std::optional<doc::Node> show(Ratio value) { return doc::Node(value.value); }
};

template <>
struct Codec<Duration> {
  static Type type() { return Type::of(Type::Kind::duration); }
  static Duration read(const doc::Node& node) { return units::parse_duration(node.text()).value_or(Duration{}); }
  static std::optional<doc::Node> show(Duration value) { return doc::Node(written(value)); }
};

template <>
struct Codec<Bytes> {
  static Type type() { return Type::of(Type::Kind::bytes); }
  static Bytes read(const doc::Node& node) { return units::parse_bytes(node.text()).value_or(Bytes{}); }
  static std::optional<doc::Node> show(Bytes value) { return doc::Node(written(value)); }
};

template <>
struct Codec<doc::Node> {
  static Type type() { return Type::of(Type::Kind::any); }
  static doc::Node read(const doc::Node& node) { return node; }
  static std::optional<doc::Node> show(const doc::Node& value) {
    if (value.is_null()) return std::nullopt;
    return value;
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static Type type() { return Type::list_of(type_of<T>()); }
  /// One item alone is read as a list of one, where the type's short form let it pass.
  static std::vector<T> read(const doc::Node& node) {
    std::vector<T> out;
    if (!node.is_list()) {
      if (!node.is_null()) out.push_back(schema::read<T>(node));
      return out;
    }
    for (const auto& item : node.items()) out.push_back(schema::read<T>(item));
    return out;
  }
  static std::optional<doc::Node> show(const std::vector<T>&) { return std::nullopt; }
};

template <class T>
struct Codec<std::map<std::string, T>> {
  static Type type() { return Type::map_of(type_of<T>()); }
  static std::map<std::string, T> read(const doc::Node& node) {
    std::map<std::string, T> out;
    if (!node.is_map()) return out;
    for (const auto& entry : node.entries()) out.emplace(entry.key, schema::read<T>(entry.value));
    return out;
  }
  static std::optional<doc::Node> show(const std::map<std::string, T>&) { return std::nullopt; }
};

/// Keeps the order in which a map was written.
template <class T>
struct Codec<std::vector<std::pair<std::string, T>>> {
  static Type type() { return Type::map_of(type_of<T>()); }
  static std::vector<std::pair<std::string, T>> read(const doc::Node& node) {
    std::vector<std::pair<std::string, T>> out;
    if (!node.is_map()) return out;
    for (const auto& entry : node.entries()) out.emplace_back(entry.key, schema::read<T>(entry.value));
    return out;
  }
  static std::optional<doc::Node> show(const std::vector<std::pair<std::string, T>>&) { return std::nullopt; }
};

template <class T>
struct Codec<std::optional<T>> {
  static Type type() { return type_of<T>(); }
  static std::optional<T> read(const doc::Node& node) {
    if (node.is_null()) return std::nullopt;
    return schema::read<T>(node);
  }
  static std::optional<doc::Node> show(const std::optional<T>&) { return std::nullopt; }
};

template <class T>
struct Codec<Placed<T>> {
  static Type type() { return type_of<T>(); }
  static Placed<T> read(const doc::Node& node) { return {schema::read<T>(node), node.at()}; }
  static std::optional<doc::Node> show(const Placed<T>& value) { return Codec<T>::show(value.value); }
};

/// The declaration of `T`'s fields.
template <class T>
class Record {
 public:
  Record(std::string name, std::string help) {
    type_.kind = Type::Kind::record;
    type_.name = std::move(name);
    type_.help = std::move(help);
  }

  /// A key that must be there.
  template <class M>
  Record& need(std::string name, M T::*member, std::string help, std::string unit = {}) {
    return add(std::move(name), member, std::move(help), std::move(unit), type_of<M>(), true);
  }
  /// A key that may be there; the member's initial value is the default.
  template <class M>
  Record& may(std::string name, M T::*member, std::string help, std::string unit = {}) {
    return add(std::move(name), member, std::move(help), std::move(unit), type_of<M>(), false);
  }
  /// The same with a type narrower than the member's own, such as a choice or a bounded number.
  template <class M>
  Record& need_as(Type type, std::string name, M T::*member, std::string help, std::string unit = {}) {
    return add(std::move(name), member, std::move(help), std::move(unit), std::move(type), true);
  }
  template <class M>
  Record& may_as(Type type, std::string name, M T::*member, std::string help, std::string unit = {}) {
    return add(std::move(name), member, std::move(help), std::move(unit), std::move(type), false);
  }
  /// Nothing acts on the key declared last; `instead` says, in a sentence without a full stop, what happens.
  Record& without_effect(std::string instead) {
    type_.fields.back().instead = std::move(instead);
    return *this;
  }
  /// Exactly one of these keys; which, and what stands there, goes into `member`. With `prefix`, `not-equals` is
  /// `equals`, prefixed. With `bare`, the name alone will do.
  enum class Bare { no, yes };
  Record& one_of(Tagged T::*member, std::vector<Alternative> alternatives, Bare bare = Bare::no,
                 std::string prefix = {}) {
    type_.alternatives = std::move(alternatives);
    type_.bare_name = bare == Bare::yes;
    type_.prefix = std::move(prefix);
    tagged_ = member;
    return *this;
  }
  /// A scalar in place of the record is this field's value.
  Record& short_for(const std::string& field) {
    for (const auto& known : type_.fields) {
      if (known.name == field) type_.short_form = std::make_shared<const Type>(known.type);
    }
    short_field_ = field;
    return *this;
  }

  const Type& type() const { return type_; }

  /// The struct, or everything that is wrong. Under `Late::allow` a field whose value still holds `${…}` where its type
  /// is no string (nor a record whose short form is one) keeps its default.
  Result<T, Errors> bind(const doc::Node& node, Late late = Late::refuse) const {
    auto errors = check(type_, node, late);
    if (!errors.empty()) return errors;
    return read(node);
  }

  /// Of a node that passed `check`.
  T read(const doc::Node& node) const {
    T out{};
    const bool later = holds_expression(node);
    if (tagged_ && !later && node.is_scalar() && type_.bare_name && type_.alternative(node.text())) {
      set_tag(out, node.text(), node.at(), doc::Node());
      return out;
    }
    if (!node.is_map()) {
      for (const auto& reader : readers_) {
        if (reader.name == short_field_ && (reader.string_like || !later)) reader.read(out, node);
      }
      return out;
    }
    for (const auto& entry : node.entries()) {
      bool plain = false;
      for (const auto& reader : readers_) {
        if (reader.name != entry.key) continue;
        plain = true;
        if (reader.string_like || !holds_expression(entry.value)) reader.read(out, entry.value);
      }
      if (!plain && tagged_) set_tag(out, entry.key, entry.key_at, entry.value);
    }
    return out;
  }

 private:
  struct Reader {
    std::string name;
    bool string_like;  ///< An expression is text to it, or to the record's own fields.
    std::function<void(T&, const doc::Node&)> read;
  };

  template <class M>
  Record& add(std::string name, M T::*member, std::string help, std::string unit, Type type, bool required) {
    const T initial{};
    Field field{name, std::move(type), required, std::nullopt, std::move(help), std::move(unit)};
    if constexpr (!HasRecord<M>) {
      if (!required) field.otherwise = Codec<M>::show(initial.*member);
    }
    if constexpr (std::integral<M>) keep_in_range(field.type, type_of<M>());
    const bool string_like = field.type.kind == Type::Kind::string || field.type.kind == Type::Kind::digest ||
                             field.type.kind == Type::Kind::any || field.type.kind == Type::Kind::record;
    readers_.push_back({std::move(name), string_like,
                        [member](T& out, const doc::Node& node) { out.*member = schema::read<M>(node); }});
    type_.fields.push_back(std::move(field));
    return *this;
  }

  /// A narrower type keeps the bounds of what the member can hold.
  static void keep_in_range(Type& type, const Type& member) {
    if (type.kind != Type::Kind::integer) return;
    if (!type.least) type.least = member.least;
    if (!type.most) type.most = member.most;
  }

  void set_tag(T& out, const std::string& key, const SourcePos& at, doc::Node body) const {
    Tagged tagged{key, false, at, std::move(body)};
    const auto* chosen = type_.alternative(key);
    if (chosen && chosen->name != key) {
      tagged.tag = key.substr(type_.prefix.size());
      tagged.prefixed = true;
    }
    out.*tagged_ = std::move(tagged);
  }

  Type type_;
  std::string short_field_;
  Tagged T::*tagged_ = nullptr;
  std::vector<Reader> readers_;
};

}  // namespace llmops::schema

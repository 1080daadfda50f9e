#pragma once
/// \file  What a value may be: declared once, and from it validation, JSON Schema, the reference page and completion.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"

namespace llmops::schema {

struct Type;
struct Field;
struct Alternative;

/// Whether a scalar that still holds `${…}` may stand where something else is wanted.
enum class Late {
  refuse,  ///< It is a string like any other.
  allow,   ///< It passes every check; its value comes later.
};

/// The shape of a value. A plain value; copy it freely.
struct Type {
  enum class Kind {
    any,     ///< Anything, unchecked.
    string,  ///< A scalar; numbers keep their text as written.
    integer,
    number,
    boolean,
    duration,  ///< `250ms`, `60s`, `5m`; a plain number counts seconds.
    ratio,     ///< `1%` or `0.01`.
    bytes,     ///< `64MiB`.
    digest,    ///< SHA-256: 64 hexadecimal digits, with or without `sha256:` in front.
    choice,    ///< One of `names`.
    list,      ///< Of `item`.
    map,       ///< String keys, values of `item`.
    record,    ///< `fields`, and exactly one of `alternatives` where there are any.
  };

  Kind kind = Kind::any;
  std::string name;  ///< Of a record, for `definitions`, messages and the reference; empty for the rest.
  std::string help;  ///< One sentence.
  std::vector<std::string> names;
  std::shared_ptr<const Type> item;
  std::vector<Field> fields;
  std::vector<Alternative> alternatives;
  bool bare_name = false;  ///< A record with alternatives may be written as just the alternative's name.
  std::string prefix;      ///< An alternative may be written with this in front (`not-`).
  /// What may stand in this type's place: a scalar for a record (`path` for `{path: …}`), one item for a list.
  std::shared_ptr<const Type> short_form;
  std::optional<double> least, most;  ///< Of numbers; of durations, seconds; of a list or map, its size.
  bool non_empty = false;             ///< Strings: not blank.
  bool nullable = false;              ///< A null may stand in its place.

  static Type of(Kind kind);
  static Type list_of(Type item);
  static Type map_of(Type item);
  static Type choice_of(std::vector<std::string> names);
  /// A duration of at least a millisecond.
  static Type positive_duration();
  /// `a string`, `a list of strings`, `one of `a`, `b``: for messages.
  std::string describe() const;
  /// What several are called: `strings`, `scorers`; empty for anything.
  std::string plural() const;
  /// The keys of a record's alternatives, those with the prefix behind all others.
  std::vector<std::string> alternative_keys() const;
  /// The alternative that this key selects, with or without the prefix; null where there is none.
  const Alternative* alternative(std::string_view key) const;
};

/// One key of a record.
struct Field {
  std::string name;
  Type type;
  bool required = false;
  std::optional<doc::Node> otherwise;  ///< The default, as it would be written; nothing where there is none to show.
  std::string help;                    ///< One line.
  std::string unit;                    ///< `ms`, `USD per million tokens`; empty where the type says it.
  std::string instead;                 ///< What happens instead, where nothing acts on the key yet; else empty.
};

/// One of several keys, of which exactly one is present; its value has `type`.
struct Alternative {
  std::string name;
  Type type;
  std::string help;
  bool needs_value = false;  ///< Its name alone does not do, even where the record allows bare names.
};

inline Type Type::of(Kind kind) {
  Type out;
  out.kind = kind;
  return out;
}

/// Every way in which `node` is not a `type`, with place and hint; empty when it is one. A misspelt required key is
/// reported once, as misspelt. A value without a place is reported at the nearest one above it.
Errors check(const Type& type, const doc::Node& node, Late late);

/// What is written in `node`, of a type that it passed, and nothing acts on yet; a value that is the default is no
/// news. Each with the key's place, and what happens instead.
Errors without_effect(const Type& type, const doc::Node& node);

/// JSON Schema, draft-07, closed records, titles and descriptions included, records by name under `definitions`. It
/// accepts what `check` accepts under `Late::allow`: wherever no string is wanted, a string with `${` will do.
doc::Node json_schema(const Type& type, std::string_view id, std::string_view title);

/// A Markdown reference of a record and all records below it, in order of first mention.
std::string reference(const Type& type);

/// True where a string holds an expression that is not escaped (`${…}`, not `$${…}`).
bool holds_expression(const doc::Node& node);

}  // namespace llmops::schema

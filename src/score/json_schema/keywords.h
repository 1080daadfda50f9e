#pragma once
/// \file  The table of keywords. Private to this folder.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doc/node.h"
#include "score/json_schema/program.h"
#include "score/json_schema/validator.h"

namespace llmops::score::json_schema {

/// What a keyword's factory sees of the schema that it makes a unit of.
class Site {
 public:
  virtual ~Site() = default;
  /// The value of a keyword of this schema, or null.
  virtual const doc::Node* find(std::string_view keyword) const = 0;
  virtual Draft draft() const = 0;
  /// The index of the subschema that stands here.
  virtual std::size_t subschema(const doc::Node& node) = 0;
  /// The same where it applies to the very value that this schema applies to; a circle of these is an error.
  virtual std::size_t in_place(const doc::Node& node) = 0;
  /// What `$ref` or `$dynamicRef` names; nothing where that is an error.
  struct Referred {
    std::size_t schema;
    std::string dynamic_anchor;  ///< The name, where it is a `$dynamicAnchor`.
  };
  virtual std::optional<Referred> referred(const doc::Node& reference) = 0;
  virtual std::optional<Referred> dynamically_referred(const doc::Node& reference) = 0;
  virtual void refuse(Error error) = 0;
};

/// Makes the unit of one keyword, or of several that work together; without a keyword where its value is wrong (which
/// was told) or says nothing.
using Make = Unit (*)(std::string_view keyword, const doc::Node& value, Site& site);

/// Where a keyword's value has schemas.
enum class Holds {
  nothing,
  schema,
  schemas,            ///< A list of them.
  named,              ///< A map of them.
  schema_or_schemas,  ///< `items` of draft 7.
  named_or_names,     ///< `dependencies`: a map of them, or of lists of names.
};

struct KeywordRow {
  std::string_view name;
  bool in_draft7, in_draft2020_12;
  Holds holds;
  Make make;  ///< Null where the keyword asserts nothing by itself.
  bool in(Draft draft) const { return draft == Draft::draft7 ? in_draft7 : in_draft2020_12; }
};

/// In the order in which they are run: cheap ones first, those that look at what the others have seen last.
const std::vector<KeywordRow>& keyword_rows();

/// Every schema that stands directly below this one.
void for_each_subschema(const doc::Node& schema, Draft draft, const std::function<void(const doc::Node&)>& visit);

// The factories.
Unit make_type(std::string_view, const doc::Node&, Site&);
Unit make_const(std::string_view, const doc::Node&, Site&);
Unit make_enum(std::string_view, const doc::Node&, Site&);
Unit make_number_bound(std::string_view, const doc::Node&, Site&);
Unit make_multiple_of(std::string_view, const doc::Node&, Site&);
Unit make_size_bound(std::string_view, const doc::Node&, Site&);
Unit make_pattern(std::string_view, const doc::Node&, Site&);
Unit make_unique_items(std::string_view, const doc::Node&, Site&);
Unit make_items(std::string_view, const doc::Node&, Site&);
Unit make_contains(std::string_view, const doc::Node&, Site&);
Unit make_unevaluated_items(std::string_view, const doc::Node&, Site&);
Unit make_members(std::string_view, const doc::Node&, Site&);
Unit make_property_names(std::string_view, const doc::Node&, Site&);
Unit make_unevaluated_properties(std::string_view, const doc::Node&, Site&);
Unit make_dependencies(std::string_view, const doc::Node&, Site&);
Unit make_reference(std::string_view, const doc::Node&, Site&);
Unit make_dynamic_reference(std::string_view, const doc::Node&, Site&);
Unit make_all_of(std::string_view, const doc::Node&, Site&);
Unit make_any_of(std::string_view, const doc::Node&, Site&);
Unit make_one_of(std::string_view, const doc::Node&, Site&);
Unit make_not(std::string_view, const doc::Node&, Site&);
Unit make_condition(std::string_view, const doc::Node&, Site&);

// For factories.
/// The keyword's value as a number of things: an integer of at least 0 (3.0 is one).
std::optional<std::size_t> count_of(std::string_view keyword, const doc::Node& value, Site& site);
/// The items of a list that is not empty.
const doc::List* list_of(std::string_view keyword, const doc::Node& value, Site& site);
/// A list of different strings.
std::optional<std::vector<std::string>> names_of(std::string_view keyword, const doc::Node& value, Site& site);
/// The keyword's value is not what the draft wants there.
void refuse_value(std::string_view keyword, const doc::Node& value, std::string_view expected, Site& site);
/// A value for messages, as JSON, in backticks and cut.
std::string shown(const doc::Node& value);
/// Its type as JSON Schema calls it: `integer`, `array`, …
std::string_view type_name(const doc::Node& value);
/// `1 item`, `2 items`
std::string counted(std::size_t count, std::string_view one, std::string_view many);

}  // namespace llmops::score::json_schema

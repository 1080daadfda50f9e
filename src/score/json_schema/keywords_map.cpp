// Keywords on objects.
#include <algorithm>

#include "base/text.h"
#include "score/json_schema/ecma_pattern.h"
#include "score/json_schema/keywords.h"
#include "score/json_schema/run.h"

namespace llmops::score::json_schema {
namespace {

/// `properties`, `patternProperties`, `additionalProperties` and `required`, in one pass over the members.
class Members final : public Keyword {
 public:
  struct Known {
    std::string_view name;
    std::optional<std::size_t> schema;
    bool required = false;
  };
  struct Matching {
    EcmaPattern pattern;
    std::size_t schema;
  };
  struct Parts {
    std::vector<Known> known;
    std::vector<Matching> matching;
    std::optional<std::size_t> others;
    std::vector<std::string> required;
  };
  explicit Members(Parts parts) : parts_(std::move(parts)) {
    std::sort(parts_.known.begin(), parts_.known.end(),
              [](const Known& a, const Known& b) { return before(a.name, b.name); });
  }

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    const auto& entries = value.entries();
    std::size_t required = 0;
    if (!run.spend(entries.size())) return false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto* known = find(entries[i].key);
      if (known && known->required) ++required;
      if (!check(entries[i], known, run)) return false;
      if (seen && (parts_.others || (known && known->schema) || is_matched(entries[i].key)))
        seen->mark(i, entries.size());
    }
    if (required == parts_.required.size()) return true;
    return run.fail([&] { return "must have the property `" + text::shorten(missing_from(value), 60) + "`"; });
  }

 private:
  /// Any order will do; lengths differ most.
  static bool before(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }

  const Known* find(std::string_view name) const {
    const auto at =
        std::lower_bound(parts_.known.begin(), parts_.known.end(), name,
                         [](const Known& one, std::string_view wanted) { return before(one.name, wanted); });
    return at != parts_.known.end() && at->name == name ? &*at : nullptr;
  }

  bool check(const doc::Entry& entry, const Known* known, Run& run) const {
    bool evaluated = false;
    if (known && known->schema) {
      if (!run.descend(*known->schema, entry)) return false;
      evaluated = true;
    }
    for (const auto& matching : parts_.matching) {
      if (!run.spend(1 + entry.key.size() / 4)) return false;
      if (!matching.pattern.matches(entry.key)) continue;
      if (!run.descend(matching.schema, entry)) return false;
      evaluated = true;
    }
    return evaluated || !parts_.others || run.descend(*parts_.others, entry);
  }

  bool is_matched(const std::string& key) const {
    return std::any_of(parts_.matching.begin(), parts_.matching.end(),
                       [&](const Matching& one) { return one.pattern.matches(key); });
  }

  std::string_view missing_from(const doc::Node& value) const {
    return *std::find_if(parts_.required.begin(), parts_.required.end(),
                         [&](const auto& name) { return !value.find(name); });
  }

  Parts parts_;
};

class PropertyNames final : public Keyword {
 public:
  explicit PropertyNames(std::size_t schema) : schema_(schema) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    for (const auto& entry : value.entries()) {
      if (run.apply(schema_, doc::Node(entry.key), nullptr)) continue;
      const auto inner = run.take_violation();
      return run.fail([&] {
        return "has the property `" + text::printable(text::shorten(entry.key, 60)) + "`, whose name " +
               (inner ? inner->message : std::string());
      });
    }
    return true;
  }

 private:
  std::size_t schema_;
};

/// What the presence of a member asks for.
class Dependencies final : public Keyword {
 public:
  struct Row {
    std::string_view name;
    std::optional<std::size_t> schema;
    std::vector<std::string> names;
  };
  explicit Dependencies(std::vector<Row> rows) : rows_(std::move(rows)) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    for (const auto& row : rows_) {
      if (!run.spend(1 + value.size() / 8)) return false;
      if (!value.find(row.name)) continue;
      if (row.schema && !run.apply(*row.schema, value, seen)) return false;
      for (const auto& name : row.names) {
        if (!run.spend(1 + value.size() / 8)) return false;
        if (value.find(name)) continue;
        return run.fail([&] {
          return "must have the property `" + text::shorten(name, 60) + "`, since it has `" +
                 text::shorten(row.name, 60) + "`";
        });
      }
    }
    return true;
  }

 private:
  std::vector<Row> rows_;
};

class UnevaluatedProperties final : public Keyword {
 public:
  explicit UnevaluatedProperties(std::size_t schema) : schema_(schema) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    const auto& entries = value.entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (seen->has(i)) continue;
      if (!run.descend(schema_, entries[i])) return false;
      seen->mark(i, entries.size());
    }
    return true;
  }

 private:
  std::size_t schema_;
};

/// The value of one of these keywords where it is a map.
const doc::Node* map_of(std::string_view keyword, Site& site) {
  const auto* value = site.find(keyword);
  if (value && !value->is_map()) refuse_value(keyword, *value, "a map of schemas", site);
  return value && value->is_map() ? value : nullptr;
}

std::vector<Members::Known> known_members(const std::vector<std::string>& required, Site& site) {
  std::vector<Members::Known> out;
  if (const auto* properties = map_of("properties", site)) {
    for (const auto& entry : properties->entries()) out.push_back({entry.key, site.subschema(entry.value), false});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto properties = static_cast<std::ptrdiff_t>(out.size());
  for (const auto& name : required) {
    const auto end = out.begin() + properties;
    const auto at =
        std::lower_bound(out.begin(), end, name, [](const auto& one, const auto& wanted) { return one.name < wanted; });
    if (at != end && at->name == name) {
      at->required = true;
    } else {
      out.push_back({name, std::nullopt, true});
    }
  }
  return out;
}

}  // namespace

Unit make_members(std::string_view keyword, const doc::Node&, Site& site) {
  for (const std::string_view first : {"properties", "patternProperties", "additionalProperties", "required"}) {
    if (first == keyword) break;
    if (site.find(first)) return {};  // Made with that one.
  }
  Members::Parts parts;
  if (const auto* required = site.find("required")) {
    parts.required = names_of("required", *required, site).value_or(std::vector<std::string>{});
  }
  auto known = known_members(parts.required, site);
  if (const auto* patterns = map_of("patternProperties", site)) {
    for (const auto& entry : patterns->entries()) {
      auto pattern = EcmaPattern::of(entry.key, entry.key_at);
      if (pattern) {
        parts.matching.push_back({*std::move(pattern), site.subschema(entry.value)});
      } else {
        site.refuse(std::move(pattern).error());
      }
    }
  }
  if (const auto* others = site.find("additionalProperties")) parts.others = site.subschema(*others);
  parts.known = std::move(known);
  return {kMaps, std::make_unique<Members>(std::move(parts))};
}

Unit make_property_names(std::string_view, const doc::Node& value, Site& site) {
  return {kMaps, std::make_unique<PropertyNames>(site.subschema(value))};
}

Unit make_dependencies(std::string_view keyword, const doc::Node& value, Site& site) {
  std::vector<Dependencies::Row> rows;
  if (!value.is_map()) {
    refuse_value(keyword, value, "a map", site);
    return {};
  }
  const bool names_only = keyword == "dependentRequired";
  for (const auto& entry : value.entries()) {
    if (names_only || (keyword == "dependencies" && entry.value.is_list())) {
      rows.push_back(
          {entry.key, std::nullopt, names_of(keyword, entry.value, site).value_or(std::vector<std::string>{})});
    } else {
      rows.push_back({entry.key, site.in_place(entry.value), {}});
    }
  }
  return {kMaps, std::make_unique<Dependencies>(std::move(rows))};
}

Unit make_unevaluated_properties(std::string_view, const doc::Node& value, Site& site) {
  return {kMaps, std::make_unique<UnevaluatedProperties>(site.subschema(value))};
}

}  // namespace llmops::score::json_schema

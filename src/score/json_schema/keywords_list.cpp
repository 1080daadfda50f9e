// Keywords on arrays.
#include "score/json_schema/equality.h"
#include "score/json_schema/keywords.h"
#include "score/json_schema/run.h"

namespace llmops::score::json_schema {
namespace {

/// `prefixItems` and `items`; in draft 7 `items` and `additionalItems`.
class Items final : public Keyword {
 public:
  Items(std::vector<std::size_t> first, std::optional<std::size_t> rest) : first_(std::move(first)), rest_(rest) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    const auto& items = value.items();
    const auto count = rest_ ? items.size() : std::min(first_.size(), items.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (!run.descend(i < first_.size() ? first_[i] : *rest_, items[i], i)) return false;
      if (seen) seen->mark(i, items.size());
    }
    return true;
  }

 private:
  std::vector<std::size_t> first_;
  std::optional<std::size_t> rest_;
};

class Contains final : public Keyword {
 public:
  struct Wanted {
    std::size_t schema = 0;
    std::size_t least = 1;
    std::optional<std::size_t> most;
  };
  explicit Contains(Wanted wanted) : wanted_(wanted) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    const auto& items = value.items();
    std::size_t found = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!seen && !wanted_.most && found >= wanted_.least) return true;
      if (!run.try_descend(wanted_.schema, items[i], i)) continue;
      ++found;
      if (seen) seen->mark(i, items.size());
    }
    if (found < wanted_.least) return run.fail([&] { return "must have at least " + said(wanted_.least, found); });
    if (wanted_.most && found > *wanted_.most)
      return run.fail([&] { return "must have at most " + said(*wanted_.most, found); });
    return true;
  }

 private:
  static std::string said(std::size_t wanted, std::size_t found) {
    return counted(wanted, "item that is", "items that are") + " as `contains` wants, found " + std::to_string(found);
  }

  Wanted wanted_;
};

class UniqueItems final : public Keyword {
 public:
  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    if (!run.spend(weight_of(value))) return false;
    const auto equal = equal_items(value.items());
    if (!equal) return true;
    return run.fail([&] {
      return "must have no two equal items, found " + shown(value.items()[equal->first]) + " at " +
             std::to_string(equal->first) + " and " + std::to_string(equal->second);
    });
  }
};

class UnevaluatedItems final : public Keyword {
 public:
  explicit UnevaluatedItems(std::size_t schema) : schema_(schema) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    const auto& items = value.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (seen->has(i)) continue;
      if (!run.descend(schema_, items[i], i)) return false;
      seen->mark(i, items.size());
    }
    return true;
  }

 private:
  std::size_t schema_;
};

}  // namespace

Unit make_items(std::string_view keyword, const doc::Node& value, Site& site) {
  const bool old = site.draft() == Draft::draft7;
  const auto* first = site.find(old ? "items" : "prefixItems");
  const auto* rest = site.find(old ? "additionalItems" : "items");
  if (old && keyword == "additionalItems") return {};  // Says something beside a list of `items` only.
  if (!old && rest && rest->is_list()) {
    site.refuse(invalid_error("expected `items` to be a schema, found a list", rest->at(),
                              "a schema for each place stands in `prefixItems`"));
    return {};
  }
  if (!old && keyword == "items" && first) return {};  // Made with `prefixItems`.
  std::vector<std::size_t> schemas;
  if (old && !value.is_list()) {
    return {kLists, std::make_unique<Items>(std::move(schemas), site.subschema(value))};
  }
  if (first) {
    if (!first->is_list()) {
      refuse_value(keyword, *first, "a list of schemas", site);
      return {};
    }
    for (const auto& item : first->items()) schemas.push_back(site.subschema(item));
  }
  std::optional<std::size_t> others;
  if (rest) others = site.subschema(*rest);
  return {kLists, std::make_unique<Items>(std::move(schemas), others)};
}

Unit make_contains(std::string_view, const doc::Node& value, Site& site) {
  Contains::Wanted wanted{site.subschema(value), 1, std::nullopt};
  if (site.draft() == Draft::draft2020_12) {
    if (const auto* least = site.find("minContains")) wanted.least = count_of("minContains", *least, site).value_or(0);
    if (const auto* most = site.find("maxContains")) wanted.most = count_of("maxContains", *most, site);
  }
  return {kLists, std::make_unique<Contains>(wanted)};
}

Unit make_unique_items(std::string_view keyword, const doc::Node& value, Site& site) {
  if (!value.is_bool()) {
    refuse_value(keyword, value, "true or false", site);
    return {};
  }
  if (!value.as_bool()) return {};
  return {kLists, std::make_unique<UniqueItems>()};
}

Unit make_unevaluated_items(std::string_view, const doc::Node& value, Site& site) {
  return {kLists, std::make_unique<UnevaluatedItems>(site.subschema(value))};
}

}  // namespace llmops::score::json_schema

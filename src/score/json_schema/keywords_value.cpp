// Assertions on a value by itself: its type, what it equals, numbers, sizes, texts.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "score/json_schema/ecma_pattern.h"
#include "score/json_schema/equality.h"
#include "score/json_schema/keywords.h"
#include "score/json_schema/number.h"
#include "score/json_schema/run.h"

namespace llmops::score::json_schema {
namespace {

struct TypeRow {
  std::string_view name;
  Kinds kinds;
};
/// `integer` stands for itself: a real may be whole.
constexpr std::array<TypeRow, 7> kTypes = {{
    {"null", bit(doc::Kind::null)},
    {"boolean", bit(doc::Kind::boolean)},
    {"integer", bit(doc::Kind::integer)},
    {"number", kNumbers},
    {"string", kStrings},
    {"array", kLists},
    {"object", kMaps},
}};

class TypeIs final : public Keyword {
 public:
  TypeIs(Kinds kinds, bool whole_reals, std::string names)
      : kinds_(kinds), whole_reals_(whole_reals), names_(std::move(names)) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    if (kinds_ & bit(value.kind())) return true;
    if (whole_reals_ && value.kind() == doc::Kind::real && is_whole(value)) return true;
    return run.fail([&] { return "must be " + names_ + ", found " + std::string(type_name(value)); });
  }

 private:
  Kinds kinds_;
  bool whole_reals_;
  std::string names_;
};

class Equals final : public Keyword {
 public:
  Equals(const doc::List& values, const doc::Node* only) : set_(values), values_(values), only_(only) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    if (only_) {
      if (value == *only_) return true;
      return run.fail([&] { return "must be " + shown(*only_) + ", found " + shown(value); });
    }
    if (set_.needs_hash() && !run.spend(weight_of(value))) return false;
    if (set_.contains(value)) return true;
    return run.fail([&] { return "must be " + choices() + ", found " + shown(value); });
  }

 private:
  std::string choices() const {
    constexpr std::size_t kMost = 10;
    std::vector<std::string> out;
    for (std::size_t i = 0; i < values_.size() && i < kMost; ++i) out.push_back(shown(values_[i]));
    if (values_.size() > kMost) out.push_back("…");
    return (out.size() == 1 ? "" : "one of ") + text::join(out, ", ");
  }

  ValueSet set_;
  const doc::List& values_;
  const doc::Node* only_;  ///< Of `const`.
};

struct BoundRow {
  std::string_view keyword;
  bool upper, exclusive;
  std::string_view words;
};
constexpr std::array<BoundRow, 4> kBounds = {{
    {"maximum", true, false, "at most "},
    {"exclusiveMaximum", true, true, "less than "},
    {"minimum", false, false, "at least "},
    {"exclusiveMinimum", false, true, "more than "},
}};

class NumberBound final : public Keyword {
 public:
  NumberBound(const BoundRow& row, const doc::Node& bound) : row_(row), bound_(bound) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    const auto order = compare_numbers(value, bound_);
    if (order == 0 ? !row_.exclusive : (order < 0) == row_.upper) return true;
    return run.fail([&] { return "must be " + std::string(row_.words) + bound_.text() + ", found " + value.text(); });
  }

 private:
  const BoundRow& row_;
  const doc::Node& bound_;
};

class MultipleOf final : public Keyword {
 public:
  explicit MultipleOf(const doc::Node& step) : step_(step), decimal_(decimal_of(step)) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    if (is_multiple(decimal_of(value), decimal_)) return true;
    return run.fail([&] { return "must be a multiple of " + step_.text() + ", found " + value.text(); });
  }

 private:
  const doc::Node& step_;
  Decimal decimal_;
};

struct SizeRow {
  std::string_view keyword;
  Kinds kinds;
  bool upper;
  std::string_view one, many;
};
constexpr std::array<SizeRow, 6> kSizes = {{
    {"maxLength", kStrings, true, "character", "characters"},
    {"minLength", kStrings, false, "character", "characters"},
    {"maxItems", kLists, true, "item", "items"},
    {"minItems", kLists, false, "item", "items"},
    {"maxProperties", kMaps, true, "property", "properties"},
    {"minProperties", kMaps, false, "property", "properties"},
}};

class SizeBound final : public Keyword {
 public:
  SizeBound(const SizeRow& row, std::size_t bound) : row_(row), bound_(bound) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    const auto size = value.is_string() ? code_points(value.as_string(), run) : value.size();
    if (row_.upper ? size <= bound_ : size >= bound_) return true;
    return run.fail([&] {
      return std::string(row_.upper ? "must have at most " : "must have at least ") +
             counted(bound_, row_.one, row_.many) + ", found " + std::to_string(size);
    });
  }

 private:
  static std::size_t code_points(const std::string& text, Run& run) {
    if (!run.spend(text.size() / 16)) return 0;
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
  }

  const SizeRow& row_;
  std::size_t bound_;
};

class Matches final : public Keyword {
 public:
  explicit Matches(EcmaPattern pattern) : pattern_(std::move(pattern)) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    if (!run.spend(value.as_string().size() / 4)) return false;
    if (pattern_.matches(value.as_string())) return true;
    return run.fail(
        [&] { return "must match `" + text::shorten(pattern_.written(), 60) + "`, found " + shown(value); });
  }

 private:
  EcmaPattern pattern_;
};

template <class Rows>
const auto& row_of(const Rows& rows, std::string_view keyword) {
  return *std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.keyword == keyword; });
}

}  // namespace

Unit make_type(std::string_view keyword, const doc::Node& value, Site& site) {
  const auto names = value.is_string() ? std::vector<std::string>{value.as_string()}
                                       : names_of(keyword, value, site).value_or(std::vector<std::string>{});
  Kinds kinds = 0;
  bool whole_reals = false;
  for (const auto& name : names) {
    const auto* row = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& one) { return one.name == name; });
    if (row == kTypes.end()) {
      std::vector<std::string> known;
      for (const auto& type : kTypes) known.emplace_back(type.name);
      site.refuse(invalid_error("there is no type `" + text::shorten(name, 60) + "`", value.at(),
                                text::did_you_mean(name, known)));
      return {};
    }
    kinds |= row->kinds;
    whole_reals = whole_reals || name == "integer";
  }
  if (names.empty()) return {};
  const auto said = names.size() == 1 ? names[0] : "one of " + text::join(names, ", ");
  return {kEveryKind, std::make_unique<TypeIs>(kinds, whole_reals, said)};
}

Unit make_const(std::string_view, const doc::Node& value, Site&) {
  static const doc::List none;
  return {kEveryKind, std::make_unique<Equals>(none, &value)};
}

Unit make_enum(std::string_view keyword, const doc::Node& value, Site& site) {
  if (value.is_list()) return {kEveryKind, std::make_unique<Equals>(value.items(), nullptr)};
  refuse_value(keyword, value, "a list of values", site);
  return {};
}

Unit make_number_bound(std::string_view keyword, const doc::Node& value, Site& site) {
  if (value.is_number()) return {kNumbers, std::make_unique<NumberBound>(row_of(kBounds, keyword), value)};
  refuse_value(keyword, value, "a number", site);
  return {};
}

Unit make_multiple_of(std::string_view keyword, const doc::Node& value, Site& site) {
  if (value.is_number() && value.as_double() > 0) return {kNumbers, std::make_unique<MultipleOf>(value)};
  refuse_value(keyword, value, "a number above 0", site);
  return {};
}

Unit make_size_bound(std::string_view keyword, const doc::Node& value, Site& site) {
  const auto bound = count_of(keyword, value, site);
  if (!bound) return {};
  const auto& row = row_of(kSizes, keyword);
  return {row.kinds, std::make_unique<SizeBound>(row, *bound)};
}

Unit make_pattern(std::string_view keyword, const doc::Node& value, Site& site) {
  if (!value.is_string()) {
    refuse_value(keyword, value, "a regular expression", site);
    return {};
  }
  auto pattern = EcmaPattern::of(value.as_string(), value.at());
  if (pattern) return {kStrings, std::make_unique<Matches>(*std::move(pattern))};
  site.refuse(std::move(pattern).error());
  return {};
}

}  // namespace llmops::score::json_schema

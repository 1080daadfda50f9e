// Keywords that apply other schemas to the same value.
#include <algorithm>

#include "score/json_schema/keywords.h"
#include "score/json_schema/run.h"

namespace llmops::score::json_schema {
namespace {

class Reference final : public Keyword {
 public:
  explicit Reference(std::size_t schema) : schema_(schema) {}
  bool holds(const doc::Node& value, Run& run, Seen* seen) const override { return run.apply(schema_, value, seen); }

 private:
  std::size_t schema_;
};

class DynamicReference final : public Keyword {
 public:
  explicit DynamicReference(Site::Referred referred) : referred_(std::move(referred)) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    return run.apply(run.dynamic_target(referred_.dynamic_anchor, referred_.schema), value, seen);
  }

 private:
  Site::Referred referred_;
};

class AllOf final : public Keyword {
 public:
  explicit AllOf(std::vector<std::size_t> schemas) : schemas_(std::move(schemas)) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    return std::all_of(schemas_.begin(), schemas_.end(),
                       [&](std::size_t schema) { return run.apply(schema, value, seen); });
  }

 private:
  std::vector<std::size_t> schemas_;
};

/// `anyOf`, and with `only_one` `oneOf`.
class Choice final : public Keyword {
 public:
  enum class Among { any, only_one };
  Choice(std::vector<std::size_t> schemas, Among among) : schemas_(std::move(schemas)), among_(among) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    std::optional<std::size_t> held;
    std::optional<Violation> nearest;
    for (std::size_t i = 0; i < schemas_.size(); ++i) {
      if (!run.apply(schemas_[i], value, seen)) {
        keep_deeper(nearest, run.take_violation());
      } else if (among_ == Among::any) {
        if (!seen) return true;
        held = i;
      } else if (held) {
        return run.fail([&] {
          return "must match only one schema of `oneOf`, matches those at " + std::to_string(*held) + " and " +
                 std::to_string(i);
        });
      } else {
        held = i;
      }
    }
    return held || run.fail([&] { return said(nearest); });
  }

 private:
  static void keep_deeper(std::optional<Violation>& nearest, std::optional<Violation> other) {
    const auto depth = [](const Violation& one) { return std::count(one.pointer.begin(), one.pointer.end(), '/'); };
    if (other && (!nearest || depth(*other) > depth(*nearest))) nearest = std::move(other);
  }

  std::string said(const std::optional<Violation>& nearest) const {
    const auto* name = among_ == Among::any ? "`anyOf`" : "`oneOf`";
    auto out = "must match one of the " + counted(schemas_.size(), "schema", "schemas") + " of " + name;
    if (nearest) out += "; for the nearest, " + nearest->text();
    return out;
  }

  std::vector<std::size_t> schemas_;
  Among among_;
};

class Not final : public Keyword {
 public:
  explicit Not(std::size_t schema) : schema_(schema) {}

  bool holds(const doc::Node& value, Run& run, Seen*) const override {
    return !run.try_apply(schema_, value, nullptr) || run.fail([] { return std::string("must not be as `not` says"); });
  }

 private:
  std::size_t schema_;
};

class Condition final : public Keyword {
 public:
  struct Parts {
    std::size_t condition = 0;
    std::optional<std::size_t> then, otherwise;
  };
  explicit Condition(Parts parts) : parts_(parts) {}

  bool holds(const doc::Node& value, Run& run, Seen* seen) const override {
    const auto& next = run.try_apply(parts_.condition, value, seen) ? parts_.then : parts_.otherwise;
    return !next || run.apply(*next, value, seen);
  }

 private:
  Parts parts_;
};

std::vector<std::size_t> in_place(std::string_view keyword, const doc::Node& value, Site& site) {
  std::vector<std::size_t> out;
  if (const auto* items = list_of(keyword, value, site)) {
    for (const auto& item : *items) out.push_back(site.in_place(item));
  }
  return out;
}

}  // namespace

Unit make_reference(std::string_view keyword, const doc::Node& value, Site& site) {
  if (!value.is_string()) {
    refuse_value(keyword, value, "a reference", site);
    return {};
  }
  const auto referred = site.referred(value);
  if (!referred) return {};
  return {kEveryKind, std::make_unique<Reference>(referred->schema)};
}

Unit make_dynamic_reference(std::string_view keyword, const doc::Node& value, Site& site) {
  if (!value.is_string()) {
    refuse_value(keyword, value, "a reference", site);
    return {};
  }
  auto referred = site.dynamically_referred(value);
  if (!referred) return {};
  if (referred->dynamic_anchor.empty()) return {kEveryKind, std::make_unique<Reference>(referred->schema)};
  return {kEveryKind, std::make_unique<DynamicReference>(*std::move(referred))};
}

Unit make_all_of(std::string_view keyword, const doc::Node& value, Site& site) {
  return {kEveryKind, std::make_unique<AllOf>(in_place(keyword, value, site))};
}

Unit make_any_of(std::string_view keyword, const doc::Node& value, Site& site) {
  return {kEveryKind, std::make_unique<Choice>(in_place(keyword, value, site), Choice::Among::any)};
}

Unit make_one_of(std::string_view keyword, const doc::Node& value, Site& site) {
  return {kEveryKind, std::make_unique<Choice>(in_place(keyword, value, site), Choice::Among::only_one)};
}

Unit make_not(std::string_view, const doc::Node& value, Site& site) {
  return {kEveryKind, std::make_unique<Not>(site.in_place(value))};
}

Unit make_condition(std::string_view, const doc::Node& value, Site& site) {
  Condition::Parts parts{site.in_place(value), std::nullopt, std::nullopt};
  if (const auto* then = site.find("then")) parts.then = site.in_place(*then);
  if (const auto* otherwise = site.find("else")) parts.otherwise = site.in_place(*otherwise);
  return {kEveryKind, std::make_unique<Condition>(parts)};
}

}  // namespace llmops::score::json_schema

#include "steps/eval/case_filter.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "sys/hash.h"

namespace llmops::steps::eval {
namespace {

schema::Type at_least(std::int64_t least) {
  auto out = schema::Type::of(schema::Type::Kind::integer);
  out.least = static_cast<double>(least);
  return out;
}

schema::Type one_or_more_ids() {
  auto out = schema::type_of<std::vector<std::string>>();
  out.least = 1;
  out.short_form = std::make_shared<const schema::Type>(schema::Type::of(schema::Type::Kind::string));
  return out;
}

bool is_pattern(std::string_view id) { return id.find_first_of("*?[") != std::string_view::npos; }

bool is_named(const std::string& id, const std::string& wanted) {
  return wanted == id || (is_pattern(wanted) && text::glob_match(wanted, id));
}

class Filtering {
 public:
  Filtering(const asset::Cases& cases, const CaseFilter& filter)
      : cases_(cases), filter_(filter), met_(filter.only.size()), among_(filter.among.begin(), filter.among.end()) {}

  Result<std::vector<std::size_t>, Errors> run() {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      auto one = cases_.at(i);
      if (!one) return Errors{std::move(one).error()};
      if (!is_wanted(one->id) || !is_among(one->id) || !matches(one->fields)) continue;
      left_.push_back({i, filter_.sample ? rank(one->id) : Digest{}});
    }
    if (auto errors = unknown(); !errors.empty()) return errors;
    if (filter_.sample) draw(static_cast<std::size_t>(*filter_.sample));
    std::vector<std::size_t> out;
    for (const auto& one : left_) out.push_back(one.index);
    return out;
  }

 private:
  struct Left {
    std::size_t index;
    Digest rank;
  };

  bool is_wanted(const std::string& id) {
    bool out = filter_.only.empty();
    for (std::size_t i = 0; i < filter_.only.size(); ++i) {
      if (!is_named(id, filter_.only[i].value)) continue;
      met_[i] = true;
      out = true;
    }
    return out;
  }

  bool is_among(const std::string& id) const {
    if (among_.empty() || among_.contains(id)) return true;
    return std::any_of(among_.begin(), among_.end(),
                       [&](const std::string& one) { return is_pattern(one) && text::glob_match(one, id); });
  }

  bool matches(const doc::Node& fields) const {
    return std::all_of(filter_.where.begin(), filter_.where.end(), [&](const auto& wanted) {
      const auto* found = fields.find(wanted.first);
      return found && found->is_scalar() && found->text() == wanted.second;
    });
  }

  Digest rank(const std::string& id) const { return sys::sha256(std::to_string(filter_.seed) + "\n" + id); }

  void draw(std::size_t count) {
    if (left_.size() <= count) return;
    std::nth_element(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count), left_.end(),
                     [](const Left& a, const Left& b) { return a.rank.bytes < b.rank.bytes; });
    left_.resize(count);
    std::sort(left_.begin(), left_.end(), [](const Left& a, const Left& b) { return a.index < b.index; });
  }

  Errors unknown() const {
    Errors out;
    for (std::size_t i = 0; i < met_.size(); ++i) {
      const auto& [id, at] = filter_.only[i];
      if (met_[i] || is_pattern(id)) continue;
      std::vector<std::string> known;
      for (std::size_t at_case = 0; at_case < cases_.size(); ++at_case) {
        if (const auto one = cases_.at(at_case)) known.push_back(one->id);
      }
      out.push_back(invalid_error("the dataset has no case `" + id + "`", at, text::did_you_mean(id, known)));
    }
    return out;
  }

  const asset::Cases& cases_;
  const CaseFilter& filter_;
  std::vector<bool> met_;
  std::unordered_set<std::string> among_;
  std::vector<Left> left_;
};

}  // namespace

const schema::Record<CaseFilter>& record_of(CaseFilter*) {
  static const auto record =
      schema::Record<CaseFilter>("case_filter", "Which cases of the dataset are asked; all of these must hold.")
          .may_as(one_or_more_ids(), "only", &CaseFilter::only, "Cases by their ids; `*`, `?` and `[…]` match several.")
          .may_as(one_or_more_ids(), "among", &CaseFilter::among,
                  "Cases that must be among these as well: `--case`, `--failing-of` and `--errors-of` fill it in.")
          .may("where", &CaseFilter::where, "Cases whose fields have these values.")
          .may_as(at_least(1), "sample", &CaseFilter::sample,
                  "So many of the cases that are left, drawn at random by `seed`, always the same.")
          .may("seed", &CaseFilter::seed, "Another number draws another sample.");
  return record;
}

Result<asset::Cases, Errors> filtered(const asset::Cases& cases, const CaseFilter& filter, const SourcePos& at) {
  if (filter.empty()) return cases;
  TRY(const auto left, Filtering(cases, filter).run());
  if (left.empty()) {
    return Errors{invalid_error("none of the dataset's " + std::to_string(cases.size()) + " cases passes the filter",
                                at, "an eval needs at least one: widen `cases`")};
  }
  return cases.subset(left);
}

}  // namespace llmops::steps::eval

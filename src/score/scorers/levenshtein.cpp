#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>

#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

using Points = std::vector<std::string_view>;

/// Levenshtein 1966: inserted, deleted and replaced code points, without what both texts share at their ends.
std::size_t edits_between(std::span<const std::string_view> a, std::span<const std::string_view> b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) a = a.subspan(1), b = b.subspan(1);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a = a.first(a.size() - 1), b = b.first(b.size() - 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j + 1] + 1, row[j] + 1});
    }
  }
  return row.back();
}

class Levenshtein final : public PureMeasure {
 public:
  Levenshtein(Setting target, std::optional<Setting> at_most)
      : target_(std::move(target)), at_most_(std::move(at_most)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto target, target_.text(sample));
    const Points left = text::code_points(output), right = text::code_points(target);
    const auto edits = edits_between(left, right);
    const auto remark = std::to_string(edits) + (edits == 1 ? " edit from " : " edits from ") + quoted(target);
    if (at_most_) {
      TRY(const double most, at_most_->number(sample));
      return Finding{static_cast<double>(edits) <= most ? 1.0 : 0.0, remark + ", at most " + text::from_double(most)};
    }
    const auto longer = std::max(left.size(), right.size());
    return Finding{longer == 0 ? 1 : 1 - static_cast<double>(edits) / static_cast<double>(longer), remark};
  }

 private:
  Setting target_;
  std::optional<Setting> at_most_;
};

struct Settings {
  std::string to;
  std::optional<std::int64_t> at_most;
};

}  // namespace

schema::Type levenshtein_settings() {
  auto edits = schema::Type::of(schema::Type::Kind::integer);
  edits.least = 0;
  return schema::Record<Settings>("levenshtein", "A text to compare with, and how far from it an answer may be.")
      .may("to", &Settings::to, "The text; without one, the case's expected answer.")
      .may_as(edits, "at_most", &Settings::at_most, "Pass with at most so many edits; without it the score is graded.")
      .short_for("to")
      .type();
}

Result<Made> make_levenshtein(const doc::Node& settings) {
  TRY(auto target, target_or_expected(settings));
  std::optional<Setting> at_most;
  if (const auto* written = settings.find("at_most")) {
    TRY(at_most, Setting::of(*written));
  }
  std::optional<Scale> scale;
  if (at_most) scale = Scale::binary;
  return Made{std::make_unique<Levenshtein>(std::move(target), std::move(at_most)), scale};
}

}  // namespace llmops::score

#include "score/scorers/any_case.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

std::string remark(bool right, std::string_view does, std::string_view does_not, std::string_view text) {
  return "the answer " + std::string(right ? does : does_not) + " " + quoted(text);
}

class Contains final : public Measure {
 public:
  explicit Contains(Setting part) : part_(std::move(part)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto part, part_.text(sample));
    const bool found = holds(output, part);
    return Finding{found ? 1.0 : 0.0, remark(found, "contains", "does not contain", part)};
  }

 private:
  Setting part_;
};

class StartsWith final : public Measure {
 public:
  explicit StartsWith(Setting start) : start_(std::move(start)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto start, start_.text(sample));
    const bool starts = output.starts_with(start);
    return Finding{starts ? 1.0 : 0.0, remark(starts, "starts with", "does not start with", start)};
  }

 private:
  Setting start_;
};

class EndsWith final : public Measure {
 public:
  explicit EndsWith(Setting end) : end_(std::move(end)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto end, end_.text(sample));
    const bool ends = output.ends_with(end);
    return Finding{ends ? 1.0 : 0.0, remark(ends, "ends with", "does not end with", end)};
  }

 private:
  Setting end_;
};

class ContainsInAnyCase final : public Measure {
 public:
  explicit ContainsInAnyCase(Setting part) : part_(std::move(part)) {
    if (const auto& known = part_.constant()) ready_.emplace(*known);
  }

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    if (ready_) return look_for(*ready_, output);
    TRY(auto part, part_.text(sample));
    return look_for(AnyCase(std::move(part)), output);
  }

 private:
  static Result<Finding> look_for(const AnyCase& part, std::string_view output) {
    TRY(const bool found, part.in(output));
    return Finding{found ? 1.0 : 0.0,
                   remark(found, "contains", "does not contain (in upper or lower case)", part.text())};
  }

  Setting part_;
  std::optional<AnyCase> ready_;  ///< Where it is the same for every case.
};

}  // namespace

Result<Made> make_contains(const doc::Node& settings) {
  TRY(auto part, target_or_expected(settings));
  return Made{std::make_unique<Contains>(std::move(part)), std::nullopt};
}

Result<Made> make_starts_with(const doc::Node& settings) {
  TRY(auto start, target_or_expected(settings));
  return Made{std::make_unique<StartsWith>(std::move(start)), std::nullopt};
}

Result<Made> make_ends_with(const doc::Node& settings) {
  TRY(auto end, target_or_expected(settings));
  return Made{std::make_unique<EndsWith>(std::move(end)), std::nullopt};
}

Result<Made> make_icontains(const doc::Node& settings) {
  TRY(auto part, target_or_expected(settings));
  return Made{std::make_unique<ContainsInAnyCase>(std::move(part)), std::nullopt};
}

}  // namespace llmops::score

#include "score/scorers/any_case.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// How a text stands in an answer, and how that is said.
struct Standing {
  bool (*test)(std::string_view output, std::string_view text);
  std::string_view does, does_not;
};

constexpr Standing kContains = {&holds, "contains", "does not contain"};
constexpr Standing kStarts = {[](std::string_view output, std::string_view text) { return output.starts_with(text); },
                              "starts with", "does not start with"};
constexpr Standing kEnds = {[](std::string_view output, std::string_view text) { return output.ends_with(text); },
                            "ends with", "does not end with"};

Finding finding(bool right, std::string_view does, std::string_view does_not, std::string_view text) {
  return {right ? 1.0 : 0.0, "the answer " + std::string(right ? does : does_not) + " " + quoted(text)};
}

class StandsIn final : public PureMeasure {
 public:
  StandsIn(Setting text, const Standing& standing) : text_(std::move(text)), standing_(standing) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto text, text_.text(sample));
    return finding(standing_.test(output, text), standing_.does, standing_.does_not, text);
  }

 private:
  Setting text_;
  const Standing& standing_;
};

Result<Made> make(const doc::Node& settings, const Standing& standing) {
  TRY(auto text, target_or_expected(settings));
  return Made{std::make_unique<StandsIn>(std::move(text), standing), std::nullopt};
}

class ContainsInAnyCase final : public PureMeasure {
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
    return finding(found, "contains", "does not contain (in upper or lower case)", part.text());
  }

  Setting part_;
  std::optional<AnyCase> ready_;  ///< Where it is the same for every case.
};

}  // namespace

Result<Made> make_contains(const doc::Node& settings) { return make(settings, kContains); }
Result<Made> make_starts_with(const doc::Node& settings) { return make(settings, kStarts); }
Result<Made> make_ends_with(const doc::Node& settings) { return make(settings, kEnds); }

Result<Made> make_icontains(const doc::Node& settings) {
  TRY(auto part, target_or_expected(settings));
  return Made{std::make_unique<ContainsInAnyCase>(std::move(part)), std::nullopt};
}

}  // namespace llmops::score

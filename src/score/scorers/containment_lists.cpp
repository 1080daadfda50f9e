#include "score/scorers/any_case.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

enum class Wanted { all, any };

/// A text to look for, as it is.
class Exactly {
 public:
  explicit Exactly(const std::string& part) : part_(part) {}
  Result<bool> in(std::string_view other) const { return holds(other, part_); }
  const std::string& text() const { return part_; }

 private:
  std::string part_;
};

template <class Part>
std::vector<Part> parts_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

template <class Part>
class ContainsSeveral final : public PureMeasure {
 public:
  ContainsSeveral(Texts texts, Wanted wanted) : parts_(std::move(texts), &parts_of<Part>), wanted_(wanted) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    return parts_.with(sample, [&](const std::vector<Part>& parts) -> Result<Finding> {
      std::vector<std::string> missing;
      for (const auto& part : parts) {
        TRY(const bool found, part.in(output));
        if (found && wanted_ == Wanted::any) return Finding{1, "the answer contains " + quoted(part.text())};
        if (!found) missing.push_back(part.text());
      }
      if (missing.empty()) return Finding{1, "the answer contains all of them"};
      const auto* does_not = wanted_ == Wanted::any && missing.size() > 1 ? "contains none of " : "does not contain ";
      return Finding{0, "the answer " + (does_not + quoted(missing))};
    });
  }

 private:
  Prepared<std::vector<Part>> parts_;
  Wanted wanted_;
};

template <class Part>
Result<Made> make(const doc::Node& settings, Wanted wanted) {
  TRY(auto texts, texts_or_expected(settings));
  return Made{std::make_unique<ContainsSeveral<Part>>(std::move(texts), wanted), std::nullopt};
}

}  // namespace

Result<Made> make_contains_all(const doc::Node& settings) { return make<Exactly>(settings, Wanted::all); }
Result<Made> make_contains_any(const doc::Node& settings) { return make<Exactly>(settings, Wanted::any); }
Result<Made> make_icontains_all(const doc::Node& settings) { return make<AnyCase>(settings, Wanted::all); }
Result<Made> make_icontains_any(const doc::Node& settings) { return make<AnyCase>(settings, Wanted::any); }

}  // namespace llmops::score

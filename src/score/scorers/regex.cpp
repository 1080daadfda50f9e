#include "score/scorers/families.h"
#include "score/scorers/pattern.h"

namespace llmops::score {
namespace {

class Regex final : public PureMeasure {
 public:
  explicit Regex(Pattern pattern) : pattern_(std::move(pattern)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto match, pattern_.match(output, sample));
    if (match.found) return Finding{1, "the answer matches " + quoted(match.pattern)};
    return Finding{0, "the answer does not match " + quoted(match.pattern)};
  }

 private:
  Pattern pattern_;
};

}  // namespace

Result<Made> make_regex(const doc::Node& settings) {
  TRY(auto text, Setting::of(settings));
  TRY(auto pattern, Pattern::of(std::move(text), settings.at()));
  return Made{std::make_unique<Regex>(std::move(pattern)), std::nullopt};
}

}  // namespace llmops::score

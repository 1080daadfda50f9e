#include "score/scorers/families.h"

namespace llmops::score {
namespace {

class FinishReason final : public PureMeasure {
 public:
  explicit FinishReason(Setting wanted) : wanted_(std::move(wanted)) {}

  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    TRY(const auto wanted, wanted_.text(sample));
    const auto& found = sample.finish_reason;
    if (found.empty()) return invalid_error("the model did not say why its answer ended");
    return Finding{found == wanted ? 1.0 : 0.0,
                   "the answer ended with " + quoted(found) + ", expected " + quoted(wanted)};
  }

 private:
  Setting wanted_;
};

}  // namespace

schema::Type finish_reasons() {
  return schema::Type::choice_of({"stop", "length", "content_filter", "tool_calls", "choice", "refusal"});
}

Result<Made> make_finish_reason(const doc::Node& settings) {
  TRY(auto wanted, Setting::of(settings));
  return Made{std::make_unique<FinishReason>(std::move(wanted)), std::nullopt};
}

}  // namespace llmops::score

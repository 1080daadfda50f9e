#include "score/scorers/families.h"

namespace llmops::score {
namespace {

class Equals final : public Measure {
 public:
  explicit Equals(Setting wanted) : wanted_(std::move(wanted)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    TRY(const auto wanted, wanted_.text(sample));
    if (output == wanted) return Finding{1, "found " + quoted(output)};
    return Finding{0, "found " + quoted(output) + ", expected " + quoted(wanted)};
  }

 private:
  Setting wanted_;
};

}  // namespace

Result<Made> make_equals(const doc::Node& settings) {
  TRY(auto wanted, target_or_expected(settings));
  return Made{std::make_unique<Equals>(std::move(wanted)), std::nullopt};
}

}  // namespace llmops::score

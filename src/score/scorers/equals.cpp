#include "doc/json.h"
#include "score/scorers/families.h"
#include "score/scorers/wanted.h"

namespace llmops::score {
namespace {

Result<Finding> compare_json(std::string_view output, const doc::Node& wanted) {
  if (output.size() > kLongestJson) return too_long_as_json();
  const auto found = doc::parse_json_data(output);
  if (!found) return Finding{0, "the answer is not JSON: " + found.error().message};
  if (*found == wanted) return Finding{1, "found " + quoted(output)};
  return Finding{0, "found " + quoted(output) + ", expected " + quoted(doc::to_json(wanted))};
}

class Equals final : public PureMeasure {
 public:
  explicit Equals(Wanted wanted) : wanted_(std::move(wanted)) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    if (const auto* json = wanted_.constant()) return compare_json(output, *json);
    TRY(const auto wanted, wanted_.value(sample));
    if (!wanted.is_scalar()) return compare_json(output, wanted);
    const auto text = wanted.text();
    if (output == text) return Finding{1, "found " + quoted(output)};
    return Finding{0, "found " + quoted(output) + ", expected " + quoted(text)};
  }

 private:
  Wanted wanted_;
};

}  // namespace

Result<Made> make_equals(const doc::Node& settings) {
  TRY(auto wanted, Wanted::of(settings));
  return Made{std::make_unique<Equals>(std::move(wanted)), std::nullopt};
}

}  // namespace llmops::score

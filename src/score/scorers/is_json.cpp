#include "doc/json.h"
#include "score/scorers/families.h"
#include "score/scorers/schema_setting.h"

namespace llmops::score {
namespace {

class IsJson final : public PureMeasure {
 public:
  explicit IsJson(std::optional<json_schema::Validator> schema) : schema_(std::move(schema)) {}

  Result<Finding> measure(std::string_view output, const Sample&) const override {
    const auto parsed = doc::parse_json_data(output);
    if (!parsed) return Finding{0, "the answer is not JSON: " + parsed.error().message};
    if (!schema_) return Finding{1, "the answer is JSON"};
    TRY(const auto violation, schema_->validate(*parsed));
    if (violation) return Finding{0, violation->text()};
    return Finding{1, "the answer is JSON as the schema wants it"};
  }

 private:
  std::optional<json_schema::Validator> schema_;
};

}  // namespace

Result<Made> make_is_json(const doc::Node& settings) {
  TRY(auto schema, schema_of(settings));
  return Made{std::make_unique<IsJson>(std::move(schema)), std::nullopt};
}

}  // namespace llmops::score

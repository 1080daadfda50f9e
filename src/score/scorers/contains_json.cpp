#include "score/json_values.h"
#include "score/scorers/families.h"
#include "score/scorers/schema_setting.h"

namespace llmops::score {
namespace {

class ContainsJson final : public PureMeasure {
 public:
  explicit ContainsJson(std::optional<json_schema::Validator> schema) : schema_(std::move(schema)) {}

  Result<Finding> measure(std::string_view output, const Sample&) const override {
    JsonValues values(output);
    std::string first;
    std::size_t seen = 0;
    while (true) {
      TRY(const auto value, values.next());
      if (!value) break;
      if (!schema_) return Finding{1, "the answer contains JSON"};
      TRY(const auto violation, schema_->validate(*value));
      if (!violation) return Finding{1, "the answer contains JSON as the schema wants it"};
      if (seen++ == 0) first = violation->text();
    }
    if (seen == 0) return Finding{0, "the answer contains no JSON object or array"};
    if (seen == 1) return Finding{0, first};
    return Finding{
        0, "none of the " + std::to_string(seen) + " JSON values is as the schema wants it; in the first, " + first};
  }

 private:
  std::optional<json_schema::Validator> schema_;
};

}  // namespace

Result<Made> make_contains_json(const doc::Node& settings) {
  TRY(auto schema, schema_of(settings));
  return Made{std::make_unique<ContainsJson>(std::move(schema)), std::nullopt};
}

}  // namespace llmops::score

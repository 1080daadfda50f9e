#include "doc/json.h"
#include "schema/record.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

class IsJson final : public Measure {
 public:
  Result<Finding> measure(std::string_view output, const Sample&) const override {
    const auto parsed = doc::parse_json_data(output);
    if (parsed) return Finding{1, "the answer is JSON"};
    return Finding{0, "the answer is not JSON: " + parsed.error().message};
  }
};

struct NoSettings {};

}  // namespace

schema::Type no_settings() { return schema::Record<NoSettings>("no-settings", "Takes no settings.").type(); }

Result<Made> make_is_json(const doc::Node&) { return Made{std::make_unique<IsJson>(), std::nullopt}; }

}  // namespace llmops::score

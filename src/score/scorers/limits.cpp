#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

class Latency final : public PureMeasure {
 public:
  explicit Latency(Setting at_most_ms) : at_most_ms_(std::move(at_most_ms)) {}

  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    TRY(const double most, at_most_ms_.number(sample));
    const auto took = static_cast<double>(sample.latency.count());
    return Finding{took <= most ? 1.0 : 0.0,
                   "took " + text::from_double(took) + " ms, at most " + text::from_double(most) + " ms"};
  }

 private:
  Setting at_most_ms_;
};

class Cost final : public PureMeasure {
 public:
  explicit Cost(Setting at_most_usd) : at_most_usd_(std::move(at_most_usd)) {}

  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    if (!sample.cost) {
      return invalid_error("the price of this model is not known", {}, "give the model a `price`");
    }
    TRY(const double most, at_most_usd_.number(sample));
    return Finding{sample.cost->value <= most ? 1.0 : 0.0,
                   "cost " + units::to_string(*sample.cost) + ", at most " + units::to_string(Usd{most})};
  }

 private:
  Setting at_most_usd_;
};

struct LatencySettings {
  double at_most_ms = 0;
};
struct CostSettings {
  double at_most_usd = 0;
};

schema::Type not_negative() {
  auto out = schema::Type::of(schema::Type::Kind::number);
  out.least = 0;
  return out;
}

/// The value of a key that the settings' type requires.
Result<Setting> required(const doc::Node& settings, std::string_view key) {
  if (const auto* written = settings.find(key)) return Setting::of(*written);
  return invalid_error("expected `" + std::string(key) + "` here", settings.at());
}

}  // namespace

schema::Type latency_settings() {
  return schema::Record<LatencySettings>("latency", "How long an answer may take.")
      .need_as(not_negative(), "at_most_ms", &LatencySettings::at_most_ms, "Pass up to this time.", "ms")
      .type();
}

schema::Type cost_settings() {
  return schema::Record<CostSettings>("cost",
                                      "How much an answer may cost; an unknown price is an error, never a pass.")
      .need_as(not_negative(), "at_most_usd", &CostSettings::at_most_usd, "Pass up to this amount.", "USD")
      .type();
}

Result<Made> make_latency(const doc::Node& settings) {
  TRY(auto at_most, required(settings, "at_most_ms"));
  return Made{std::make_unique<Latency>(std::move(at_most)), std::nullopt};
}

Result<Made> make_cost(const doc::Node& settings) {
  TRY(auto at_most, required(settings, "at_most_usd"));
  return Made{std::make_unique<Cost>(std::move(at_most)), std::nullopt};
}

}  // namespace llmops::score

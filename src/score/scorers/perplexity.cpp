#include <cmath>

#include "base/text.h"
#include "schema/record.h"
#include "score/scorers/families.h"

namespace llmops::score {
namespace {

/// exp of the mean negative log-likelihood of the answer's tokens (Jelinek et al., 1977).
Result<double> perplexity_of(const Sample& sample) {
  if (!sample.mean_log_probability) {
    return invalid_error("the answer came without log-probabilities", {},
                         "ask for them with `parameters: {logprobs: true}`; not every provider has them, and an empty "
                         "answer has none");
  }
  return std::exp(-*sample.mean_log_probability);
}

class Perplexity final : public PureMeasure {
 public:
  explicit Perplexity(std::optional<Setting> at_most) : at_most_(std::move(at_most)) {}

  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    TRY(const double found, perplexity_of(sample));
    if (!at_most_) return Finding{found, {}};
    TRY(const double most, at_most_->number(sample));
    return Finding{found <= most ? 1.0 : 0.0,
                   "perplexity " + text::from_double(found) + ", at most " + text::from_double(most)};
  }

 private:
  std::optional<Setting> at_most_;
};

class PerplexityScore final : public PureMeasure {
 public:
  Result<Finding> measure(std::string_view, const Sample& sample) const override {
    TRY(const double found, perplexity_of(sample));
    return Finding{1 / (1 + found), "perplexity " + text::from_double(found)};
  }
};

struct PerplexitySettings {
  std::optional<double> at_most;
};

}  // namespace

schema::Type perplexity_settings() {
  auto type = schema::Type::of(schema::Type::Kind::number);
  type.least = 1;
  return schema::Record<PerplexitySettings>("perplexity", "How surprised the model was by its own answer.")
      .may_as(type, "at_most", &PerplexitySettings::at_most, "Pass up to this perplexity; without it, measure it.")
      .type();
}

Result<Made> make_perplexity(const doc::Node& settings) {
  const auto* written = settings.find("at_most");
  if (written == nullptr) return Made{std::make_unique<Perplexity>(std::nullopt), Scale::amount, Better::lower};
  TRY(auto at_most, Setting::of(*written));
  return Made{std::make_unique<Perplexity>(std::move(at_most)), std::nullopt};
}

Result<Made> make_perplexity_score(const doc::Node&) { return Made{std::make_unique<PerplexityScore>(), std::nullopt}; }

}  // namespace llmops::score

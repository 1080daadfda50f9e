#pragma once
/// \file  Graded metrics that compare an answer with reference texts. Private to this room.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "score/scorers/family.h"

namespace llmops::score {

/// The longest answer that such a metric scores, and how much text it may be compared with, in bytes.
inline constexpr std::size_t kLongestAnswer = std::size_t{16} << 20;
inline constexpr std::size_t kMostReferences = std::size_t{1} << 20;

/// Errors (kind `invalid`): an answer or references over their limit.
Result<void> check_limits(std::string_view output, std::size_t references);

/// `References` is made of all texts; `score` gives 0 to 1.
template <class References>
class TextMetric final : public PureMeasure {
 public:
  using Score = Result<double> (*)(std::string_view output, const References& references);
  TextMetric(Texts texts, Score score) : texts_(std::move(texts), &prepare), score_(score) {}

  Result<Finding> measure(std::string_view output, const Sample& sample) const override {
    return texts_.with(sample, [&](const Ready& ready) -> Result<Finding> {
      TRY_VOID(check_limits(output, ready.size));
      TRY(const double value, score_(output, *ready.references));
      return Finding{value, "the answer against " + ready.shown};
    });
  }

 private:
  struct Ready {
    std::size_t size = 0;
    std::string shown;
    std::optional<References> references;  ///< Nothing where they are too large to be prepared.
  };

  static Ready prepare(const std::vector<std::string>& texts) {
    Ready out{0, quoted(texts), std::nullopt};
    for (const auto& text : texts) out.size += text.size();
    if (out.size <= kMostReferences) out.references.emplace(texts);
    return out;
  }

  Prepared<Ready> texts_;
  Score score_;
};

template <class References>
Result<Made> make_text_metric(const doc::Node& settings, typename TextMetric<References>::Score score) {
  TRY(auto texts, texts_or_expected(settings));
  return Made{std::make_unique<TextMetric<References>>(std::move(texts), score), std::nullopt};
}

/// 2ab / (a + b); 0 where both are.
inline double harmonic_mean(double a, double b) { return a + b > 0 ? 2 * a * b / (a + b) : 0; }
inline double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace llmops::score

#include "score/scorers/text_metric.h"

namespace llmops::score {

Result<void> check_limits(std::string_view output, std::size_t references) {
  if (output.size() > kLongestAnswer) {
    return invalid_error("the answer is longer than 16 MiB, the most that metrics of n-grams compare", {},
                         "cut it with a `transform`");
  }
  if (references > kMostReferences) {
    return invalid_error("the texts to compare with are longer than 1 MiB, the most that metrics of n-grams compare");
  }
  return {};
}

}  // namespace llmops::score

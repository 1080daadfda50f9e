#include "model/embedding.h"

#include <algorithm>
#include <cmath>

namespace llmops::model {

Query embed_query(std::string text) {
  Query out;
  out.embed.push_back(std::move(text));
  return out;
}

Result<std::vector<float>> direction_of(std::span<const double> numbers) {
  if (numbers.empty()) return step_error("a text's vector has no numbers");
  double largest = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!std::isfinite(numbers[i])) {
      return step_error("number " + std::to_string(i + 1) + " of a text's vector is not finite");
    }
    largest = std::max(largest, std::abs(numbers[i]));
  }
  if (largest == 0) return step_error("a text's vector has only zeros, and so no direction");
  double sum = 0;
  for (const auto number : numbers) sum += (number / largest) * (number / largest);
  const auto length = std::sqrt(sum);
  std::vector<float> out;
  out.reserve(numbers.size());
  for (const auto number : numbers) out.push_back(static_cast<float>(number / largest / length));
  return out;
}

Error embeds_nothing() {
  return invalid_error("this model answers, and gives no vectors of texts", {},
                       "take a model that embeds: `api: embeddings`, or `all-minilm-l6-v2` of provider `llama`");
}

Error answers_nothing() {
  return invalid_error("this model gives vectors of texts, and answers nothing", {},
                       "take a model that answers, such as one with `api: chat`");
}

}  // namespace llmops::model

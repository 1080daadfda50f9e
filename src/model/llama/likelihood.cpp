#include "model/llama/likelihood.h"

#include <algorithm>
#include <cmath>

namespace llmops::model::llama {

Token likeliest(Logits logits) {
  return static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

double log_probability(Logits logits, Token token) {
  const double highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const auto score : logits) sum += std::exp(static_cast<double>(score) - highest);
  return static_cast<double>(logits[static_cast<std::size_t>(token)]) - highest - std::log(sum);
}

std::vector<double> probabilities(const std::vector<double>& scores) {
  if (scores.empty()) return {};
  const auto highest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> out;
  double sum = 0;
  for (const auto score : scores) sum += out.emplace_back(std::exp(score - highest));
  for (auto& value : out) value /= sum;
  return out;
}

}  // namespace llmops::model::llama

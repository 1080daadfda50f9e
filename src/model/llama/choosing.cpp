#include <algorithm>

#include "model/llama/continuation.h"
#include "model/llama/likelihood.h"

namespace llmops::model::llama {
namespace {

class Choosing final : public Continuation {
 public:
  Choosing(const Query& query, std::size_t prompt_tokens, std::vector<std::vector<Token>> labels)
      : texts_(query.choices),
        norm_(query.choice_norm),
        wants_log_probabilities_(query.parameters.logprobs.value_or(false)),
        prompt_tokens_(prompt_tokens),
        labels_(std::move(labels)) {}

  void start(Logits behind_prompt) override {
    for (const auto& label : labels_) sums_.push_back(log_probability(behind_prompt, label.front()));
    skip_scored();
  }

  Wanted wanted() const override {
    if (current_ == labels_.size()) return {};
    const auto& label = labels_[current_];
    return {prompt_tokens_, {label.begin(), label.end() - 1}};
  }

  void take(const std::vector<Logits>& scores) override {
    const auto& label = labels_[current_];
    for (std::size_t i = 0; i < scores.size(); ++i) sums_[current_] += log_probability(scores[i], label[i + 1]);
    ++current_;
    skip_scored();
  }

  Answer answer() const override {
    std::vector<double> compared;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      compared.push_back(norm_ == ChoiceNorm::length ? sums_[i] / static_cast<double>(labels_[i].size()) : sums_[i]);
    }
    const auto best = static_cast<std::size_t>(std::max_element(compared.begin(), compared.end()) - compared.begin());
    const auto shares = probabilities(compared);
    Answer out;
    out.text = texts_[best];
    out.finish_reason = "choice";
    out.usage.output_tokens = static_cast<std::int64_t>(labels_[best].size());
    if (wants_log_probabilities_) out.mean_log_probability = sums_[best] / static_cast<double>(labels_[best].size());
    for (std::size_t i = 0; i < texts_.size(); ++i) out.choice_probabilities[texts_[i]] = shares[i];
    return out;
  }

 private:
  /// A label of one token is scored by what stands behind the prompt.
  void skip_scored() {
    while (current_ < labels_.size() && labels_[current_].size() == 1) ++current_;
  }

  std::vector<std::string> texts_;
  ChoiceNorm norm_;
  bool wants_log_probabilities_;
  std::size_t prompt_tokens_;
  std::vector<std::vector<Token>> labels_;
  std::vector<double> sums_;
  std::size_t current_ = 0;
};

}  // namespace

std::unique_ptr<Continuation> choose(const Query& query, std::size_t prompt_tokens,
                                     std::vector<std::vector<Token>> labels) {
  return std::make_unique<Choosing>(query, prompt_tokens, std::move(labels));
}

}  // namespace llmops::model::llama

#include <llama.h>

#include <algorithm>

#include "base/text.h"
#include "model/llama/continuation.h"
#include "model/llama/likelihood.h"

namespace llmops::model::llama {
namespace {

/// Null where the likeliest token is wanted.
SamplerHandle make_sampler(const Query& query) {
  const auto temperature = query.parameters.temperature.value_or(0);
  if (temperature <= 0) return nullptr;
  SamplerHandle chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
  if (query.parameters.top_p) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(static_cast<float>(*query.parameters.top_p), 1));
  }
  llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(temperature)));
  const auto seed =
      static_cast<std::uint64_t>(query.parameters.seed.value_or(0)) + static_cast<std::uint64_t>(query.repeat);
  // The highest 32-bit value means "any seed" to the engine.
  llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(static_cast<std::uint32_t>(seed % LLAMA_DEFAULT_SEED)));
  return chain;
}

Token draw(llama_sampler* sampler, Logits logits) {
  std::vector<llama_token_data> candidates(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) candidates[i] = {static_cast<Token>(i), logits[i], 0};
  llama_token_data_array array{candidates.data(), candidates.size(), -1, false};
  llama_sampler_apply(sampler, &array);
  const auto token = array.data[array.selected < 0 ? 0 : array.selected].id;
  llama_sampler_accept(sampler, token);
  return token;
}

/// Well-formed UTF-8: a character cut off at the end is dropped, other broken bytes become U+FFFD.
std::string well_formed(std::string text) {
  while (const auto at = text::invalid_utf8(text)) {
    const bool cut_off = text.size() - *at < 4 && (static_cast<unsigned char>(text[*at]) & 0xC0u) == 0xC0u &&
                         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(*at) + 1, text.end(),
                                     [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; });
    if (cut_off)
      text.resize(*at);
    else
      text.replace(*at, 1, "\xEF\xBF\xBD");
  }
  return text;
}

class Generation final : public Continuation {
 public:
  Generation(const Vocabulary& vocabulary, const Query& query, GenerationLimits limits, std::optional<Grammar> grammar)
      : vocabulary_(vocabulary),
        stops_(query.parameters.stop),
        limits_(limits),
        sampler_(make_sampler(query)),
        grammar_(std::move(grammar)),
        wants_log_probabilities_(query.parameters.logprobs.value_or(false)) {
    std::erase(stops_, "");
    for (const auto& stop : stops_) longest_stop_ = std::max(longest_stop_, stop.size());
  }

  void start(Logits behind_prompt) override { next(behind_prompt); }
  Wanted wanted() const override {
    if (!reason_.empty()) return {};
    return {limits_.prompt_tokens + tokens_.size() - 1, {tokens_.back()}};
  }
  void take(const std::vector<Logits>& scores) override { next(scores.front()); }

  Answer answer() const override {
    Answer out;
    out.text = well_formed(text_);
    out.finish_reason = reason_;
    out.usage.output_tokens = static_cast<std::int64_t>(tokens_.size());
    if (wants_log_probabilities_ && !tokens_.empty()) {
      out.mean_log_probability = log_probabilities_ / static_cast<double>(tokens_.size());
    }
    return out;
  }

 private:
  void next(Logits logits) {
    const auto token = draw_next(logits);
    if (vocabulary_.ends_answer(token)) {
      reason_ = "stop";
      return;
    }
    if (wants_log_probabilities_) log_probabilities_ += log_probability(logits, token);
    tokens_.push_back(token);
    const auto before = text_.size();
    text_ += vocabulary_.piece(token);
    if (cut_at_stop(before) || (grammar_ && !grammar_->accept(token)))
      reason_ = "stop";
    else if (tokens_.size() == limits_.most_tokens)
      reason_ = "length";
  }

  Token draw_by(Logits logits) { return sampler_ ? draw(sampler_.get(), logits) : likeliest(logits); }

  /// Looking at one token is much cheaper than looking at all, and most drafts are allowed. Drawing again among the
  /// allowed ones where the first is not leaves their probabilities as they are to each other.
  Token draw_next(Logits logits) {
    const auto token = draw_by(logits);
    if (!grammar_ || grammar_->allows(token)) return token;
    const auto allowed = grammar_->masked(logits);
    return draw_by(allowed);
  }

  /// Cuts the text before the first stop string that the bytes from `before` on complete.
  bool cut_at_stop(std::size_t before) {
    const auto from = before < longest_stop_ ? 0 : before - longest_stop_;
    auto first = std::string::npos;
    for (const auto& stop : stops_) first = std::min(first, text_.find(stop, from));
    if (first == std::string::npos) return false;
    text_.resize(first);
    return true;
  }

  const Vocabulary& vocabulary_;
  std::vector<std::string> stops_;
  std::size_t longest_stop_ = 0;
  GenerationLimits limits_;
  SamplerHandle sampler_;
  std::optional<Grammar> grammar_;
  bool wants_log_probabilities_;
  double log_probabilities_ = 0;  ///< Of the tokens so far, summed.
  std::vector<Token> tokens_;
  std::string text_, reason_;
};

}  // namespace

std::unique_ptr<Continuation> generate(const Vocabulary& vocabulary, const Query& query, GenerationLimits limits,
                                       std::optional<Grammar> grammar) {
  return std::make_unique<Generation>(vocabulary, query, limits, std::move(grammar));
}

}  // namespace llmops::model::llama

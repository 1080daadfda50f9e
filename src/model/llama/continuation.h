#pragma once
/// \file  What a query does once its prompt is decoded.
#include <memory>
#include <optional>
#include <vector>

#include "model/llama/grammar.h"
#include "model/llama/sequences.h"
#include "model/llama/vocabulary.h"
#include "model/query.h"

namespace llmops::model::llama {

/// What to decode next: `tokens`, behind the first `keep` tokens of the query's sequence.
struct Wanted {
  std::size_t keep = 0;
  std::vector<Token> tokens;  ///< Empty: the query is done.
};

/// One query's way from its decoded prompt to its answer. Used from one thread.
class Continuation {
 public:
  virtual ~Continuation() = default;
  /// Takes the scores behind the prompt. Called once, first.
  virtual void start(Logits behind_prompt) = 0;
  virtual Wanted wanted() const = 0;
  /// Takes the scores behind each of the tokens that were wanted.
  virtual void take(const std::vector<Logits>& scores) = 0;
  /// The answer, once nothing is wanted; tokens of the prompt and time are not in it.
  virtual Answer answer() const = 0;
};

struct GenerationLimits {
  std::size_t prompt_tokens = 0;
  std::size_t most_tokens = 0;  ///< At least 1.
};

/// Draws tokens one after the other: the likeliest, or by chance where `parameters` set a temperature above 0 (the seed
/// and `repeat` decide the draw).
/// With a grammar, only what it allows is drawn, by the model's probabilities among that. Log-probabilities are the
/// model's own, whatever temperature or grammar did to the draw.
std::unique_ptr<Continuation> generate(const Vocabulary& vocabulary, const Query& query, GenerationLimits limits,
                                       std::optional<Grammar> grammar = std::nullopt);

/// Scores whole labels: the sum of the log-probabilities of a label's tokens behind the prompt. The first of the best
/// wins.
std::unique_ptr<Continuation> choose(const Query& query, std::size_t prompt_tokens,
                                     std::vector<std::vector<Token>> labels);

}  // namespace llmops::model::llama

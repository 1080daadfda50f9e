#pragma once
/// \file  A model that makes one vector of a whole text.
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "model/llama/handles.h"
#include "model/llama/sequences.h"
#include "model/llama/thread_choice.h"
#include "model/llama/weights.h"

namespace llmops::model::llama {

struct EncoderConfig {
  std::size_t longest = 512;  ///< Tokens of one text.
  std::uint32_t threads = 1;  ///< At most so many; fewer where that is faster.
};

/// Computes several texts at once; how the vectors of a text's tokens become its own is what the model's file says
/// (mean, first or last). Used from one thread.
class Encoder {
 public:
  /// Errors of kind `environment`: not enough memory; a model that gives a rank in place of a vector.
  static Result<Encoder> make(const Weights& weights, const EncoderConfig& config);

  std::size_t longest() const { return longest_; }
  /// Most tokens, and most texts, of one call of `encode`.
  std::size_t most_tokens() const { return most_tokens_; }
  static constexpr std::size_t kMostTexts = 64;

  /// One vector for each text, in their order, of any length. Each text has a token or more.
  Decoded encode(std::span<const std::span<const Token>> texts);
  /// After `encode`; valid until the next.
  std::span<const float> vector(std::size_t text) const;

  /// `asked` is called often while computing; once it returns true, that ends as `stopped`.
  void stop_when(std::function<bool()> asked);

 private:
  explicit Encoder(std::uint32_t threads) : choice_(threads) {}

  std::unique_ptr<std::function<bool()>> stop_;
  ThreadsHandle threads_;
  ContextHandle context_;
  ThreadChoice choice_;
  std::size_t longest_ = 0, most_tokens_ = 0, numbers_ = 0;
};

}  // namespace llmops::model::llama

#pragma once
/// \file  The sequences that a model works on at once, each with its own attention memory.
#include <atomic>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "model/llama/handles.h"
#include "model/llama/thread_choice.h"
#include "model/llama/weights.h"

namespace llmops::model::llama {

/// The scores of every token of the vocabulary as the next one. Valid until the next decoding.
using Logits = std::span<const float>;

struct SequencesConfig {
  std::uint32_t count = 8;
  std::uint32_t positions = 2048;  ///< For each sequence.
  std::uint32_t threads = 1;       ///< At most so many; fewer where that is faster.
};

enum class Scored { last, all };

/// Tokens to put at the end of a sequence, and behind which of them the scores are wanted.
struct Extension {
  std::size_t sequence = 0;
  std::span<const Token> tokens;
  Scored scored = Scored::last;
};

enum class Decoded { all, stopped, failed };

/// Sequences of tokens and what the model remembers of them. Used from one thread.
///
/// What is computed for a token depends on the tokens before it in its own sequence and on nothing else: not on the
/// other sequences, nor on how a prompt was cut into pieces, nor on whether its beginning was copied from elsewhere.
class Sequences {
 public:
  /// Errors of kind `environment`: not enough memory, an adapter that can't be used.
  static Result<Sequences> make(const Weights& weights, const SequencesConfig& config);

  /// The tokens that a sequence holds.
  const std::vector<Token>& tokens(std::size_t sequence) const { return held_[sequence]; }
  std::size_t count() const { return held_.size(); }
  /// Most tokens that one call of `extend` may add in all.
  std::size_t most_at_once() const { return most_at_once_; }
  Bytes memory() const { return memory_; }
  /// False for models that remember no single tokens: then `cut` takes 0 only, and `copy` is not to be used.
  bool can_be_cut() const { return can_be_cut_; }

  /// Keeps the first `length` tokens of a sequence.
  void cut(std::size_t sequence, std::size_t length);
  /// Makes `to` hold the first `length` tokens of `from`.
  void copy(std::size_t from, std::size_t to, std::size_t length);

  /// Decodes tokens behind what the sequences hold; each sequence at most once. Unless all went well, they hold what
  /// they held before.
  Decoded extend(std::span<const Extension> extensions);
  /// After `extend`: the scores behind the last token of the extension numbered `extension`.
  Logits logits(std::size_t extension) const;
  /// Behind its token `index`, where all were to be scored.
  Logits logits(std::size_t extension, std::size_t index) const;

  /// `asked` is called often while decoding; once it returns true, the decoding ends as `stopped`.
  void stop_when(std::function<bool()> asked);

 private:
  explicit Sequences(std::uint32_t threads) : choice_(threads) {}
  std::int32_t decode(std::span<const Extension> extensions);

  std::unique_ptr<std::function<bool()>> stop_;
  ThreadsHandle threads_;
  ContextHandle context_;
  ThreadChoice choice_;
  std::vector<std::vector<Token>> held_;
  struct Rows {
    std::size_t first = 0, count = 0;
  };
  std::vector<Rows> rows_;  ///< Of each extension of the last call, in the batch.
  bool can_be_cut_ = true;
  std::size_t vocabulary_ = 0, most_at_once_ = 0;
  Bytes memory_;
};

}  // namespace llmops::model::llama

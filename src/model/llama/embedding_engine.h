#pragma once
/// \file  The thread that embeds: takes texts as they come, as many at once as are there.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "model/llama/encoder.h"
#include "model/llama/vocabulary.h"
#include "model/model.h"

namespace llmops::model::llama {

/// A text on its way through the engine.
struct EmbeddingJob {
  Vocabulary::Whole text;
  StopToken stop;
  std::function<void(Result<Answer, QueryFailure>)> done;
};

class EmbeddingEngine {
 public:
  /// So many texts waiting keep it busy.
  static constexpr std::int64_t kMostWaiting = 2 * static_cast<std::int64_t>(Encoder::kMostTexts);

  EmbeddingEngine(Encoder encoder, sys::Clock& clock);
  /// Whatever was not embedded yet fails as interrupted.
  ~EmbeddingEngine();

  /// `done` is called on the engine's thread.
  void submit(EmbeddingJob job);

 private:
  using Batch = std::vector<EmbeddingJob>;

  void run();
  Batch next();
  void embed(Batch batch);
  Result<Answer, QueryFailure> answer_of(const EmbeddingJob& job, std::size_t text) const;

  Encoder encoder_;
  sys::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<EmbeddingJob> waiting_;
  std::vector<StopToken> stops_;  ///< Of the texts that are being embedded.
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

}  // namespace llmops::model::llama

#pragma once
/// \file  The thread that decodes: takes queries as they come and keeps every sequence busy.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "model/llama/continuation.h"
#include "model/llama/prompt_tokens.h"
#include "model/llama/sequences.h"
#include "model/model.h"

namespace llmops::model::llama {

using Done = std::function<void(Result<Answer, QueryFailure>)>;

/// A query on its way through the engine.
struct Job {
  Query query;
  Result<Prepared> prepared;
  StopToken stop;
  Done done;
};

struct EngineConfig {
  std::size_t context = 2048;  ///< Tokens of one query, prompt and answer together.
};

/// Answers queries on a thread of its own, several at once, each in its own sequence. What a sequence has decoded stays
/// until it is needed for something else, so that queries that begin alike decode their common beginning once.
class Engine {
 public:
  Engine(Sequences sequences, const Vocabulary& vocabulary, sys::Clock& clock, EngineConfig config);
  /// Whatever was not answered yet fails as interrupted.
  ~Engine();

  /// Blocks while many jobs wait, except on the engine's own thread. `done` is called on that thread.
  void submit(Job job);
  std::size_t slots() const { return slots_.size(); }

 private:
  struct Slot {
    std::optional<Job> job;
    std::unique_ptr<Continuation> continuation;
    std::chrono::steady_clock::time_point started;
    std::optional<Duration> first;  ///< From the start until the first token was drawn.
  };

  void run();
  bool closing() const { return closing_.load(std::memory_order_relaxed); }
  bool any_active() const;
  std::optional<Job> next_job();
  void fail_stopped_jobs();
  void admit(Job job);
  std::size_t place(const std::vector<Token>& prompt);
  Decoded prefill(Slot& slot, std::size_t sequence, std::size_t length);
  void step();
  bool rewind(std::size_t sequence, std::size_t length);
  std::vector<std::size_t> collect(std::vector<Wanted>& wanted);
  Decoded decode(std::span<const Extension> extensions, std::vector<StopToken> stops);
  void finish(Slot& slot);
  void fail(Slot& slot, Decoded why);

  Sequences sequences_;
  const Vocabulary& vocabulary_;
  sys::Clock& clock_;
  EngineConfig config_;
  std::vector<Slot> slots_;
  std::vector<StopToken> stops_;  ///< Of the queries that are being decoded.
  std::size_t first_ = 0;         ///< Where collecting begins, so that no query waits for ever.

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> waiting_;
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

}  // namespace llmops::model::llama

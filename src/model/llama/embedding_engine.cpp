#include "model/llama/embedding_engine.h"

#include <algorithm>

#include "model/embedding.h"

namespace llmops::model::llama {
namespace {

QueryFailure interrupted() {
  return {Error{ErrorKind::interrupted, "stopped before the text was embedded", {}, {}, {}}};
}

}  // namespace

EmbeddingEngine::EmbeddingEngine(Encoder encoder, sys::Clock& clock) : encoder_(std::move(encoder)), clock_(clock) {
  encoder_.stop_when([this] {
    return closing_ || (!stops_.empty() && std::all_of(stops_.begin(), stops_.end(),
                                                       [](const auto& stop) { return stop.stop_requested(); }));
  });
  thread_ = std::thread([this] { run(); });
}

EmbeddingEngine::~EmbeddingEngine() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void EmbeddingEngine::submit(EmbeddingJob job) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(job));
  changed_.notify_one();
}

void EmbeddingEngine::run() {
  while (!closing_) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    }
    if (auto batch = next(); !batch.empty()) embed(std::move(batch));
  }
  for (auto& job : std::exchange(waiting_, {})) job.done(interrupted());
}

/// As many as fit, in the order in which they came.
EmbeddingEngine::Batch EmbeddingEngine::next() {
  const std::lock_guard lock(mutex_);
  Batch out;
  std::size_t tokens = 0;
  while (!closing_ && !waiting_.empty() && out.size() < Encoder::kMostTexts) {
    tokens += waiting_.front().text.tokens.size();
    if (!out.empty() && tokens > encoder_.most_tokens()) break;
    out.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return out;
}

void EmbeddingEngine::embed(Batch batch) {
  const auto began = clock_.monotonic();
  std::vector<std::span<const Token>> texts;
  stops_.clear();
  for (const auto& job : batch) {
    texts.emplace_back(job.text.tokens);
    stops_.push_back(job.stop);
  }
  const auto decoded = encoder_.encode(texts);
  const auto latency = std::chrono::duration_cast<Duration>(clock_.monotonic() - began);
  // All are read before the first is handed out: then more may come.
  std::vector<Result<Answer, QueryFailure>> answers;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (decoded != Decoded::all || batch[i].stop.stop_requested()) {
      answers.emplace_back(decoded == Decoded::failed
                               ? QueryFailure{step_error("the embedded engine could not embed the text")}
                               : interrupted());
      continue;
    }
    answers.push_back(answer_of(batch[i], i));
    if (answers.back()) answers.back()->latency = latency;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(answers[i]));
}

Result<Answer, QueryFailure> EmbeddingEngine::answer_of(const EmbeddingJob& job, std::size_t text) const {
  const auto numbers = encoder_.vector(text);
  auto direction = direction_of(std::vector<double>(numbers.begin(), numbers.end()));
  if (!direction) return QueryFailure{std::move(direction).error()};
  Answer out;
  out.vectors.push_back(*std::move(direction));
  out.finish_reason = job.text.cut ? "length" : "stop";
  out.usage = {static_cast<std::int64_t>(job.text.tokens.size()), 0};
  return out;
}

}  // namespace llmops::model::llama

#include "model/batching.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "model/embedding.h"

namespace llmops::model {
namespace {

using Done = std::function<void(Result<Answer, QueryFailure>)>;

struct Held {
  Query query;
  StopToken stop;
  Done done;
  const std::string& text() const { return query.embed.front(); }
};
using Batch = std::vector<Held>;

Query joined(const Batch& batch) {
  Query out;
  out.parameters = batch.front().query.parameters;
  for (const auto& held : batch) out.embed.push_back(held.text());
  return out;
}

/// Whether two queries may go in one request.
bool go_together(const Held& a, const Held& b) { return a.stop == b.stop && a.query.parameters == b.query.parameters; }

/// The whole cut in parts as large as the texts are: they add up to it.
std::int64_t share(std::int64_t whole, std::size_t begin, std::size_t end, std::size_t size) {
  const auto until = [&](std::size_t at) {
    return static_cast<std::int64_t>(static_cast<double>(whole) * static_cast<double>(at) / static_cast<double>(size));
  };
  return until(end) - until(begin);
}

void hand_out(Batch& batch, const Answer& answer) {
  std::size_t size = 0, at = 0;
  for (const auto& held : batch) size += held.text().size();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto end = at + batch[i].text().size();
    Answer own;
    own.vectors = {answer.vectors[i]};
    own.finish_reason = answer.finish_reason;
    own.usage.output_tokens = 0;
    if (answer.usage.input_tokens) own.usage.input_tokens = share(*answer.usage.input_tokens, at, end, size);
    own.latency = answer.latency;
    own.reported_model = answer.reported_model;
    at = end;
    batch[i].done(std::move(own));
  }
}

/// What callbacks of requests on their way share with the model.
class Batcher : public std::enable_shared_from_this<Batcher> {
 public:
  Batcher(std::unique_ptr<Model> inner, BatchLimits limits) : inner_(std::move(inner)), limits_(limits) {}

  void take(Held held) {
    {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(held));
      if (held_.size() - due_ >= limits_.texts) due_ = held_.size();
    }
    send();
  }
  void flush() {
    {
      const std::lock_guard lock(mutex_);
      due_ = held_.size();
    }
    send();
  }
  std::int64_t concurrency() const { return inner_->concurrency() * static_cast<std::int64_t>(limits_.texts); }

 private:
  void send() {
    while (auto batch = next()) {
      auto query = joined(*batch);
      const auto stop = batch->front().stop;
      auto shared = std::make_shared<Batch>(*std::move(batch));
      inner_->ask(std::move(query), stop, [self = shared_from_this(), shared](Result<Answer, QueryFailure> result) {
        self->receive(*shared, std::move(result));
      });
    }
  }

  /// The next request to send, if there is one and room for it.
  std::optional<Batch> next() {
    const std::lock_guard lock(mutex_);
    if (on_their_way_ >= std::max<std::int64_t>(inner_->concurrency(), 1)) return std::nullopt;
    std::optional<Batch> out;
    if (!halves_.empty()) {
      out = std::move(halves_.front());
      halves_.pop_front();
    } else if (due_ > 0) {
      out.emplace();
      std::size_t bytes = 0;
      while (due_ > 0 && out->size() < limits_.texts) {
        auto& first = held_.front();
        bytes += first.text().size();
        if (!out->empty() && (bytes > limits_.bytes || !go_together(out->front(), first))) break;
        out->push_back(std::move(first));
        held_.pop_front();
        --due_;
      }
    }
    if (out) ++on_their_way_;
    return out;
  }

  void receive(Batch& batch, Result<Answer, QueryFailure> result) {
    const bool whole = result && result->vectors.size() == batch.size();
    const bool spoilt = !result && !result.error().retryable && result.error().extent == Extent::one &&
                        result.error().error.kind != ErrorKind::interrupted && batch.size() > 1;
    if (whole) {
      hand_out(batch, *result);
    } else if (!spoilt) {
      const auto failure = result ? QueryFailure{step_error("the model gave another number of vectors than of texts")}
                                  : std::move(result).error();
      for (auto& held : batch) held.done(failure);
    }
    {
      // Only now: what is asked for after these vectors came can go together.
      const std::lock_guard lock(mutex_);
      --on_their_way_;
      if (spoilt) halve(batch);
    }
    send();
  }

  void halve(Batch& batch) {
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    halves_.emplace_back(std::make_move_iterator(batch.begin()), std::make_move_iterator(middle));
    halves_.emplace_back(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
  }

  const std::unique_ptr<Model> inner_;
  const BatchLimits limits_;
  std::mutex mutex_;
  std::deque<Held> held_;
  std::size_t due_ = 0;  ///< So many of the first ones may go.
  std::deque<Batch> halves_;
  std::int64_t on_their_way_ = 0;
};

class Batching final : public Model {
 public:
  Batching(std::unique_ptr<Model> inner, BatchLimits limits)
      : batcher_(std::make_shared<Batcher>(std::move(inner), limits)) {}

  void ask(Query query, StopToken stop, Done done) override {
    if (query.embed.empty()) return done(QueryFailure{answers_nothing()});
    if (query.embed.front().empty()) return done(QueryFailure{invalid_error("an empty text has no vector")});
    batcher_->take({std::move(query), std::move(stop), std::move(done)});
  }
  std::int64_t concurrency() const override { return batcher_->concurrency(); }
  void flush() override { batcher_->flush(); }

 private:
  const std::shared_ptr<Batcher> batcher_;
};

}  // namespace

std::unique_ptr<Model> batching(std::unique_ptr<Model> inner, BatchLimits limits) {
  return std::make_unique<Batching>(std::move(inner), limits);
}

}  // namespace llmops::model

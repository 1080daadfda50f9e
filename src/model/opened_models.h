#pragma once
/// \file  The models of a run, each opened once.
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "model/asker.h"
#include "model/busy_time.h"
#include "model/inbox.h"
#include "model/throttle.h"

namespace llmops::model {

/// An open model and how much is on its way to it. Safe to call from many threads.
class OpenedModel {
 public:
  /// `throttle` outlives it.
  OpenedModel(std::unique_ptr<Model> model, const RateLimits& limits, Throttle& throttle);
  using Time = Throttle::Time;
  Model& model() { return *model_; }
  std::int64_t most_at_once() const { return most_at_once_; }

  /// Takes one of its places, and a turn at its server. Where none is free and `inbox` is given, that is nudged when
  /// this may have changed.
  Turn take_turn(Time now, const Query& query, const std::shared_ptr<Inbox>& inbox);
  void end_turn(const Turn& turn, const Result<Answer, QueryFailure>& result, Time now);

  BusyTime& busy() { return busy_; }

  /// Whether it ever answered a query, asked by whom it may be.
  bool answered() const { return answered_; }
  void note_answer() { answered_ = true; }

 private:
  bool take_place(const std::shared_ptr<Inbox>& inbox);
  void free_place();

  const std::unique_ptr<Model> model_;
  const std::int64_t most_at_once_;
  Throttle& throttle_;
  BusyTime busy_;
  std::atomic<bool> answered_ = false;
  std::mutex mutex_;
  std::int64_t taken_ = 0;
  std::vector<std::shared_ptr<Inbox>> waiting_;
};

/// Safe to call from many threads: two that want the same model wait for one opening.
class OpenedModels {
 public:
  explicit OpenedModels(OpenContext context) : context_(context) {}
  /// Lives as long as this. One that could not be opened is not tried again.
  Result<OpenedModel*> open(const AskedModel& wanted);

 private:
  struct Slot {
    ModelConfig config;
    Digest identity;
    std::mutex opening;
    std::optional<Error> error;
    std::unique_ptr<OpenedModel> opened;
  };
  /// Whose limits are the same: a server's, by its address, the model's name there, and who asks.
  struct ServerKey {
    std::string provider, base_url, model, api_key;
    std::map<std::string, std::string> headers;
    friend bool operator==(const ServerKey&, const ServerKey&) = default;
  };
  struct Server {
    std::optional<ServerKey> key;  ///< Nothing for what is no API: it shares with nobody.
    Throttle throttle;
  };
  Slot& slot_of(const AskedModel& wanted);
  Throttle& throttle_of(const ModelConfig& config);

  OpenContext context_;
  std::mutex mutex_;
  std::list<Server> servers_;
  std::list<Slot> slots_;
};

}  // namespace llmops::model

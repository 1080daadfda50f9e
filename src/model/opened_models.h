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

namespace llmops::model {

/// An open model and how much is on its way to it. Safe to call from many threads.
class OpenedModel {
 public:
  explicit OpenedModel(std::unique_ptr<Model> model);
  Model& model() { return *model_; }
  std::int64_t most_at_once() const { return most_at_once_; }

  /// Takes one of its places. False where all are taken.
  bool take_place();
  /// The same; where all are taken, `inbox` is nudged when one is free again.
  bool take_place_or_wait(const std::shared_ptr<Inbox>& inbox);
  void free_place();

  BusyTime& busy() { return busy_; }

  /// Whether it ever answered a query, asked by whom it may be.
  bool answered() const { return answered_; }
  void note_answer() { answered_ = true; }

 private:
  const std::unique_ptr<Model> model_;
  const std::int64_t most_at_once_;
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
  Slot& slot_of(const AskedModel& wanted);

  OpenContext context_;
  std::mutex mutex_;
  std::list<Slot> slots_;
};

}  // namespace llmops::model

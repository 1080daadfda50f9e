#pragma once
/// \file  Where a model's threads leave answers for the thread that asks.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "model/model.h"

namespace llmops::model {

struct Arrival {
  std::uint64_t flight = 0;
  Result<Answer, QueryFailure> result;
  std::chrono::nanoseconds busy{0};  ///< Its part of the time that the model worked.
};

/// Many leave, one takes.
class Inbox {
 public:
  void push(Arrival arrival) {
    const std::lock_guard lock(mutex_);
    arrivals_.push_back(std::move(arrival));
    changed_.notify_one();
  }
  /// Ends a `wait`, now or the next one.
  void nudge() {
    const std::lock_guard lock(mutex_);
    nudged_ = true;
    changed_.notify_one();
  }
  std::vector<Arrival> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(arrivals_, {});
  }
  /// Until something is there, somebody nudges, or the time is over.
  void wait(std::optional<Duration> at_most) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return nudged_ || !arrivals_.empty(); };
    if (at_most) {
      changed_.wait_for(lock, *at_most, ready);
    } else {
      changed_.wait(lock, ready);
    }
    nudged_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Arrival> arrivals_;
  bool nudged_ = false;
};

}  // namespace llmops::model

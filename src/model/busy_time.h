#pragma once
/// \file  How long a model worked for each of the queries that were on their way to it at the same time.
#include <chrono>
#include <cstdint>
#include <mutex>

namespace llmops::model {

/// Each moment is shared in equal parts by the queries that are on their way in it, as in processor sharing: all parts
/// together are the time in which there was any. One sum tells all parts: it grows by 1/n of the time while n queries
/// are on their way, and a query's part is by how much it grew meanwhile. Safe to call from many threads.
class BusyTime {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Sum = std::chrono::duration<double, std::nano>;

  /// A query is sent; what it gives is for `end`.
  Sum begin(Time now) {
    const std::lock_guard lock(mutex_);
    advance(now);
    ++on_their_way_;
    return sum_;
  }
  /// The query has ended: its part.
  std::chrono::nanoseconds end(Sum began, Time now) {
    const std::lock_guard lock(mutex_);
    advance(now);
    --on_their_way_;
    return std::chrono::round<std::chrono::nanoseconds>(sum_ - began);
  }

 private:
  void advance(Time now) {
    if (on_their_way_ > 0 && now > at_) sum_ += (now - at_) / static_cast<double>(on_their_way_);
    at_ = now > at_ ? now : at_;
  }

  std::mutex mutex_;
  Time at_{};
  Sum sum_{0};
  std::int64_t on_their_way_ = 0;
};

}  // namespace llmops::model

#pragma once
/// \file  A clock that moves when the test says so, or when somebody sleeps.
#include <chrono>
#include <mutex>

#include "sys/system.h"

namespace llmops::fakes {

/// Starts at 2026-01-02T03:04:05Z. `random()` counts up from 1. Safe to call from many threads.
class FakeClock final : public sys::Clock {
 public:
  std::chrono::system_clock::time_point now() override {
    const std::lock_guard lock(mutex_);
    return kStart + passed_;
  }
  std::chrono::steady_clock::time_point monotonic() override {
    const std::lock_guard lock(mutex_);
    return std::chrono::steady_clock::time_point{} + passed_;
  }
  void sleep(Duration duration, StopToken stop) override {
    if (!stop.stop_requested()) advance(duration);
  }
  std::uint64_t random() override {
    const std::lock_guard lock(mutex_);
    return ++random_;
  }
  void advance(Duration duration) {
    const std::lock_guard lock(mutex_);
    passed_ += duration;
  }

 private:
  static constexpr std::chrono::system_clock::time_point kStart{std::chrono::seconds{1'767'323'045}};
  std::mutex mutex_;
  Duration passed_{0};
  std::uint64_t random_ = 0;
};

}  // namespace llmops::fakes

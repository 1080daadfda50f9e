#pragma once
/// \file  A clock whose sleepers wait until the test lets the time pass.
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "sys/system.h"

namespace llmops::fakes {

/// Safe to call from many threads. `random()` is always 0.
class WaitingClock final : public sys::Clock {
 public:
  std::chrono::system_clock::time_point now() override { return std::chrono::system_clock::time_point(passed()); }
  std::chrono::steady_clock::time_point monotonic() override { return std::chrono::steady_clock::time_point(passed()); }
  void sleep(Duration duration, StopToken stop) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this, until = passed_ + duration] { return passed_ >= until; });
  }
  std::uint64_t random() override { return 0; }
  void advance(Duration duration) {
    const std::lock_guard lock(mutex_);
    passed_ += duration;
    changed_.notify_all();
  }

 private:
  Duration passed() {
    const std::lock_guard lock(mutex_);
    return passed_;
  }
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Duration passed_{0};
};

}  // namespace llmops::fakes

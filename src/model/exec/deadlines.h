#pragma once
/// \file  The moments by which queries must be answered, all equally long after they were asked.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "sys/system.h"

namespace llmops::model::exec {

/// Has a thread of its own that calls `expire(number)` for each number whose time is over and that is still `needed`.
/// Safe to call from many threads.
class Deadlines {
 public:
  struct Owner {
    std::function<bool(std::int64_t)> needed;
    std::function<void(std::int64_t)> expire;
  };
  Deadlines(sys::Clock& clock, Duration timeout, Owner owner);
  void add(std::int64_t number);

 private:
  struct Deadline {
    std::int64_t number;
    std::chrono::steady_clock::time_point at;
  };
  void watch(const StopToken& stop);

  sys::Clock& clock_;
  const Duration timeout_;
  const Owner owner_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<Deadline> deadlines_;  // the soonest first
  std::jthread thread_;
};

}  // namespace llmops::model::exec

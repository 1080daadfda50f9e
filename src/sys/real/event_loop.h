#pragma once
/// \file  The one I/O thread: descriptors, timers and callbacks handed over from other threads.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/units.h"
#include "sys/real/unique_fd.h"

namespace llmops::sys {

/// The thread starts with the first `post` and ends in the destructor, after every task posted until then has run.
/// Nothing that runs on it may block or throw. All signals are blocked on it: they go to the main thread.
class EventLoop {
 public:
  using Task = std::function<void()>;
  using Handler = std::function<void(std::uint32_t events)>;  ///< `events` as epoll(7) names them.
  using TimerId = std::uint64_t;                              ///< Never 0.

  EventLoop() = default;
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs `task` on the I/O thread, in the order posted. From any thread. Throws std::system_error where the system has
  /// no descriptor or thread left for the loop itself.
  void post(Task task);
  bool on_thread() const;

  // The rest is for the I/O thread only.

  /// Calls `handler` as long as `events` (level-triggered) hold for `fd`; a second call for the same `fd` replaces the
  /// first. A handler may unwatch itself.
  void watch(int fd, std::uint32_t events, Handler handler);
  /// Forgets `fd`. Call before closing it. Nothing happens where it is not watched.
  void unwatch(int fd);
  TimerId after(Duration delay, Task task);
  /// Nothing happens where the timer has run.
  void cancel(TimerId timer);

 private:
  using Time = std::chrono::steady_clock::time_point;

  void start();
  void run();
  void run_posted();
  void run_due_timers();
  int wait_ms();
  void dispatch(int timeout_ms);
  void wake();

  std::mutex mutex_;  // guards posted_, stopping_, and thread_ until it runs
  std::vector<Task> posted_;
  bool stopping_ = false;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_;

  UniqueFd epoll_, wake_;
  std::unordered_map<int, std::shared_ptr<Handler>> handlers_;
  std::map<std::pair<Time, TimerId>, Task> timers_;
  std::unordered_map<TimerId, Time> timer_times_;
  TimerId last_timer_ = 0;
};

}  // namespace llmops::sys

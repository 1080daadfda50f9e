#pragma once
/// \file  A fixed number of threads that do what is handed to them.
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace llmops::exec {

/// Threads start when first needed. Destroying the pool waits for what was handed in.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t most) : most_(most) {}
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  void hand(std::function<void()> work);

 private:
  void serve();

  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool over_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace llmops::exec

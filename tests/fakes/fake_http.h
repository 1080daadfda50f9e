#pragma once
/// \file  Servers made of a function.
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sys/http.h"

namespace llmops::fakes {

/// Answers each request with what `on_request` gives, on a thread of its own, one after the other, in order. A request
/// that is stopped before is failed as `Http` says. Safe to call from many threads.
class FakeHttp final : public sys::Http {
 public:
  using Handler = std::function<sys::HttpResult(const sys::HttpRequest&)>;
  Handler on_request = [](const sys::HttpRequest&) -> sys::HttpResult {
    return sys::HttpFailure{environment_error("no server"), sys::HttpFailure::Of::server};
  };

  ~FakeHttp() override {
    thread_.request_stop();
    changed_.notify_all();
  }

  void send(sys::HttpRequest request, StopToken stop, std::function<void(sys::HttpResult)> done) override {
    auto exchange = std::make_shared<Exchange>();
    exchange->request = std::move(request);
    exchange->done = std::move(done);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(exchange->request);
      most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
      queue_.push_back(exchange);
      changed_.notify_all();
    }
    // Only a weak hold: the callback is part of the exchange.
    const std::weak_ptr<Exchange> weak = exchange;
    auto hearer = std::make_unique<Hearer>(stop, [this, weak] {
      if (const auto held = weak.lock()) finish(*held, stopped());
    });
    const std::lock_guard lock(mutex_);
    if (!exchange->over) exchange->on_stop = std::move(hearer);
  }

  /// While held, requests queue up and nobody answers.
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// Waits until as many requests are unanswered; false after ten seconds.
  bool wait_in_flight(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return in_flight_ >= count; });
  }
  std::size_t in_flight() const {
    const std::lock_guard lock(mutex_);
    return in_flight_;
  }
  std::size_t most_in_flight() const {
    const std::lock_guard lock(mutex_);
    return most_in_flight_;
  }
  std::vector<sys::HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }

 private:
  using Hearer = std::stop_callback<std::function<void()>>;
  struct Exchange {
    sys::HttpRequest request;
    std::function<void(sys::HttpResult)> done;
    bool over = false;
    std::unique_ptr<Hearer> on_stop;
  };

  static sys::HttpFailure stopped() { return {Error{ErrorKind::interrupted, "stopped", {}, {}, {}}}; }

  void finish(Exchange& exchange, sys::HttpResult result) {
    std::function<void(sys::HttpResult)> done;
    std::unique_ptr<Hearer> hearer;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(exchange.over, true)) return;
      --in_flight_;
      done = std::move(exchange.done);
      hearer = std::move(exchange.on_stop);
    }
    done(std::move(result));
  }

  void serve(const StopToken& stop) {
    while (!stop.stop_requested()) {
      std::shared_ptr<Exchange> next;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !queue_.empty() && !held_; })) return;
        next = queue_.front();
        queue_.pop_front();
        if (next->over) continue;
      }
      finish(*next, on_request(next->request));
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Exchange>> queue_;
  std::vector<sys::HttpRequest> requests_;
  std::size_t in_flight_ = 0, most_in_flight_ = 0;
  bool held_ = false;
  std::jthread thread_{[this](const StopToken& stop) { serve(stop); }};
};

}  // namespace llmops::fakes

#pragma once
/// \file  Programs made of functions.
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sys/process.h"

namespace llmops::fakes {

/// What a fake program can do.
class FakeProgram {
 public:
  virtual ~FakeProgram() = default;
  virtual void say(std::string_view bytes) = 0;  ///< To standard output.
  virtual void log(std::string_view bytes) = 0;  ///< To standard error.
  virtual void exit(int status) = 0;
};

/// Starts programs that are told each line of their standard input, on a thread of their own. At the end of their input
/// they exit with status 0. Safe to call from many threads.
class FakeProcess final : public sys::Process {
 public:
  /// Called with each line, without its newline.
  std::function<void(FakeProgram&, std::string_view line)> on_line = [](FakeProgram&, std::string_view) {};
  /// Called with what is about to be written to a program, on the writer's thread: it keeps the writer until it
  /// returns.
  std::function<void(std::string_view)> on_write = [](std::string_view) {};
  /// Called when a program starts.
  std::function<void(FakeProgram&)> on_start = [](FakeProgram&) {};
  /// Where set, nothing can be started.
  std::optional<Error> start_error;

  Result<void> start_supervisor() override { return {}; }
  Result<sys::ProcessEnd> run(const sys::ProcessSpec&, StopToken, const OnOutput&) override {
    return environment_error("fake programs are only started, not run");
  }
  Result<std::unique_ptr<sys::Child>> start(const sys::ProcessSpec& spec, StopToken stop, OnOutput on_output) override {
    {
      const std::lock_guard lock(mutex_);
      started_.push_back(spec);
    }
    if (start_error) return *start_error;
    return std::unique_ptr<sys::Child>(std::make_unique<Running>(*this, std::move(stop), std::move(on_output)));
  }
  std::vector<sys::ProcessSpec> started() const {
    const std::lock_guard lock(mutex_);
    return started_;
  }

 private:
  class Running final : public sys::Child, public FakeProgram {
   public:
    Running(FakeProcess& owner, StopToken stop, OnOutput on_output)
        : owner_(owner),
          on_output_(std::move(on_output)),
          on_stop_(std::move(stop), [this] { finish({.stopped = true}); }) {
      thread_ = std::jthread([this] { live(); });
    }
    ~Running() override { finish({.signal = 9}); }

    Result<void> write(std::string_view bytes) override {
      owner_.on_write(bytes);
      const std::lock_guard lock(mutex_);
      if (ended_) return environment_error("the program no longer reads its standard input");
      input_ += bytes;
      changed_.notify_all();
      return {};
    }
    void close_input() override {
      const std::lock_guard lock(mutex_);
      input_closed_ = true;
      changed_.notify_all();
    }
    sys::ProcessEnd wait() override {
      thread_.join();
      return end_;
    }
    void say(std::string_view bytes) override { on_output_(sys::Stream::out, bytes); }
    void log(std::string_view bytes) override { on_output_(sys::Stream::err, bytes); }
    void exit(int status) override { finish({.status = status}); }

   private:
    void finish(sys::ProcessEnd end) {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      ended_ = true;
      end_ = end;
      changed_.notify_all();
    }
    void live() {
      owner_.on_start(*this);
      while (true) {
        std::string line;
        {
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [this] { return ended_ || input_closed_ || input_.find('\n') != std::string::npos; });
          const auto end = input_.find('\n');
          if (ended_ || end == std::string::npos) break;
          line = input_.substr(0, end);
          input_.erase(0, end + 1);
        }
        owner_.on_line(*this, line);
      }
      finish({});
    }

    FakeProcess& owner_;
    const OnOutput on_output_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string input_;
    bool input_closed_ = false, ended_ = false;
    sys::ProcessEnd end_;
    std::stop_callback<std::function<void()>> on_stop_;
    std::jthread thread_;
  };

  mutable std::mutex mutex_;
  std::vector<sys::ProcessSpec> started_;
};

}  // namespace llmops::fakes

#pragma once
/// \file  Ctrl-C, heard once as a wish and twice as an order.
#include <atomic>
#include <thread>

#include "base/stop.h"

namespace llmops::sys {

/// From its making on, SIGINT, SIGTERM and SIGHUP ask the token to stop; a second one ends the program with status 130
/// (the supervisor then ends all children). Make it on the main thread, before other threads.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  StopToken token() const { return source_.get_token(); }

 private:
  void listen();

  StopSource source_;
  int wake_ = -1;
  std::jthread listener_;
};

}  // namespace llmops::sys

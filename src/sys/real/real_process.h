#pragma once
/// \file  Programs, started through the supervisor.
#include <memory>
#include <mutex>
#include <optional>

#include "sys/process.h"
#include "sys/real/event_loop.h"
#include "sys/real/supervisor.h"

namespace llmops::sys {

class RunningProgram;

/// Output is handed over on `loop`'s thread, so `on_output` must be quick, and must not wait for a program. `loop`
/// outlives this, and this outlives every child that it started.
class RealProcess : public Process {
 public:
  explicit RealProcess(EventLoop& loop) : loop_(loop) {}
  /// Ends the supervisor.
  ~RealProcess() override;

  Result<void> start_supervisor() override;
  Result<ProcessEnd> run(const ProcessSpec& spec, StopToken stop, const OnOutput& on_output) override;
  Result<std::unique_ptr<Child>> start(const ProcessSpec& spec, StopToken stop, OnOutput on_output) override;

 private:
  enum class Input { none, piped };

  Result<std::shared_ptr<RunningProgram>> launch(const ProcessSpec& spec, Input input, OnOutput on_output);

  EventLoop& loop_;
  std::mutex mutex_;  // guards supervisor_, and orders on its socket
  std::optional<Supervisor> supervisor_;
};

}  // namespace llmops::sys

#pragma once
/// \file  Programs, started through the supervisor.
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "sys/process.h"
#include "sys/real/event_loop.h"
#include "sys/real/spawn_wire.h"
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

  /// Guardians without a program, by their sockets. Outlives this where a program's last holder does.
  struct Idle {
    std::mutex mutex;
    std::vector<UniqueFd> guardians;
    bool closed = false;
    void give(UniqueFd guardian);
    UniqueFd take();
  };

  Result<std::shared_ptr<RunningProgram>> launch(const ProcessSpec& spec, Input input, OnOutput on_output);
  /// Sends the order to an idle guardian, or to a new one. Its socket.
  Result<UniqueFd> order(const ProcessSpec& spec, const SpawnFds& fds);

  EventLoop& loop_;
  std::mutex mutex_;  // guards supervisor_, and orders on its socket
  std::optional<Supervisor> supervisor_;
  std::shared_ptr<Idle> idle_ = std::make_shared<Idle>();
};

}  // namespace llmops::sys

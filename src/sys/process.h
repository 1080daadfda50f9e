#pragma once
/// \file  Programs of others, started and surely ended.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/stop.h"
#include "base/units.h"
#include "sys/file_system.h"

namespace llmops::sys {

struct ProcessSpec {
  std::vector<std::string> argv;           ///< `argv[0]` is looked up in `PATH` of `env` where it has no slash.
  Path folder;                             ///< Where it runs.
  std::map<std::string, std::string> env;  ///< The whole environment; nothing is inherited.
  std::optional<Duration> timeout;         ///< Then SIGTERM to its group, after `grace` SIGKILL to all it started.
  Duration grace{5000};
};

enum class Stream { out, err };

struct ProcessEnd {
  int status = 0;  ///< Exit status, when it exited.
  int signal = 0;  ///< The signal that ended it, else 0.
  bool timed_out = false;
  bool stopped = false;           ///< The stop token asked for its end.
  std::size_t orphans_ended = 0;  ///< Processes it left behind, or that outlived it while it was being ended: killed.
  bool ok() const { return status == 0 && signal == 0 && !timed_out && !stopped; }
};

/// A running program whose standard input is ours. Destroying it closes the input, ends the program and everything it
/// started as a stop would, and waits for that.
class Child {
 public:
  virtual ~Child() = default;
  /// Queues bytes for standard input; blocks while more than 1 MiB waits. An error when the program has closed it.
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual void close_input() = 0;
  /// Waits for the end: all output has been handed over, and nothing that the program started is left. A program whose
  /// guardian was killed from outside counts as ended by SIGKILL. Not to be called from `on_output`.
  virtual ProcessEnd wait() = 0;
};

/// Starts programs through a supervisor that kills them, and all they started, when they end, when asked to stop, and
/// when this process dies, however it dies. Errors: kind `environment` where the program can't be started (not found,
/// not executable), naming it, or was lost because somebody killed its guardian. Processes are found however they were
/// detached (a session of their own, a parent that ended), and told from those of other programs; out of reach are only
/// those of another user. The programs get no signals from our terminal. Safe to call from many threads.
class Process {
 public:
  virtual ~Process() = default;
  using OnOutput = std::function<void(Stream, std::string_view bytes)>;

  /// Starts the supervisor now. Call from the main thread before any other thread exists; a no-op the second time.
  virtual Result<void> start_supervisor() = 0;
  /// Runs to the end with an empty standard input. `on_output` is called on another thread, never concurrently; it must
  /// be quick, as all programs and requests share that thread. Stopped before the start: nothing is started.
  virtual Result<ProcessEnd> run(const ProcessSpec& spec, StopToken stop, const OnOutput& on_output) = 0;
  /// Starts a program that is talked to. `on_output` as above, until the child is destroyed.
  virtual Result<std::unique_ptr<Child>> start(const ProcessSpec& spec, StopToken stop, OnOutput on_output) = 0;
};

}  // namespace llmops::sys

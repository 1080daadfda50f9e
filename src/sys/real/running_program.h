#pragma once
/// \file  A started program, seen from here: its pipes and its guardian's word, served by the I/O thread.
#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "sys/process.h"
#include "sys/real/event_loop.h"
#include "sys/real/spawn_wire.h"

namespace llmops::sys {

/// Safe to call from many threads, but for what waits: not from the I/O thread.
class RunningProgram : public std::enable_shared_from_this<RunningProgram> {
 public:
  struct Outcome {
    ProcessEnd end;
    bool lost = false;  ///< The guardian died, so how the program ended is not known; the program was killed.
  };

  /// Takes the guardian's socket back once it may run another program.
  using GiveBack = std::function<void(UniqueFd)>;

  /// `control` is the guardian's socket, `ends` our ends of the program's pipes. `on_output` may be empty.
  RunningProgram(EventLoop& loop, pid_t pid, UniqueFd control, SpawnFds ends, Process::OnOutput on_output,
                 GiveBack give_back);

  /// Starts to read. Call once.
  void begin();
  /// Asks the guardian to end the program. Does not wait.
  void stop();
  /// See `Child::write`. From the I/O thread it never blocks.
  Result<void> write(std::string_view bytes);
  /// After all that was written before.
  void close_input();
  Outcome wait();

 private:
  // On the I/O thread.
  void watch_output(Stream stream);
  bool read_output(Stream stream);
  void on_control();
  void finish(const SpawnReport* report);
  void flush_input();
  void drop_input();
  UniqueFd& pipe_of(Stream stream) { return stream == Stream::out ? ends_.out : ends_.err; }

  EventLoop& loop_;
  const pid_t pid_;
  SpawnFds ends_;  // the I/O thread's
  const Process::OnOutput on_output_;
  const GiveBack give_back_;
  std::string sending_;   // the I/O thread's
  std::size_t sent_ = 0;  // of `sending_`

  std::mutex mutex_;
  UniqueFd control_;  // empty once the guardian was given back
  std::condition_variable changed_;
  std::string queued_;      // behind `sending_`
  std::size_t unsent_ = 0;  // of both
  bool input_open_ = false;
  bool input_wanted_ = true;  // until `close_input`
  bool ended_ = false;
  Outcome outcome_;
};

}  // namespace llmops::sys

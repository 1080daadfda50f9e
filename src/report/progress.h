#pragma once
/// \file  A run as it goes, on a terminal or in a log.
#include <chrono>
#include <map>
#include <string>

#include "exec/event.h"
#include "report/console.h"
#include "sys/system.h"

namespace llmops::report {

/// Listens to a run and talks on `console.err`. On a terminal: a line for each running step, redrawn, with time left;
/// the lines of programs and what has ended stand above. Elsewhere: plain lines, progress at most every ten seconds.
class RunProgress {
 public:
  RunProgress(Console& console, sys::Clock& clock) : console_(console), clock_(clock) {}
  void hear(const exec::Event& event);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Running {
    std::string kind;
    Instant began{}, said{};
    step::Progress progress;
    std::string note;
  };

  void say(const std::string& line);
  void redraw();
  void wipe();
  std::string status_line(const std::string& id, const Running& running) const;
  void tell(const std::string& id, const step::StepEvent& event);

  Console& console_;
  sys::Clock& clock_;
  std::map<std::string, Running> running_;
  std::size_t drawn_ = 0;
  Instant drawn_at_{};
};

}  // namespace llmops::report

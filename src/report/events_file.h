#pragma once
/// \file  A run's events as JSON Lines, for programs.
#include <memory>

#include "exec/event.h"
#include "sys/system.h"

namespace llmops::report {

/// Writes nothing when made with an empty path. A file that can't be written is said once in the log.
class EventsFile {
 public:
  EventsFile(sys::System& system, const sys::Path& path);
  void hear(const exec::Event& event);

 private:
  sys::System& system_;
  std::unique_ptr<sys::AppendFile> file_;
};

}  // namespace llmops::report

#pragma once
/// \file  A run's events as JSON Lines, for programs.
#include <memory>

#include "exec/event.h"
#include "sys/system.h"

namespace llmops::report {

/// Writes nothing when made with an empty path, and nothing more after what could not be written. A file that is there
/// is replaced, a device or pipe written to.
class EventsFile {
 public:
  EventsFile(sys::System& system, const sys::Path& path);
  void hear(const exec::Event& event);
  /// Why events are missing in the file.
  const Result<void>& written() const { return written_; }

 private:
  Result<void> open(const sys::Path& path);

  sys::System& system_;
  Result<void> written_;
  std::unique_ptr<sys::AppendFile> file_;
};

}  // namespace llmops::report

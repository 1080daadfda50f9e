#pragma once
/// \file  Everything outside the program, in one place to pass along.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/stop.h"
#include "sys/file_system.h"
#include "sys/git.h"
#include "sys/http.h"
#include "sys/process.h"

namespace llmops::sys {

/// Time. Safe to call from many threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::system_clock::time_point now() = 0;
  virtual std::chrono::steady_clock::time_point monotonic() = 0;
  /// Returns early when stopped.
  virtual void sleep(Duration duration, StopToken stop) = 0;
  /// A random 64-bit number, for ids; not for secrets.
  virtual std::uint64_t random() = 0;
};

/// Nanoseconds since 1970.
std::int64_t since_epoch_ns(Clock& clock);

/// RFC 3339 in UTC with milliseconds: `2026-11-24T10:15:57.123Z`.
std::string to_rfc3339(std::chrono::system_clock::time_point at);

/// The variables this program was started with.
class Env {
 public:
  virtual ~Env() = default;
  virtual std::optional<std::string> get(const std::string& name) const = 0;
  virtual const std::map<std::string, std::string>& all() const = 0;
  virtual Path current_folder() const = 0;
};

/// A diary for the developer of a recipe, off unless asked for. Secrets must not reach it.
class Log {
 public:
  virtual ~Log() = default;
  enum class Level { debug, info, warning, error };
  virtual void write(Level level, std::string_view message) = 0;
};

/// The whole outside. Borrowed by whoever needs it; made once, in `main`.
struct System {
  FileSystem& files;
  Process& process;
  Http& http;
  Git& git;
  Clock& clock;
  Env& env;
  Log& log;
};

/// `$XDG_CACHE_HOME/llmops` or `~/.cache/llmops`; `LLMOPS_CACHE_DIR` wins. Without a home: `.llmops/cache` here.
Path cache_folder(const Env& env);
/// The id of a new run: time and chance, sortable, 26 characters of Crockford's base 32 (a ULID).
std::string new_id(Clock& clock);

}  // namespace llmops::sys

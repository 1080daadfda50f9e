#pragma once
/// \file  What every command has at hand.
#include <functional>
#include <string>

#include "base/error.h"
#include "base/stop.h"
#include "doc/node.h"
#include "report/console.h"
#include "step/kind.h"
#include "sys/system.h"

namespace llmops::cli {

/// Exit statuses, as `cli.md` documents them.
enum Status : int {
  kPassed = 0,
  kFailed = 1,
  kUsage = 2,
  kInvalid = 3,
  kRefused = 4,
  kInconclusive = 5,
  kEnvironment = 6,
  kBug = 70,
  kInterrupted = 130
};

int status_of(ErrorKind kind);
/// The one that counts where several apply: 130, 70, 6, 3, 1, 4, 5.
int worse(int a, int b);

struct Shell {
  sys::System& system;
  const step::Kinds& kinds;
  report::Console& console;
  sys::Path folder;                 ///< Where the command acts: `-C`, or the current folder.
  std::function<StopToken()> stop;  ///< From the first call on, Ctrl-C is heard.
  std::string program;              ///< `argv[0]`.

  /// Shows errors (20 at most, then how many more) and gives the exit status.
  int fail(const Errors& errors) const;
  int fail(const Error& error) const { return fail(Errors{error}); }
  /// Shows what does not stand in the way, 20 at most.
  void warn(const Errors& warnings) const;
  void print(const std::string& text) const { console.out(text); }
  void print(const doc::Node& document) const;
};

}  // namespace llmops::cli

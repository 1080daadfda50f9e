#pragma once
/// \file  Git as a program.
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/system.h"

namespace llmops::sys {

struct GitCall {
  std::vector<std::string> args;
  std::string input;                       ///< For standard input, which is closed behind it.
  std::map<std::string, std::string> env;  ///< On top of the cleaned environment.
  /// Where given, gets standard output as it comes, and `GitOutput::out` stays empty.
  std::function<void(std::string_view)> on_out;
};

struct GitOutput {
  int status = 0;  ///< Exit status; 128 and the signal where one ended it.
  std::string out, err;
  Path folder;  ///< Where it was started.
};

/// Starts `git` in one folder, in its own process group, so that Ctrl-C does not tear it from its work. The variables
/// that tie git to another repository (`GIT_DIR`, `GIT_INDEX_FILE`, …, as a hook has them) are taken out of its
/// environment, nothing prompts, messages are English, replace refs are not followed. Safe to call from many threads.
class GitCommand {
 public:
  /// Git is looked up in the `PATH` of `env`.
  GitCommand(const Env& env, Path folder);
  /// Errors only where git can't be started; its status is for the caller to judge.
  Result<GitOutput> run(const GitCall& call) const;
  /// Standard output; a status other than 0 is an error with git's own words.
  Result<std::string> output(const GitCall& call) const;

 private:
  Path folder_;
  std::string program_;  ///< Empty: not found.
  std::vector<std::string> env_;
};

/// An error of kind `environment`: "git <subcommand> failed: <its first telling line>". Where git had no space to
/// write, or could not write and does not say why, the error names the folder and says what to free.
Error git_failed(const GitCall& call, const GitOutput& output);

}  // namespace llmops::sys

#pragma once
/// \file  What runs have done, written before anything rests on it: a killed run is taken up from here.
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "doc/node.h"
#include "step/outcome.h"
#include "sys/system.h"

namespace llmops::exec {

/// A step that an unfinished run had done.
struct Done {
  std::string key;
  step::Outcome outcome;
  std::string run;  ///< Which had done it.
};

/// What the last unfinished run of a recipe in an environment left behind, with what was left to it by those before.
struct Unfinished {
  std::string run;
  std::map<std::string, Done> done;  ///< By step id.
};

/// Makes git ignore the state folder `.llmops` and all that is in it.
Result<void> keep_from_git(sys::FileSystem& files, const sys::Path& state_folder);

/// `.llmops/journal`: one JSON object a line, appended. Each running command holds a lock on `.llmops/runs/<id>/lock`,
/// which dies with it. A torn line is ignored.
class Journal {
 public:
  Journal(sys::FileSystem& files, sys::Path state_folder) : files_(files), folder_(std::move(state_folder)) {}

  /// The newest run of this recipe and environment, where it neither finished nor still runs.
  Result<std::optional<Unfinished>> unfinished(const std::string& recipe, const std::string& environment);

  /// Begins a run: its folder, its lock, its first line. An old journal of finished runs is started anew.
  Result<void> begin(const std::string& run, const std::string& recipe, const std::string& environment);
  /// What some run of this journal noted of a passed step with this key; the newest, where there is one.
  Result<std::optional<step::Outcome>> done(const std::string& step, const std::string& key);
  Result<void> step_done(const std::string& step, const std::string& key, const step::Outcome& outcome);
  Result<void> finish(const std::string& status);
  sys::Path run_folder() const { return folder_ / "runs" / run_; }

 private:
  Result<void> write(doc::Node line);
  Result<bool> alive(const std::string& run);
  Result<void> start_anew_when_long();
  Result<bool> ends_torn();

  sys::FileSystem& files_;
  sys::Path folder_;
  std::string run_;
  std::mutex mutex_;
  std::unique_ptr<sys::FileLock> lock_;
  std::unique_ptr<sys::AppendFile> file_;
};

}  // namespace llmops::exec

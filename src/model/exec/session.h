#pragma once
/// \file  A program from its start to its end.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "model/exec/line_splitter.h"
#include "model/redactor.h"
#include "sys/system.h"

namespace llmops::model::exec {

/// Who hears of a program. Called on the program's threads, one call at a time.
struct Listener {
  enum class Then { go_on, end_program };
  std::function<Then(std::int64_t number, std::string_view line)> on_line;
  /// A line of more than 64 MiB; nothing more is read, and the program is ended.
  std::function<void(std::int64_t number)> on_long_line;
  /// Once, after the last line. `last_words` is the last line of its log, for messages.
  std::function<void(const sys::ProcessEnd& end, const std::string& last_words)> on_end;
};

/// A running program. Its standard error goes to the log. Destroying it closes its input, gives it two seconds to end,
/// and ends it. Not to be destroyed from within a listener.
class Session {
 public:
  static Result<std::unique_ptr<Session>> start(sys::System& system, const Redactor& redactor,
                                                const sys::ProcessSpec& spec, Listener listener);
  ~Session();

  /// May block while the program does not read; ends when the program does. `query` is whose line it is.
  Result<void> write(std::string_view line, std::int64_t query);
  /// Whether its end has been told.
  bool over() const { return over_; }
  /// Ends a program that keeps this query waiting in `write`. Others that write may be well served.
  void unblock(std::int64_t query);

 private:
  Session(sys::System& system, const Redactor& redactor, Listener listener);
  void on_output(sys::Stream stream, std::string_view bytes);
  void on_line(std::int64_t number, std::string_view line);
  void on_log_line(std::string_view line);
  void watch();

  sys::System& system_;
  const Redactor& redactor_;
  const Listener listener_;
  StopSource stop_;
  std::mutex writers_mutex_;
  std::set<std::int64_t> writers_;
  std::mutex output_mutex_;  // of the three below
  LineSplitter lines_, log_lines_;
  std::string last_words_;
  std::mutex end_mutex_;
  std::condition_variable over_changed_;
  std::atomic<bool> over_ = false;
  std::unique_ptr<sys::Child> child_;
  std::jthread watcher_;
};

}  // namespace llmops::model::exec

#pragma once
/// \file  The diary: to the file that `LLMOPS_LOG_FILE` names, or to standard error where only `LLMOPS_LOG` is set.
#include <memory>
#include <mutex>
#include <string>

#include "sys/system.h"

namespace llmops::sys {

/// `LLMOPS_LOG` is the least level that is written: `debug`, `info`, `warning`, `error`; any other text is `debug`.
/// With neither variable set nothing is written and nothing is loaded. Safe to call from many threads.
class RealLog final : public Log {
 public:
  explicit RealLog(const Env& env);
  ~RealLog() override;
  void write(Level level, std::string_view message) override;

 private:
  struct Sink;
  std::string file_;
  Level least_ = Level::debug;
  bool on_ = false;
  std::once_flag opened_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace llmops::sys

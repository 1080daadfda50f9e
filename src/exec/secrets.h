#pragma once
/// \file  Secrets: fetched when first needed, and kept out of everything that is shown or stored.
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/stop.h"
#include "doc/node.h"
#include "step/outcome.h"
#include "sys/system.h"

namespace llmops::exec {

/// Safe to call from many threads.
class Secrets {
 public:
  explicit Secrets(sys::System& system) : system_(system) {}
  /// The variable of that name, else what `$LLMOPS_SECRETS_CMD NAME` prints (one trailing newline dropped).
  Result<std::string> get(const std::string& name);
  /// Programs that are asked from now on end when this does; `get` is then an error of kind `interrupted`.
  void heed(StopToken stop);
  /// `text` with every secret that was fetched (of four bytes or more) replaced by `***`; of one with several lines,
  /// each of these too, and as JSON writes it.
  std::string mask(std::string text) const;
  /// The same for every text of an outcome that a program or a server may have written: reason, error with its hint,
  /// its trail and the lines it shows, names and texts of metrics, what a gate says, plain values of outputs. What only
  /// the recipe says stays: names of models and prompts, paths. So do numbers and digests.
  step::Outcome mask(step::Outcome outcome) const;

 private:
  doc::Node mask_texts(const doc::Node& node) const;
  Error mask_error(Error error) const;
  Result<std::string> ask_command(const std::string& command, const std::string& name);

  sys::System& system_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> known_;
  std::vector<std::string> needles_;  ///< Longest first.
  StopToken stop_;
};

}  // namespace llmops::exec

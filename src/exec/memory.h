#pragma once
/// \file  What the last run of a recipe in an environment rested on, so that the next can say what changed and how long
/// it may take.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exec/services.h"
#include "plan/plan.h"

namespace llmops::exec {

/// Parts of each step's key, by step id, and how long the models took that it asked:
/// `.llmops/last/<recipe>@<environment>.json`. Losing it costs only explanations.
class Memory {
 public:
  Memory(Services& services, const std::string& recipe, const std::string& environment);
  /// Nothing where the step was never seen.
  const std::vector<plan::Part>* parts(const std::string& step);
  void set(const std::string& step, std::vector<plan::Part> parts);
  /// Mean latencies of answers by the models' names; empty where nothing is known.
  std::map<std::string, Duration> latencies(const std::string& step);
  /// Those that the outcome tells; where it tells none, those from before stay.
  void note_latencies(const std::string& step, const step::Outcome& outcome);
  Result<void> save();

 private:
  void load();

  Services& services_;
  sys::Path file_;
  bool loaded_ = false, changed_ = false;
  std::map<std::string, std::vector<plan::Part>> parts_;
  std::map<std::string, std::map<std::string, Duration>> latencies_;
};

/// Why a step would run, for people.
std::string reason_to_run(Memory& memory, const plan::PlannedStep& step);

}  // namespace llmops::exec

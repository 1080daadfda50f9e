#pragma once
/// \file  A plan as people read it.
#include <optional>
#include <string>
#include <vector>

#include "doc/node.h"
#include "plan/plan.h"
#include "report/console.h"
#include "step/kind.h"

namespace llmops::report {

struct PlanRow {
  std::string id, kind;
  std::string state;  ///< `run`, `cached`, `skipped`, `error`, `unknown`.
  std::string reason;
  std::optional<Digest> key;
  std::vector<plan::Change> changes;  ///< Since the last run; empty where there was none.
  std::optional<step::Estimate> estimate;
};

struct PlanView {
  std::string recipe, environment;
  Digest release_key;
  std::vector<PlanRow> rows;
  std::string refused;  ///< Why the environment would not let it run now; empty where it would.
  bool would_run() const;
};

enum class Why { no, yes };
std::string plan_text(const PlanView& view, Why why, Colour colour);
doc::Node to_node(const PlanView& view);

}  // namespace llmops::report

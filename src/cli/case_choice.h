#pragma once
/// \file  A run over some cases only, as the command line asks for it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"

namespace CLI {
class App;
}

namespace llmops::cli {

struct CaseChoice {
  std::vector<std::string> cases;     ///< Ids, or patterns of them.
  std::string failing_of, errors_of;  ///< A run, or what else names one.
  std::optional<std::int64_t> sample, seed;
  bool empty() const { return cases.empty() && failing_of.empty() && errors_of.empty() && !sample; }
};

void add_case_choice(CLI::App& app, CaseChoice& choice);

/// The recipe with its evals narrowed, and the steps that are then worth running; empty: all.
struct Narrowed {
  Ready ready;
  std::vector<std::string> steps;
};

/// What the evals' own `cases:` say is narrowed further. With `failing_of` or `errors_of` only the evals that have such
/// cases there run. Errors of kind `usage`: no such run, no such case in it.
Result<Narrowed, Errors> narrowed(Session& session, Ready ready, const CaseChoice& choice);

}  // namespace llmops::cli

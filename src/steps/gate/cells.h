#pragma once
/// \file  The cells of one or several evals, found by name.
#include <string>
#include <vector>

#include "base/result.h"
#include "doc/node.h"
#include "score/results.h"
#include "step/context.h"
#include "steps/gate/gate_config.h"

namespace llmops::steps::gate {

/// A cell and the results it stands in.
struct Found {
  const score::Results* results = nullptr;
  const score::CellResult* cell = nullptr;
  std::string name() const { return cell->name(); }
};

class Cells {
 public:
  /// Reads the `results` of the steps named.
  static Result<Cells> read(const std::vector<schema::Placed<std::string>>& from, step::Context& context);

  std::vector<Found> all() const;
  std::vector<std::string> names() const;
  /// `written`: `model/prompt`, a model or prompt alone where that leaves one, or the long form; null: the only cell.
  Result<Found> find(const schema::Placed<doc::Node>& written) const;
  std::vector<Found> among(const std::vector<std::string>& globs) const;

 private:
  std::vector<score::Results> results_;
};

/// A metric's place in a cell's results; an unknown one lists those there are.
Result<std::size_t> metric_of(const Found& found, const schema::Placed<std::string>& metric);

}  // namespace llmops::steps::gate

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

/// What a step measured; `step` is its id, `compare[size=small]` of a matrix.
struct MeasuredBy {
  std::string step;
  score::Results results;
};

/// A cell and the results it stands in.
struct Found {
  const MeasuredBy* measured = nullptr;
  const score::CellResult* cell = nullptr;
  const score::Results& results() const { return measured->results; }
  std::string name() const { return cell->name(); }
};

class Cells {
 public:
  /// Reads the `results` of the steps named, each step once.
  static Result<Cells> read(const std::vector<schema::Placed<std::string>>& from, step::Context& context);
  /// Of results read before, in order.
  static Cells of(std::vector<MeasuredBy> measured);

  std::vector<Found> all() const;
  std::vector<std::string> names() const;
  /// The cells that `written` may mean: `model/prompt`, a model or prompt alone, or the long form; null: any. A dataset
  /// that is not known yet may be any.
  std::vector<Found> fitting(const schema::Placed<doc::Node>& written) const;
  /// The only one that fits; several are an error that lists them with what tells them apart.
  Result<Found> find(const schema::Placed<doc::Node>& written) const;
  /// Those whose names fit a glob; an error where none does, or where two have one name; without a place of its own it
  /// stands at `at`.
  Result<std::vector<Found>> among(const std::vector<schema::Placed<std::string>>& globs, const SourcePos& at) const;
  /// Its name, with the step where another cell has the same.
  std::string label(const Found& found) const;

 private:
  std::vector<MeasuredBy> measured_;
};

/// Whether results of the step `id` are meant by `from: name`: its own, or one of its matrix.
bool is_from(const std::string& name, const std::string& id);
/// What `from:` says where the steps it names have none.
Error no_results(const schema::Placed<std::string>& name);
/// The cell a requirement is of, as `Cells::find` takes it: where none is written, the metric stands for its place.
schema::Placed<doc::Node> cell_of(const Requirement& requirement);
/// The cases a requirement is asked of: its own `where`, and that of either cell.
score::Where where_of(const Requirement& requirement);
/// Whether `versus` is what is deployed, and not a cell.
bool means_deployed(const doc::Node& versus);

/// A metric's place in a cell's results; an unknown one lists those there are.
Result<std::size_t> metric_of(const Found& found, const schema::Placed<std::string>& metric);

}  // namespace llmops::steps::gate

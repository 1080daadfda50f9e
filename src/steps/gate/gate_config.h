#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "schema/record.h"

namespace llmops::steps::gate {

/// A cell: `small/guided`, a model alone, or the long form.
struct CellRef {
  std::string name;  ///< The short form.
  std::string model, prompt, dataset;
  std::map<std::string, std::string> matrix;  ///< Values of the eval step's matrix, by axis.
  std::map<std::string, std::string> where;   ///< Only cases whose fields have these values.
};
const schema::Record<CellRef>& record_of(CellRef*);

struct Select {
  schema::Placed<std::string> metric;
  std::vector<schema::Placed<std::string>> among = {{"*/*", {}}};
  std::string ties = "first";
};
const schema::Record<Select>& record_of(Select*);

struct Requirement {
  schema::Placed<std::string> metric;
  schema::Placed<doc::Node> of, versus;
  std::optional<double> at_least, at_most, better_by, not_worse_by;
  std::map<std::string, std::string> where;
  std::optional<double> confidence;
  bool point = false;
};
const schema::Record<Requirement>& record_of(Requirement*);

struct When {
  std::string inconclusive = "block";
  std::string unavailable = "block";
};
const schema::Record<When>& record_of(When*);

/// What a recipe may write under `gate:`.
struct GateConfig {
  std::vector<schema::Placed<std::string>> from;
  std::optional<Select> select;
  std::vector<Requirement> require;
  double confidence = 0.95;
  bool sequential = false;
  Ratio max_errors{0.01};
  When when;
};
const schema::Record<GateConfig>& record_of(GateConfig*);

}  // namespace llmops::steps::gate

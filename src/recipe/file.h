#pragma once
/// \file  A recipe as it is written: the language, declared once.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "doc/node.h"
#include "model/config.h"
#include "schema/record.h"
#include "step/kind.h"

namespace llmops::recipe {

/// The version of the language that this program reads.
inline constexpr std::int64_t kFormat = 1;

struct DatasetConfig {
  schema::Placed<std::string> path;  ///< Tracked, or made by a step.
  std::string uri, sha256;           ///< Bytes outside git, pinned.
  std::string expected, id, cluster, assertions;
  asset::CaseFields fields() const { return {expected, id, cluster, assertions}; }
  friend bool operator==(const DatasetConfig&, const DatasetConfig&) = default;
};
const schema::Record<DatasetConfig>& record_of(DatasetConfig*);

enum class Promote { code, artifact };

struct EnvironmentConfig {
  schema::Placed<std::string> after;
  std::string promote = "code";
  std::int64_t approvals = 0;
  std::vector<std::string> branches;
  bool clean = false;
  doc::Node vars, models, datasets, indexes, targets, budget;  ///< Overrides by name, key by key.
  friend bool operator==(const EnvironmentConfig&, const EnvironmentConfig&) = default;
};
const schema::Record<EnvironmentConfig>& record_of(EnvironmentConfig*);

struct StepRetry {
  std::int64_t times = 0;
  Duration backoff{1000};
  friend bool operator==(const StepRetry&, const StepRetry&) = default;
};
const schema::Record<StepRetry>& record_of(StepRetry*);

/// One item of `steps:`. The kind's own settings stand in `kind.body`.
struct StepFile {
  schema::Placed<std::string> id;
  schema::Tagged kind;
  std::vector<schema::Placed<std::string>> needs;
  schema::Placed<doc::Node> condition;
  std::vector<schema::Placed<std::string>> environments;
  std::vector<std::pair<std::string, doc::Node>> matrix;
  std::vector<std::pair<std::string, doc::Node>> env;
  std::optional<Duration> timeout;
  StepRetry retry;
  std::string cache = "auto";
  doc::Node run_on = "local";
};
/// The step's own keys beside the given kinds.
schema::Record<StepFile> step_record(const step::Kinds& kinds);

/// A whole file. Maps keep their written order.
struct RecipeFile {
  std::int64_t format = kFormat;
  schema::Placed<std::string> name;
  std::string description;
  doc::Node triggers;
  std::vector<std::pair<std::string, doc::Node>> vars, models, prompts, datasets, indexes, environments;
  std::vector<doc::Node> steps;
  std::vector<schema::Placed<std::string>> include;
  doc::Node tracking, engines, cache, lineage, targets, budget;
};
const schema::Record<RecipeFile>& record_of(RecipeFile*);

/// The whole language with these kinds: for validation, the published JSON Schema and the reference.
schema::Type recipe_type(const step::Kinds& kinds);

}  // namespace llmops::recipe

#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schema/record.h"

namespace llmops::steps::exec {

/// What a recipe may write under `exec:`.
struct ExecConfig {
  std::vector<schema::Placed<std::string>> command;
  schema::Placed<std::string> shell;
  std::vector<schema::Placed<std::string>> inputs;
  doc::Node outputs;  ///< A map of name to path, or a list of paths.
  schema::Placed<std::string> metrics;
  bool build = false;
};
const schema::Record<ExecConfig>& record_of(ExecConfig*);

/// Declared outputs by name; a list's items are named by their path.
struct NamedPath {
  std::string name, path;
  SourcePos at;
};
Result<std::vector<NamedPath>, Errors> outputs_of(const ExecConfig& config);
/// The file of `metrics`, where one is declared.
Result<std::optional<NamedPath>, Errors> metrics_of(const ExecConfig& config);

}  // namespace llmops::steps::exec

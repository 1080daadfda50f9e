#pragma once
/// \file  A run and what is told of it: the value behind records, documents and the terminal.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "doc/node.h"
#include "step/outcome.h"
#include "sys/git.h"

namespace llmops::lineage {

using Time = std::chrono::system_clock::time_point;

/// Something a step rested on.
struct Dependency {
  std::string name;              ///< `prompt terse`, `dataset golden`, `model small`, `recipe`, `file`.
  std::string path;              ///< From the repository's root; empty where it has none.
  std::string git_blob;          ///< Of a tracked file.
  std::optional<Digest> sha256;  ///< Of other bytes.
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

struct StepRun {
  std::string id, kind;
  int version = 1;
  doc::Node config;                ///< As the recipe says, secrets left out.
  std::string key;                 ///< Digest; empty for a step without one.
  std::vector<std::string> needs;  ///< Ids of the steps of this run that it rested on.
  step::Outcome outcome;
  std::vector<Dependency> dependencies;
  Time started{}, finished{};
  std::string results;  ///< Bytes of the output that goes into the record (an eval's results), else empty.
};

enum class RunStatus { passed, failed, inconclusive, error, interrupted };
std::string_view to_string(RunStatus status);
std::optional<RunStatus> run_status_from(std::string_view text);

struct Run {
  std::string id;  ///< A ULID.
  std::string recipe, recipe_path, environment;
  std::string recipe_blob;
  sys::ObjectId commit;
  std::string branch;
  bool dirty = false;
  bool partial = false;  ///< Only some of the recipe's steps were asked for: no evidence for another environment.
  std::optional<sys::DirtyTree> dirty_tree;
  Digest release_key;
  RunStatus status = RunStatus::passed;
  Time started{}, finished{};
  std::string version;  ///< Of llmops.
  std::vector<StepRun> steps;
};

/// The worst of its steps: error, failed, inconclusive, passed.
RunStatus status_of(const std::vector<StepRun>& steps);

/// The document that `run --json` and `show --json` print; see `schemas/run.schema.json`.
doc::Node to_document(const Run& run);

}  // namespace llmops::lineage

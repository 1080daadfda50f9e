#pragma once
/// \file  What a running step may see and do, and nothing else.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "asset/cases.h"
#include "base/result.h"
#include "base/stop.h"
#include "doc/node.h"
#include "model/asker.h"
#include "prompt/prompt.h"
#include "step/outcome.h"
#include "sys/process.h"

namespace llmops::step {

struct PromptInput {
  std::string name, path;
  std::string identity;  ///< git blob id, or `sha256:…` of what a step made.
  Bytes size;            ///< Of the file.
  std::shared_ptr<const prompt::Prompt> prompt;
};

/// A dataset whose bytes are at hand.
struct DatasetInput {
  std::string name, path;
  std::string identity;
  sys::Path file;  ///< Where to read it now.
  asset::CaseFields fields;
  std::optional<std::size_t> cases;  ///< How many lines it has, where that was counted for an estimate.
  Bytes size;
};

/// What a step asked for by name, ready to use.
struct Inputs {
  std::map<std::string, model::AskedModel> models;
  std::map<std::string, PromptInput> prompts;
  std::map<std::string, DatasetInput> datasets;
  std::map<std::string, Outcome> steps;  ///< Of the steps it needs.
  doc::Node vars = doc::Node::map();
  std::map<std::string, Duration> latencies;  ///< Of models by name, as the step's last run found them; for estimates.
};

/// What listeners hear while a step runs.
struct Progress {
  std::int64_t done = 0, total = 0, errors = 0, cached = 0;
  std::string unit = "queries";
};
struct LogLine {
  sys::Stream stream = sys::Stream::out;
  std::string text;  ///< One line, as the program wrote it, without its newline.
};
struct Note {
  std::string text;  ///< A word for the person; shown once the step ends.
};
using StepEvent = std::variant<Progress, LogLine, Note>;

struct SpawnRequest {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;  ///< Added to the step's own environment.
};

/// Borrowed by a step while it runs, on the step's own thread.
class Context {
 public:
  virtual ~Context() = default;
  virtual const std::string& id() const = 0;
  /// The step's configuration with nothing left to resolve but `${case.…}`.
  virtual const doc::Node& config() const = 0;
  virtual const Inputs& inputs() const = 0;
  /// See `model::Asker::ask`. Counts go into the outcome by themselves.
  virtual Result<model::AskTotals> ask(const std::function<std::optional<model::Ask>()>& next,
                                       const std::function<void(const model::Asked&)>& on_answer,
                                       const model::AskLimits& limits) = 0;
  /// Runs a program at the repository's root, with the step's `env` and `timeout`; its lines become `LogLine`s.
  virtual Result<sys::ProcessEnd> spawn(const SpawnRequest& request) = 0;
  /// Stores bytes as an output that lies in the content store.
  virtual Result<Output> keep(const std::string& name, std::string_view bytes) = 0;
  /// Stores a file or folder of the work tree, made by this step, as an output with that path.
  virtual Result<Output> keep_path(const std::string& name, const std::string& path) = 0;
  /// The bytes of an output.
  virtual Result<std::string> fetch(const Output& output) = 0;
  /// The cases of a dataset, read and checked.
  virtual Result<asset::Cases, Errors> cases(const DatasetInput& dataset) = 0;
  /// A file of the repository's work tree, by its path.
  virtual Result<std::string> read(const std::string& path) = 0;
  /// A file or folder that it writes, as it was before. Makes the folders above it, where they are missing. An error
  /// where what is there is not the step's to remove: tracked by git, or led to out of the repository by a link.
  virtual Result<void> remove(const std::string& path) = 0;
  virtual void emit(StepEvent event) = 0;
  virtual StopToken stop() const = 0;
};

}  // namespace llmops::step

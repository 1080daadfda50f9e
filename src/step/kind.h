#pragma once
/// \file  The contract of a step kind: how it is written, what it reads and makes, how it runs.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asset/cases.h"
#include "base/result.h"
#include "doc/node.h"
#include "model/price.h"
#include "schema/record.h"
#include "schema/type.h"
#include "step/context.h"
#include "step/outcome.h"

namespace llmops::step {

using Name = schema::Placed<std::string>;

/// What a step reads: its key rests on the identity of all of it.
struct Reads {
  std::vector<Name> models, prompts, datasets;  ///< By their name in the recipe.
  std::vector<Name> paths;                      ///< Files, folders or globs: tracked, or made by another step.
  std::vector<Name> maybe;                      ///< Words of a command: those that are tracked files count.
  std::vector<Name> steps;                      ///< Steps whose outcome it looks at.
};

/// An output as declared, before the step has run.
struct OutputDeclaration {
  std::string name;
  std::string path;  ///< In the work tree; empty where it goes to the content store or is a value.
  SourcePos at;
};

/// What a step will measure, as far as its configuration tells; nothing where only running does.
struct Measures {
  struct Cell {
    std::string model, prompt;  ///< By name; `prompt` is empty where a model is asked without one.
  };
  std::optional<std::vector<std::string>> metrics;
  std::optional<std::vector<Cell>> cells;
  std::string dataset;  ///< By name; empty where it is not known.
};

struct Declared {
  Reads reads;
  std::vector<OutputDeclaration> outputs;
  std::vector<OutputDeclaration> written;  ///< Files beside its outputs that it writes anew each time.
  Measures measures;
  bool always_runs = false;  ///< Nothing to show for it, so it can't be skipped as up to date.
};

/// The rest of a recipe, as far as one step's configuration is checked against it.
struct Surroundings {
  struct Neighbour {
    Declared declared;
    bool conditional = false;  ///< May be skipped.
  };
  std::map<std::string, Neighbour> steps;             ///< Those of `Reads::steps` that run here, by id.
  std::map<std::string, asset::CaseFields> datasets;  ///< By name.
  std::map<std::string, std::string> providers;       ///< Of models, by name; those known by now.
  std::vector<std::string> embedders;                 ///< Those of the models that embed, by name.
};

/// What running would take; nothing where it can't be told.
struct Estimate {
  std::int64_t queries = 0;
  std::optional<std::int64_t> input_tokens, output_tokens;
  std::optional<Usd> cost;
  std::optional<Duration> duration;              ///< At the latencies of the last run, where it tells them.
  std::map<std::string, model::Pricing> prices;  ///< Of the models that are asked for money, by name.
};

/// One kind of step. Stateless; safe from many threads. Adding one is a folder below `steps/` and a row in
/// `steps/all.cpp`.
class Kind {
 public:
  virtual ~Kind() = default;
  virtual std::string_view name() const = 0;
  /// Raised whenever the same configuration and inputs may give another outcome.
  virtual int version() const = 0;
  virtual std::string_view summary() const = 0;
  virtual const schema::Type& config_type() const = 0;
  /// True where what it makes is shipped, and so not made again when an artifact is promoted.
  virtual bool builds(const doc::Node&) const { return false; }
  /// The same configuration with what it leaves to the recipe; `embedders` are the recipe's models that embed, by name.
  virtual doc::Node complete(doc::Node config, const std::vector<std::string>& /*embedders*/) const { return config; }
  /// Names of the outputs that references may use; for kinds whose outputs are the recipe's own, those of `config`.
  virtual Result<Declared, Errors> declare(const doc::Node& config) const = 0;
  /// What is wrong with names of other things in `config`, each with its place; names that wait for a step are passed
  /// over. Called once every step has declared itself, before anything runs.
  virtual Errors check(const doc::Node&, const Surroundings&) const { return {}; }
  /// What is wrong with `config` where these are the cases of its datasets, by name; those not at hand are missing.
  virtual Errors check_cases(const doc::Node&, const std::map<std::string, asset::Cases>&) const { return {}; }
  virtual Estimate estimate(const doc::Node& config, const Inputs& inputs) const = 0;
  /// An `Error` is one that stopped the step: its kind decides between `failed` and `error`.
  virtual Result<Outcome> run(Context& context) const = 0;
};

/// The kinds there are. Borrowed from whoever lists them; never changes.
class Kinds {
 public:
  explicit Kinds(std::vector<const Kind*> kinds) : kinds_(std::move(kinds)) {}
  const Kind* find(std::string_view name) const;
  const std::vector<const Kind*>& all() const { return kinds_; }
  std::vector<std::string> names() const;

 private:
  std::vector<const Kind*> kinds_;
};

}  // namespace llmops::step

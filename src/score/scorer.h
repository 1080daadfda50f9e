#pragma once
/// \file  How an answer becomes a number, without asking anybody.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"
#include "schema/record.h"
#include "score/asking.h"

namespace llmops::score {

/// What a recipe may write as one item of `scorers:`: a name, or a map of one scorer and these common keys.
struct ScorerConfig {
  schema::Tagged scorer;  ///< Its name, whether `not-` stood in front, its own settings.
  std::string metric;     ///< Name of the metric; default: the scorer's name as written (`not-equals`).
  double weight = 1;      ///< In the weighted `score` over all scorers of the eval.
  /// Graded scorers: an answer passes from here on, and the metric is the pass rate. Under `not-` it passes below.
  std::optional<double> threshold;
  schema::Placed<std::string> transform;  ///< Jinja over `output`, `case`, `expected`, applied to the output first.
  friend bool operator==(const ScorerConfig&, const ScorerConfig&) = default;
};
const schema::Record<ScorerConfig>& record_of(ScorerConfig*);

/// One answer, and all a scorer may look at.
struct Sample {
  std::string output;
  const doc::Node* case_fields = nullptr;  ///< The case as the dataset has it.
  std::optional<std::string> expected;     ///< The dataset's `expected` field of it.
  Duration latency{0};
  std::optional<Usd> cost;
  std::string finish_reason;
  doc::Node tool_calls;                        ///< `[{"name": …, "arguments": …}]`, or null.
  std::optional<double> mean_log_probability;  ///< Over the answer's tokens, to base e.
  const doc::Node* tools = nullptr;            ///< What was offered to the model, as the recipe has it; null: nothing.
};

/// What a case is, and what the answer says that it is.
struct Labels {
  std::string expected, answered;
};

struct Score {
  double value = 0;
  std::optional<bool> pass;             ///< Of binary scorers and those with a threshold.
  std::string reason;                   ///< Why it failed, or what whoever was asked said; may be empty.
  std::vector<std::string> asked = {};  ///< What they answered, whole.
  std::optional<Labels> labels = {};    ///< Of a scorer that sorts into classes.
};

enum class Scale {
  binary,  ///< 0 or 1: a rate, Wilson's interval.
  graded,  ///< Usually 0 to 1.
  amount,  ///< A quantity with a unit.
};
enum class Better { higher, lower };
/// How a metric's value comes of its cases.
enum class Statistic {
  mean,
  macro_f1,  ///< Of what the cases are and were said to be (`f1.h`).
  micro_f1,
};

/// As results write it: `mean`, `macro_f1`, `micro_f1`.
std::string_view to_string(Statistic statistic);

/// A metric as its scorer declares it.
struct MetricInfo {
  std::string name;
  Scale scale = Scale::binary;
  Better better = Better::higher;
  std::string unit;  ///< `ms`, `USD`; empty for rates.
  Statistic statistic = Statistic::mean;
  std::size_t classes = 0;  ///< Where in `CaseResult::classes` its cases are, if it is no mean.
  /// Whether it is something of each case, and not only of all of them.
  bool of_cases() const { return statistic == Statistic::mean; }
  friend bool operator==(const MetricInfo&, const MetricInfo&) = default;
};

/// The scoring of one answer by a scorer that asks.
using Scoring = Asking<Score>;

/// A ready scorer. Immutable; safe from many threads.
class Scorer {
 public:
  virtual ~Scorer() = default;
  virtual const MetricInfo& metric() const = 0;
  /// The labels that it knows, of a scorer that sorts into classes; empty: those that cases expect.
  virtual const std::optional<std::vector<std::string>>& labels() const = 0;
  /// The score, where nobody need be asked for it; else the scoring to go on with, which may look at `sample` for as
  /// long as it lasts. Errors (kind `invalid`): the case lacks what the scorer compares with, a transform failed. They
  /// count as errors, never as wrong answers.
  virtual Result<Begun<Score>> begin(const Sample& sample) const = 0;
  /// Of a scorer that asks nobody.
  Result<Score> score(const Sample& sample) const;
};

/// Whether `expected` must be known for this configuration (a scorer given nothing else to compare with).
bool needs_expected(const ScorerConfig& config);

/// The fields of a case that its settings are read from (`${case.FIELD}`), each with its place.
std::vector<std::pair<std::string, SourcePos>> case_fields(const ScorerConfig& config);

/// Whom it asks, and whom its members ask.
Asks asks_of(const ScorerConfig& config);

/// Models to ask, by their names in the recipe; an empty name is none.
struct Helpers {
  schema::Placed<std::string> judge, embedder;
};

/// The same scorer, asking these wherever it or a member of it names none.
ScorerConfig with_helpers(ScorerConfig config, const Helpers& helpers);

/// Checks settings, compiles patterns and templates; every error has its place in the recipe. A setting that holds
/// `${case.…}` is read for each case (and `$$` in it writes a dollar); one without `${` is taken as it is. Other names
/// than `case` must have been replaced before.
Result<std::unique_ptr<Scorer>, Errors> make_scorer(const ScorerConfig& config);

}  // namespace llmops::score

#pragma once
/// \file  What an eval measured, case by case: the file between an eval, a gate, a comparison and the record.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"
#include "doc/node.h"
#include "score/fields.h"
#include "score/scorer.h"

namespace llmops::score {

/// What a case is, and what it was said to be each time: places in the `labels` of its `Classes`, one behind the last
/// for none of them. `answered` is empty where it could not be scored.
struct CaseClasses {
  std::uint32_t expected = 0;
  std::vector<std::uint32_t> answered;
  friend bool operator==(const CaseClasses&, const CaseClasses&) = default;
};

/// One case in one cell; repeats are averaged within it, or as `Results::reduce` says.
struct CaseResult {
  std::string id;
  std::string cluster;  ///< Empty: a cluster of its own.
  /// One for each metric; nothing where it could not be scored. Of one that is not of cases, the share of right
  /// answers.
  std::vector<std::optional<double>> scores;
  std::vector<std::size_t> without = {};  ///< Metrics that this case is not about, in order; no errors of theirs.
  std::string error;                      ///< Of the query, the first one; empty where there was none.
  std::optional<Digest> output;           ///< Of the (first) answer's text.
  bool cached = false;
  Fields fields;                          ///< The case's short scalar fields, for `where`.
  std::vector<CaseClasses> classes = {};  ///< For each of `Results::classes`.
  friend bool operator==(const CaseResult&, const CaseResult&) = default;
};

/// The answers of one model with one prompt.
struct CellResult {
  std::string model, prompt;  ///< `prompt` empty where there is no prompt axis.
  Digest model_identity;
  std::string prompt_blob;  ///< git blob id, or a digest; empty without a prompt.
  std::vector<CaseResult> cases;
  /// `model/prompt`, or the model alone.
  std::string name() const { return prompt.empty() ? model : model + "/" + prompt; }
  friend bool operator==(const CellResult&, const CellResult&) = default;
};

/// The classes of a scorer that sorts into such.
struct Classes {
  std::string metric;  ///< Of right and wrong: the scorer's own.
  std::vector<std::string> labels;
  friend bool operator==(const Classes&, const Classes&) = default;
};

/// A model or program that scorers asked, and how much. What was cached cost nothing now.
struct JudgeUse {
  std::string name;
  std::optional<Digest> identity;  ///< Of a model.
  std::int64_t asked = 0, cached = 0, errors = 0;
  std::optional<Usd> cost = Usd{0};  ///< Of the asked ones; nothing where a price is not known.
  friend bool operator==(const JudgeUse&, const JudgeUse&) = default;
};

struct Results {
  std::string dataset;  ///< Name in the recipe.
  std::string dataset_identity;
  Digest scorers;  ///< Of their configuration.
  std::int64_t repeat = 1;
  std::string reduce = "mean";  ///< How the scores of repeats became one (`reducer.h`).
  std::vector<MetricInfo> metrics;
  std::vector<Classes> classes;
  std::vector<JudgeUse> judges;
  std::vector<CellResult> cells;

  /// Position of a metric; nothing when unknown.
  std::optional<std::size_t> metric_index(std::string_view name) const;
  /// By `CellResult::name`; null when unknown.
  const CellResult* cell(std::string_view name) const;
  std::vector<std::string> cell_names() const;
  friend bool operator==(const Results&, const Results&) = default;
};

/// JSON Lines: a head, a line for each cell with the number of its cases, and after it a line for each of them. Equal
/// results give equal bytes. Scores that JSON can't write (nan, inf) become `null`.
std::string to_jsonl(const Results& results);
/// Errors (kind `invalid`) carry the line; a file that was cut short is one. Unknown keys are passed over, a later
/// format is refused.
Result<Results> results_from_jsonl(std::string name, std::string_view text);

/// A metric over the cases of a cell.
struct Summary {
  MetricInfo metric;
  std::string model, prompt;
  std::size_t n = 0;       ///< Cases scored.
  std::size_t errors = 0;  ///< Cases that could not be.
  double value = 0;        ///< Undefined where n is 0.
  std::optional<double> standard_error;
  double low = 0, high = 0;  ///< Two-sided 95 %, as `decide` would have it (`decision.h`); n < 2: value.
  std::size_t cached = 0;
};

/// Whether a metric is about a case at all.
bool has_metric(const CaseResult& result, std::size_t metric);

/// Picks cases: all of these fields equal to these texts.
using Where = std::map<std::string, std::string>;
bool matches(const CaseResult& result, const Where& where);

/// One case's value, or nothing where it could not be scored.
using Values = std::vector<std::optional<double>>;

/// A metric of a cell.
struct CellMetric {
  const Results& results;
  const CellResult& cell;
  std::size_t metric = 0;  ///< Its position.
  const MetricInfo& info() const { return results.metrics.at(metric); }
};

/// What values are that are no case's own: its part in a statistic of all of them (`f1.h`).
struct Shares {
  /// Cases that stood for as much of it each, and would tell as much; 0 where values are the cases' own.
  double effective = 0;
  std::vector<double> own;  ///< The cases' own scores, 0 where there is none; of pairs, their differences.
};

/// Of the differences of two sides; nothing where one of them is no statistic.
Shares difference_of(Shares a, const Shares& b);

/// A metric's values over the cases of a cell that it is about, as `decide` takes them.
struct CellValues {
  Values values;
  std::vector<std::size_t> clusters = {};  ///< A number for each value; empty where no case names a cluster.
  Shares shares = {};
};
CellValues values_of(const CellMetric& of, const Where& where = {});

/// Two cells' values over the cases (by id) that both have, in the order of `a`, as `decide_paired` takes them.
struct PairedValues {
  Values a, b;
  std::vector<std::size_t> clusters;  ///< As in `CellValues`; what `a` says of a case counts.
  std::size_t dropped = 0;            ///< Cases that only one side has.
  Shares shares = {};                 ///< Of the differences, where both sides are statistics.
};
/// `where` is asked of each side's own fields.
PairedValues pair_values(const CellMetric& a, const CellMetric& b, const Where& where = {});

/// Several cells' values over the cases (by id) that any of them has, in the order in which they first come; nothing
/// where a cell has not the case or no value of it. What is not of cases is over those with a value in all cells that
/// have any. Of an id that a cell has twice, the first counts. What the first
/// cell with a case says of its cluster counts.
std::vector<CellValues> aligned_values(const std::vector<CellMetric>& cells);

/// All metrics of all cells, in order.
std::vector<Summary> summarise(const Results& results);
Summary summarise(const Results& results, const CellResult& cell, std::size_t metric, const Where& where = {});
/// `{"metric","model","prompt","n","errors","value","stderr","low","high","scale","better","unit","cached"}`, and
/// `"statistic"` of what is not of cases; what is
/// not known is null.
doc::Node to_node(const Summary& summary);

std::string_view to_string(Scale scale);
std::string_view to_string(Better better);

}  // namespace llmops::score

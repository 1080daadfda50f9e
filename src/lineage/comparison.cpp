#include "lineage/comparison.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "score/statistics.h"

namespace llmops::lineage {
namespace {

struct Cell {
  std::size_t step = 0, number = 0;
  const MeasuredStep* in = nullptr;
  const score::CellResult* cell = nullptr;
};

struct Pair {
  Cell a, b;
  std::string name() const {
    const auto left = a.cell->name(), right = b.cell->name();
    return left == right ? left : left + " → " + right;
  }
};

std::vector<Cell> cells_of(const Side& side) {
  std::vector<Cell> out;
  for (std::size_t step = 0; step < side.steps.size(); ++step) {
    const auto& cells = side.steps[step].results.cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (side.cell.empty() || cells[i].name() == side.cell) out.push_back({step, i, &side.steps[step], &cells[i]});
    }
  }
  return out;
}

Result<std::vector<Pair>> pairs_of(const Side& a, const Side& b) {
  const auto left = cells_of(a), right = cells_of(b);
  std::vector<Pair> out;
  if (!a.cell.empty() && !b.cell.empty() && a.cell != b.cell) {
    // A cell may stand in several steps: those of one step belong together.
    for (const auto& one : left) {
      for (const auto& other : right) {
        if (one.in->id == other.in->id) out.push_back({one, other});
      }
    }
    if (out.empty() && left.size() == 1 && right.size() == 1) out.push_back({left[0], right[0]});
  } else {
    for (const auto& one : left) {
      for (const auto& other : right) {
        if (one.in->id == other.in->id && one.cell->name() == other.cell->name()) out.push_back({one, other});
      }
    }
  }
  if (!out.empty()) return out;
  const auto names = [](const std::vector<Cell>& cells) {
    std::vector<std::string> all;
    for (const auto& cell : cells) all.push_back("`" + cell.cell->name() + "` of `" + cell.in->id + "`");
    return text::join(all, ", ");
  };
  return usage_error("`" + a.asked + "` and `" + b.asked + "` have no cell in common: " + names(left) + " there, " +
                         names(right) + " here",
                     "name a cell of each: `RUN:MODEL/PROMPT`");
}

/// Cases of a cell by id.
std::unordered_map<std::string_view, const score::CaseResult*> by_id(const score::CellResult& cell) {
  std::unordered_map<std::string_view, const score::CaseResult*> out;
  for (const auto& one : cell.cases) out.emplace(one.id, &one);
  return out;
}

std::optional<double> known(const score::CaseResult& one, std::size_t metric) {
  if (metric >= one.scores.size() || !one.scores[metric] || !std::isfinite(*one.scores[metric])) return std::nullopt;
  return one.scores[metric];
}

bool is_flip(const std::optional<double>& a, const std::optional<double>& b) {
  constexpr double kMoved = 0.5;
  if (!a || !b) return a.has_value() != b.has_value();
  return std::fabs(*a - *b) >= kMoved;
}

class Comparer {
 public:
  Comparer(const Side& a, const Side& b, const score::ComparisonOptions& options) : a_(a), b_(b), options_(options) {}

  Result<ComparedRuns> compare() {
    TRY(const auto pairs, pairs_of(a_, b_));
    if (a_.run->id() == b_.run->id() && a_.cell == b_.cell) note("both sides are the same run");
    for (const auto& pair : pairs) {
      out_.pairs.push_back({pair.name(), pair.a.step, pair.a.number, pair.b.step, pair.b.number});
      compare_pair(pair);
    }
    const auto any = std::any_of(out_.metrics.begin(), out_.metrics.end(),
                                 [](const auto& row) { return row.numbers.n + row.numbers.errors > 0; });
    if (!any) {
      return usage_error("`" + a_.asked + "` and `" + b_.asked + "` have no case in common",
                         "give the cases an `id` that stays while their text changes: `id:` at the dataset");
    }
    adjust();
    std::stable_sort(out_.flips.begin(), out_.flips.end(),
                     [](const Flip& x, const Flip& y) { return rank(x) < rank(y); });
    return std::move(out_);
  }

 private:
  /// What got worse, what can't be scored any more, what got better, what can be scored now.
  static int rank(const Flip& flip) {
    if (flip.a && flip.b) return *flip.b < *flip.a ? 0 : 2;
    return flip.a ? 1 : 3;
  }

  void compare_pair(const Pair& pair) {
    note_differences(pair);
    const auto& metrics = pair.a.in->results.metrics;
    for (std::size_t metric = 0; metric < metrics.size(); ++metric) {
      const auto other = pair.b.in->results.metric_index(metrics[metric].name);
      if (!other) {
        note("the metric `" + metrics[metric].name + "` of `" + pair.a.in->id + "` is not in `" + b_.asked + "`");
        continue;
      }
      ComparedMetric row;
      note_perplexities(pair, metrics[metric].name);
      row.of = pair.name();
      row.step_a = pair.a.in->id;
      row.step_b = pair.b.in->id;
      row.numbers = score::compare({pair.a.in->results, *pair.a.cell, metric},
                                   {pair.b.in->results, *pair.b.cell, *other}, metrics[metric], options_);
      if (row.numbers.n == 0 && metrics[metric].scale == score::Scale::amount) continue;  // Such as an unknown price.
      if (row.numbers.dropped > 0) {
        note(std::to_string(row.numbers.dropped) + (row.numbers.dropped == 1 ? " case of `" : " cases of `") + row.of +
             "` on one side only, and left out");
      }
      add_flips(pair, metric, *other);
      out_.metrics.push_back(std::move(row));
    }
  }

  void add_flips(const Pair& pair, std::size_t metric_a, std::size_t metric_b) {
    const auto& info = pair.a.in->results.metrics[metric_a];
    if (info.scale == score::Scale::amount || !info.of_cases()) return;
    const auto partners = by_id(*pair.b.cell);
    for (const auto& one : pair.a.cell->cases) {
      const auto partner = partners.find(one.id);
      if (partner == partners.end()) continue;
      const auto& other = *partner->second;
      if (!score::has_metric(one, metric_a) || !score::has_metric(other, metric_b)) continue;
      const auto left = known(one, metric_a), right = known(other, metric_b);
      if (!is_flip(left, right)) continue;
      const auto listed = other.fields.list();
      out_.flips.push_back({pair.name(),
                            info.name,
                            one.id,
                            {listed.begin(), listed.end()},
                            left,
                            right,
                            one.error,
                            other.error,
                            {pair.a.step, pair.a.number, one.output},
                            {pair.b.step, pair.b.number, other.output}});
    }
  }

  /// A name is all that a record has of a metric's kind.
  void note_perplexities(const Pair& pair, const std::string& metric) {
    if (!metric.starts_with("perplexity") || pair.a.cell->model_identity == pair.b.cell->model_identity) return;
    note("`" + metric + "` counts each model's own tokens: of models with different tokenisers it can't be compared");
  }

  void note_differences(const Pair& pair) {
    const auto &left = *pair.a.cell, &right = *pair.b.cell;
    const auto name = [](const std::string& x, const std::string& y) { return x == y ? x : x + " → " + y; };
    const auto is_blob = [](const std::string& id) { return !id.empty() && !id.starts_with("sha256:"); };
    differ("prompt " + name(left.prompt, right.prompt), left.prompt_blob, right.prompt_blob,
           is_blob(left.prompt_blob) && is_blob(right.prompt_blob));
    differ("model " + name(left.model, right.model), left.model_identity.to_string(), right.model_identity.to_string());
    const auto &from = pair.a.in->results, &to = pair.b.in->results;
    differ("dataset " + name(from.dataset, to.dataset), from.dataset_identity, to.dataset_identity);
    if (pair.a.in->id == pair.b.in->id && from.scorers != to.scorers) {
      differ("scorers of " + pair.a.in->id, from.scorers.to_string(), to.scorers.to_string());
      note("the scorers of `" + pair.a.in->id + "` are not the same on both sides: a metric of one name may measure " +
           "two things");
    }
    if (from.repeat != to.repeat) {
      note("`" + pair.a.in->id + "` asked " + std::to_string(from.repeat) + " times for each case there, " +
           std::to_string(to.repeat) + " times here");
    }
    if (from.reduce != to.reduce) {
      note("`" + pair.a.in->id + "` makes one score of several by `" + from.reduce + "` there, by `" + to.reduce +
           "` here: a metric of one name measures two things");
    }
  }

  void differ(const std::string& what, const std::string& before, const std::string& after, bool blobs = false) {
    if (before == after) return;
    const auto told = std::any_of(out_.differences.begin(), out_.differences.end(),
                                  [&](const auto& known) { return known.what == what && known.before == before; });
    if (!told) out_.differences.push_back({what, before, after, blobs});
  }

  void note(const std::string& sentence) {
    if (std::find(out_.notes.begin(), out_.notes.end(), sentence) == out_.notes.end()) out_.notes.push_back(sentence);
  }

  void adjust() {
    std::vector<double> p;
    for (const auto& row : out_.metrics) {
      if (row.numbers.p) p.push_back(*row.numbers.p);
    }
    const auto adjusted = score::holm(p);
    std::size_t next = 0;
    for (auto& row : out_.metrics) {
      if (row.numbers.p) row.p_adjusted = adjusted[next++];
    }
  }

  const Side &a_, &b_;
  const score::ComparisonOptions& options_;
  ComparedRuns out_;
};

}  // namespace

Result<ComparedRuns> compare(const Side& a, const Side& b, const score::ComparisonOptions& options) {
  return Comparer(a, b, options).compare();
}

}  // namespace llmops::lineage

#include "steps/eval/tally.h"

#include <algorithm>

#include "score/answers.h"
#include "sys/hash.h"

namespace llmops::steps::eval {
namespace {

/// What counts as an answer's value in a metric.
double value_of(const score::Score& score, const score::MetricInfo& metric) {
  return score.pass && metric.scale == score::Scale::binary ? (*score.pass ? 1.0 : 0.0) : score.value;
}

}  // namespace

Tally::Tally(const Scorers& scorers, TallyOptions options, const std::vector<Cell>& cells, const asset::Cases& cases)
    : scorers_(scorers),
      options_(std::move(options)),
      cells_(cells),
      streams_(std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.model->config.stream; })),
      metrics_(metrics_of(scorers, !options_.weights.empty(), streams_)),
      told_(cases.size(), false) {
  const auto slots = cases.size() * metrics_.size();
  const bool keeps_values = options_.reducer.kind != score::Reducer::Kind::mean;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    sums_.push_back({std::vector<double>(slots), std::vector<std::uint32_t>(slots), std::vector<std::uint32_t>(slots),
                     std::vector<std::vector<double>>(keeps_values ? slots : 0)});
    results_.emplace_back(cases.size());
  }
  for (std::size_t i = 0; i < scorers.size(); ++i) {
    if (scorers[i]->labels()) sorting_.emplace_back(scorers[i]->metric().name, *scorers[i]->labels());
  }
}

bool Tally::is_averaged(std::size_t metric) const {
  if (options_.reducer.kind == score::Reducer::Kind::mean) return true;
  const auto scale = metrics_[metric].scale;
  return scale == score::Scale::amount || (options_.reducer.counts_passes() && scale != score::Scale::binary);
}

void Tally::add_value(const Slot& slot, std::optional<double> value) {
  auto& sums = sums_[slot.cell];
  const auto at = slot.index * metrics_.size() + slot.metric;
  if (!value) {
    ++sums.failures[at];
    return;
  }
  sums.sums[at] += *value;
  ++sums.counts[at];
  if (!is_averaged(slot.metric)) sums.values[at].push_back(*value);
}

/// A case with a failed repeat has no score over its repeats: it counts as an error.
std::optional<double> Tally::value_of(const Sums& sums, std::size_t slot, std::size_t metric) const {
  if (sums.counts[slot] == 0 || sums.failures[slot] > 0) return std::nullopt;
  if (!is_averaged(metric)) return options_.reducer.reduce(sums.values[slot]);
  return sums.sums[slot] / sums.counts[slot];
}

void Tally::add(const Graded& graded) {
  const auto& place = graded.place;
  const auto& asked = graded.answered.asked;
  const auto& one = graded.one;
  auto& result = results_[place.cell][place.index];
  if (result.id.empty()) {
    result.id = one.id;
    result.cluster = one.cluster;
    result.fields = score::Fields::of(one.fields);
    result.cached = asked.cached;
  }
  result.cached = result.cached && asked.cached;
  if (!asked.answer) {
    if (result.error.empty()) result.error = asked.error ? asked.error->message : "no answer";
    for (std::size_t metric = 0; metric < metrics_.size(); ++metric) add_value({place.cell, place.index, metric}, {});
    return;
  }
  const auto& answer = *asked.answer;
  const auto calls = model::to_node(answer.tool_calls);
  if (!result.output) result.output = sys::sha256(score::shown(answer.text, calls));
  score::AnswerLine line;
  line.cell = place.cell;
  line.case_id = one.id;
  line.repeat = static_cast<std::int64_t>(place.repeat);
  line.output = answer.text;
  line.expected = one.expected;
  line.latency = answer.latency;
  line.time_to_first_token = answer.time_to_first_token;
  line.cost = answer.cost;
  line.finish_reason = answer.finish_reason;
  line.tool_calls = calls;
  line.mean_log_probability = answer.mean_log_probability;
  line.earlier = graded.answered.earlier;
  if (!told_[place.index]) line.long_fields = result.fields.others_of(one.fields);
  told_[place.index] = true;
  add_scores(graded, line);
  answers_ += score::to_line(line);
  const auto last = metrics_.size() - 1;
  add_value({place.cell, place.index, last - (streams_ ? 2 : 1)}, static_cast<double>(answer.latency.count()));
  if (streams_ && answer.time_to_first_token) {
    add_value({place.cell, place.index, last - 1}, static_cast<double>(answer.time_to_first_token->count()));
  }
  if (answer.cost) add_value({place.cell, place.index, last}, answer.cost->value);
}

void Tally::add_scores(const Graded& graded, score::AnswerLine& line) {
  std::optional<double> weighted = 0;
  double weight = 0;
  const auto& [cell, index, repeat] = graded.place;
  const auto first_statistic = scorers_.size() + (options_.weights.empty() ? 0 : 1);
  for (std::size_t i = 0, classes = 0; i < scorers_.size(); ++i) {
    const auto& name = metrics_[i].name;
    const auto& scored = graded.scores[i];
    const auto value = scored ? std::optional(eval::value_of(*scored, metrics_[i])) : std::nullopt;
    add_value({cell, index, i}, value);
    if (scorers_[i]->labels()) {
      for (const auto metric : {0, 1}) add_value({cell, index, first_statistic + 2 * classes + metric}, value);
      if (scored && scored->labels) sorting_[classes].add(results_[cell][index], classes, *scored->labels);
      ++classes;
    }
    if (!options_.weights.empty() && options_.weights[i] > 0) {
      weight += options_.weights[i];
      weighted = weighted && value ? std::optional(*weighted + options_.weights[i] * *value) : std::nullopt;
    }
    if (scored) {
      ++scored_;
      if (!scored->reason.empty()) line.reasons.emplace(name, scored->reason);
      if (!scored->asked.empty()) line.judged.emplace(name, scored->asked);
    } else {
      line.reasons.emplace(name, "not scored: " + scored.error().message);
      if (!scorer_error_) {
        auto error = scored.error();
        scorer_error_ = std::move(error).within("scoring the case `" + graded.one.id + "`");
      }
    }
  }
  if (options_.weights.empty()) return;
  if (weight == 0) weighted.reset();
  add_value({graded.place.cell, graded.place.index, scorers_.size()},
            weighted ? std::optional(*weighted / weight) : std::nullopt);
}

void Tally::finish(score::Results& results, std::int64_t repeat) && {
  results.repeat = repeat;
  results.reduce = score::to_string(options_.reducer);
  results.metrics = metrics_;
  for (auto& one : sorting_) results.classes.push_back(one.finish());
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    score::CellResult out;
    out.model = cells_[cell].model->name;
    out.model_identity = cells_[cell].model->identity;
    if (cells_[cell].prompt) {
      out.prompt = cells_[cell].prompt->name;
      out.prompt_blob = cells_[cell].prompt->identity;
    }
    const auto& sums = sums_[cell];
    for (std::size_t index = 0; index < results_[cell].size(); ++index) {
      auto& result = results_[cell][index];
      if (result.id.empty()) continue;
      result.scores.reserve(metrics_.size());
      for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
        result.scores.push_back(value_of(sums, index * metrics_.size() + metric, metric));
      }
      for (std::size_t i = 0; i < result.classes.size(); ++i) sorting_[i].settle(result.classes[i]);
    }
    std::erase_if(results_[cell], [](const auto& result) { return result.id.empty(); });
    out.cases = std::move(results_[cell]);
    sums_[cell] = {};
    results.cells.push_back(std::move(out));
  }
}

}  // namespace llmops::steps::eval

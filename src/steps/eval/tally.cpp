#include "steps/eval/tally.h"

#include <algorithm>

#include "score/answers.h"
#include "sys/hash.h"

namespace llmops::steps::eval {
namespace {

/// What scorers tell of an answer, and what is made of it.
std::vector<score::MetricInfo> told_of(const OwnScorers& own) {
  auto out = own.metrics();
  if (own.any()) out.push_back({kPass, score::Scale::binary, score::Better::higher, {}});
  if (own.weighted()) out.push_back(score_metric());
  return out;
}

/// What counts as an answer's value in a metric.
double value_of(const score::Score& score, const score::MetricInfo& metric) {
  return score.pass && metric.scale == score::Scale::binary ? (*score.pass ? 1.0 : 0.0) : score.value;
}

}  // namespace

/// What one scorer made of an answer: nothing where it could not tell.
struct Tally::Scored {
  std::size_t metric = 0;
  double weight = 1;
  std::optional<double> value;
  std::optional<bool> pass;
};

/// By weight, or all alike where none has one; nothing where one could not tell.
std::optional<double> Tally::mean_of(const std::vector<Scored>& scored) {
  double sum = 0, weights = 0, plain = 0;
  for (const auto& one : scored) {
    if (!one.value) return std::nullopt;
    sum += one.weight * *one.value;
    weights += one.weight;
    plain += *one.value;
  }
  return weights > 0 ? sum / weights : plain / static_cast<double>(scored.size());
}

Tally::Tally(const Scorers& scorers, const OwnScorers& own, TallyOptions options, const std::vector<Cell>& cells,
             const asset::Cases& cases)
    : scorers_(scorers),
      own_(own),
      options_(std::move(options)),
      cells_(cells),
      streams_(std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.model->config.stream; })),
      metrics_(metrics_of(told_of(own), scorers, streams_)),
      told_(cases.size(), false) {
  const auto slots = cases.size() * metrics_.size();
  const bool keeps_values = options_.reducer.kind != score::Reducer::Kind::mean;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    sums_.push_back({std::vector<double>(slots), std::vector<std::uint32_t>(slots), std::vector<std::uint32_t>(slots),
                     std::vector<std::vector<double>>(keeps_values ? slots : 0)});
    results_.emplace_back(cases.size());
  }
  for (const auto& scorer : scorers) {
    if (scorer->labels()) sorting_.emplace_back(scorer->metric().name, *scorer->labels());
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
    return fail_all(graded);
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

/// No answer: every metric that the case has lacks a value.
void Tally::fail_all(const Graded& graded) {
  std::vector<bool> has(metrics_.size(), true);
  for (auto metric = options_.weights.size(); metric < own_.told_by_cases(); ++metric) has[metric] = false;
  for (const auto& own : graded.own.scorers) has[own_.metric_of(*own.scorer)] = true;
  const bool scored = !options_.weights.empty() || !graded.own.scorers.empty();
  for (auto metric = own_.metrics().size(); metric < own_.told_by_cases(); ++metric) has[metric] = scored;
  for (std::size_t metric = 0; metric < metrics_.size(); ++metric) {
    if (has[metric]) add_value({graded.place.cell, graded.place.index, metric}, {});
  }
}

std::vector<Tally::Scored> Tally::scored_of(const Graded& graded) const {
  std::vector<Scored> out;
  const auto written = options_.weights.size();
  for (std::size_t i = 0; i < graded.scores.size(); ++i) {
    Scored one;
    if (i < written) {
      one.metric = i;
      one.weight = options_.weights[i];
    } else {
      const auto& own = graded.own.scorers[i - written];
      one.metric = own_.metric_of(*own.scorer);
      one.weight = own.weight;
    }
    if (const auto& score = graded.scores[i]) {
      one.value = eval::value_of(*score, metrics_[one.metric]);
      one.pass = score->pass;
    }
    out.push_back(one);
  }
  return out;
}

void Tally::add_scores(const Graded& graded, score::AnswerLine& line) {
  const auto all = scored_of(graded);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& name = metrics_[all[i].metric].name;
    if (const auto& scored = graded.scores[i]) {
      ++scored_;
      if (!scored->reason.empty()) {
        auto& reason = line.reasons[name];
        reason += (reason.empty() ? "" : "; ") + scored->reason;
      }
      if (!scored->asked.empty()) {
        auto& asked = line.judged[name];
        asked.insert(asked.end(), scored->asked.begin(), scored->asked.end());
      }
    } else {
      line.reasons[name] = "not scored: " + scored.error().message;
      if (!scorer_error_) {
        auto error = scored.error();
        scorer_error_ = std::move(error).within("scoring the case `" + graded.one.id + "`");
      }
    }
  }
  if (graded.own.scorers.empty()) {  // Each has a metric to itself.
    for (const auto& one : all) add_value({graded.place.cell, graded.place.index, one.metric}, one.value);
  } else {
    add_shared(graded.place, all);
  }
  sort(graded, all);
  add_verdicts({graded.place.cell, graded.place.index, own_.metrics().size()}, all, graded.own.threshold);
}

/// Scorers of one name share a metric: their mean.
void Tally::add_shared(const Place& place, const std::vector<Scored>& scored) {
  for (std::size_t metric = 0; metric < own_.metrics().size(); ++metric) {
    std::vector<Scored> here;
    std::copy_if(scored.begin(), scored.end(), std::back_inserter(here),
                 [&](const auto& one) { return one.metric == metric; });
    if (!here.empty()) add_value({place.cell, place.index, metric}, mean_of(here));
  }
}

/// Scorers of the eval that sort into classes: the statistics stand behind what is told, two for each.
void Tally::sort(const Graded& graded, const std::vector<Scored>& scored) {
  if (sorting_.empty()) return;
  const auto& [cell, index, repeat] = graded.place;
  auto metric = metrics_.size() - (streams_ ? 3 : 2) - 2 * sorting_.size();
  std::size_t classes = 0;
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    if (!scorers_[i]->labels()) continue;
    for (int statistic = 0; statistic < 2; ++statistic) add_value({cell, index, metric++}, scored[i].value);
    const auto& score = graded.scores[i];
    if (score && score->labels) sorting_[classes].add(results_[cell][index], classes, *score->labels);
    ++classes;
  }
}

/// Over all scorers of the case; amounts, and what has no weight, are only measured.
void Tally::add_verdicts(const Slot& first, const std::vector<Scored>& scored, std::optional<double> threshold) {
  std::vector<Scored> counted;
  std::copy_if(scored.begin(), scored.end(), std::back_inserter(counted),
               [](const auto& one) { return one.weight > 0; });
  const auto mean = counted.empty() ? std::nullopt : mean_of(counted);
  auto slot = first;
  if (own_.any() && scored.empty()) return;
  if (own_.any()) {
    const bool known = std::all_of(counted.begin(), counted.end(), [](const auto& one) { return one.value; });
    const bool all =
        std::all_of(counted.begin(), counted.end(), [](const auto& one) { return one.pass.value_or(true); });
    const bool pass = threshold && mean ? *mean >= *threshold : all;
    add_value(slot, known ? std::optional(pass ? 1.0 : 0.0) : std::nullopt);
    ++slot.metric;
  }
  if (own_.weighted()) add_value(slot, mean);
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
        const auto slot = index * metrics_.size() + metric;
        result.scores.push_back(value_of(sums, slot, metric));
        const bool of_cases = metric >= options_.weights.size() && metric < own_.told_by_cases();
        if (of_cases && sums.counts[slot] == 0 && sums.failures[slot] == 0) result.without.push_back(metric);
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

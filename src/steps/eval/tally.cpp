#include "steps/eval/tally.h"

#include <algorithm>

#include "score/answers.h"
#include "steps/eval/scorers.h"
#include "sys/hash.h"

namespace llmops::steps::eval {

Tally::Tally(std::vector<std::unique_ptr<score::Scorer>> scorers, const std::vector<Cell>& cells,
             const asset::Cases& cases)
    : scorers_(std::move(scorers)),
      cells_(cells),
      cases_(cases),
      streams_(std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.model->config.stream; })),
      metrics_(scorers_.size() + (streams_ ? 3 : 2)) {
  const auto slots = cases.size() * metrics_;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    sums_.push_back({std::vector<double>(slots), std::vector<std::uint32_t>(slots), std::vector<std::uint32_t>(slots)});
    results_.emplace_back(cases.size());
  }
}

void Tally::add_value(Sums& sums, std::size_t metric, std::size_t index, std::optional<double> value) const {
  const auto slot = index * metrics_ + metric;
  if (value) {
    sums.sums[slot] += *value;
    ++sums.counts[slot];
  } else {
    ++sums.failures[slot];
  }
}

Result<void> Tally::add(const Place& place, const model::Asked& asked) {
  TRY(const auto one, cases_.at(place.index));
  auto& result = results_[place.cell][place.index];
  auto& sums = sums_[place.cell];
  if (result.id.empty()) {
    result.id = one.id;
    result.cluster = one.cluster;
    result.fields = score::Fields::of(one.fields);
    result.cached = asked.cached;
  }
  result.cached = result.cached && asked.cached;
  if (!asked.answer) {
    if (result.error.empty()) result.error = asked.error ? asked.error->message : "no answer";
    for (std::size_t metric = 0; metric < metrics_; ++metric) add_value(sums, metric, place.index, std::nullopt);
    return {};
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
  score::Sample sample{answer.text, &one.fields, one.expected, answer.latency, answer.cost, answer.finish_reason};
  sample.tool_calls = calls;
  sample.mean_log_probability = answer.mean_log_probability;
  sample.tools = &cells_[place.cell].tools;
  for (std::size_t i = 0; i < scorers_.size(); ++i) {
    auto scored = scorers_[i]->score(sample);
    if (scored) {
      add_value(sums, i, place.index,
                scored->pass && scorers_[i]->metric().scale == score::Scale::binary ? (*scored->pass ? 1.0 : 0.0)
                                                                                    : scored->value);
      ++scored_;
      if (!scored->reason.empty()) line.reasons.emplace(scorers_[i]->metric().name, std::move(scored->reason));
    } else {
      add_value(sums, i, place.index, std::nullopt);
      line.reasons.emplace(scorers_[i]->metric().name, "not scored: " + scored.error().message);
      if (!scorer_error_) scorer_error_ = std::move(scored).error().within("scoring the case `" + one.id + "`");
    }
  }
  answers_ += score::to_line(line);
  add_value(sums, scorers_.size(), place.index, static_cast<double>(answer.latency.count()));
  if (answer.cost) add_value(sums, scorers_.size() + 1, place.index, answer.cost->value);
  if (streams_ && answer.time_to_first_token) {
    add_value(sums, scorers_.size() + 2, place.index, static_cast<double>(answer.time_to_first_token->count()));
  }
  return {};
}

void Tally::finish(score::Results& results, std::int64_t repeat) && {
  results.repeat = repeat;
  for (const auto& scorer : scorers_) results.metrics.push_back(scorer->metric());
  results.metrics.push_back({kLatency, score::Scale::amount, score::Better::lower, "ms"});
  results.metrics.push_back({kCost, score::Scale::amount, score::Better::lower, "USD"});
  if (streams_) results.metrics.push_back({kTimeToFirstToken, score::Scale::amount, score::Better::lower, "ms"});
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
      result.scores.reserve(metrics_);
      for (std::size_t metric = 0; metric < metrics_; ++metric) {
        const auto slot = index * metrics_ + metric;
        // A case with a failed repeat has no mean over its repeats: it counts as an error.
        const bool known = sums.counts[slot] > 0 && sums.failures[slot] == 0;
        result.scores.push_back(known ? std::optional(sums.sums[slot] / sums.counts[slot]) : std::nullopt);
      }
    }
    std::erase_if(results_[cell], [](const auto& result) { return result.id.empty(); });
    out.cases = std::move(results_[cell]);
    sums_[cell] = {};
    results.cells.push_back(std::move(out));
  }
}

}  // namespace llmops::steps::eval

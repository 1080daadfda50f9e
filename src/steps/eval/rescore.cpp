#include "steps/eval/rescore.h"

#include <unordered_map>

#include "score/answers.h"
#include "steps/eval/eval_config.h"
#include "steps/eval/grading.h"
#include "steps/eval/scorers.h"
#include "steps/eval/tally.h"
#include "sys/hash.h"

namespace llmops::steps::eval {
namespace {

/// The cells as they were named then, with what the recipe of now says of the models and prompts so called.
class Named {
 public:
  Named(const score::Results& stored, const EvalConfig& config, const step::Inputs& inputs) {
    const bool streamed = stored.metric_index(kTimeToFirstToken).has_value();
    for (const auto& cell : stored.cells) {
      auto& model = models_.emplace_back(std::make_unique<model::AskedModel>());
      if (const auto known = inputs.models.find(cell.model); known != inputs.models.end()) *model = known->second;
      model->name = cell.model;
      model->identity = cell.model_identity;
      model->config.stream = streamed;
      auto& prompt = prompts_.emplace_back(std::make_unique<step::PromptInput>());
      if (const auto known = inputs.prompts.find(cell.prompt); known != inputs.prompts.end()) *prompt = known->second;
      prompt->name = cell.prompt;
      prompt->identity = cell.prompt_blob;
      Cell named{model.get(), prompt->prompt ? prompt.get() : nullptr, {}, stored.repeat};
      named.tools = parameters_of(config, named).tools;
      named.prompt = cell.prompt.empty() ? nullptr : prompt.get();
      cells.push_back(std::move(named));
    }
  }
  std::vector<Cell> cells;

 private:
  std::vector<std::unique_ptr<model::AskedModel>> models_;
  std::vector<std::unique_ptr<step::PromptInput>> prompts_;
};

Errors refuse_asking(const EvalConfig& config) {
  Errors out;
  for (const auto& scorer : config.scorers) {
    if (score::asks_of(scorer).empty()) continue;
    out.push_back(invalid_error("`" + scorer.scorer.tag + "` would have to ask, and nothing is asked here",
                                scorer.scorer.at, "`llmops run` asks again only what is not known yet"));
  }
  return out;
}

class Rescoring {
 public:
  Rescoring(const Stored& stored, const asset::Cases& cases, const std::vector<Cell>& cells, Grading::Who who,
            Tally& tally)
      : stored_(stored), cases_(cases), cells_(cells), scorers_(who.scorers), own_(who.own), tally_(tally) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (const auto one = cases.at(i)) places_.emplace(one->id, i);
    }
  }

  Result<void> run() {
    std::optional<Error> failed;
    TRY_VOID(score::read_answers(stored_.answers, [&](score::AnswerLine line) {
      auto added = add(std::move(line));
      if (!added && !failed) failed = std::move(added).error();
    }));
    if (failed) return *failed;
    return add_failed_queries();
  }
  std::size_t dropped() const { return dropped_; }

 private:
  Result<void> add(score::AnswerLine line) {
    const auto place = places_.find(line.case_id);
    if (place == places_.end() || line.cell >= stored_.results.cells.size()) {
      ++dropped_;
      return {};
    }
    TRY(auto one, cases_.at(place->second));
    Graded graded{{line.cell, place->second, static_cast<std::size_t>(line.repeat)}, std::move(one), {}, {}, {}};
    graded.own = own_.of_case(graded.one);
    graded.answered.asked.cached = true;
    graded.answered.earlier = std::move(line.earlier);
    auto& answer = graded.answered.asked.answer.emplace();
    answer.text = std::move(line.output);
    answer.finish_reason = std::move(line.finish_reason);
    answer.latency = line.latency;
    answer.cost = line.cost;
    answer.time_to_first_token = line.time_to_first_token;
    answer.tool_calls = model::tool_calls_in(line.tool_calls);
    answer.mean_log_probability = line.mean_log_probability;
    const auto sample = sample_of(answer, graded.one, cells_[line.cell]);
    for (const auto& scorer : scorers_) graded.scores.push_back(scorer->score(sample));
    for (const auto& own : graded.own.scorers) graded.scores.push_back(own.scorer->score(sample));
    tally_.add(graded);
    return {};
  }

  Result<void> add_failed_queries() {
    for (std::size_t cell = 0; cell < stored_.results.cells.size(); ++cell) {
      for (const auto& one : stored_.results.cells[cell].cases) {
        const auto place = places_.find(one.id);
        if (one.error.empty() || place == places_.end()) continue;
        TRY(auto known, cases_.at(place->second));
        Graded graded{{cell, place->second, 0}, std::move(known), {}, {}, {}};
        graded.own = own_.of_case(graded.one);
        graded.answered.asked.cached = true;
        graded.answered.asked.error = step_error(one.error);
        tally_.add(graded);
      }
    }
    return {};
  }

  const Stored& stored_;
  const asset::Cases& cases_;
  const std::vector<Cell>& cells_;
  const Scorers& scorers_;
  const OwnScorers& own_;
  Tally& tally_;
  std::unordered_map<std::string, std::size_t> places_;
  std::size_t dropped_ = 0;
};

}  // namespace

Result<Rescored, Errors> rescore(const doc::Node& written, const Stored& stored, const asset::Cases& cases,
                                 const step::Inputs& inputs) {
  const auto config = read_config(written);
  if (auto errors = refuse_asking(config); !errors.empty()) return errors;
  if (auto errors = check_case_fields(config, cases); !errors.empty()) return errors;
  TRY(const auto scorers, scorers_of(config));
  TRY(const auto own, OwnScorers::of(config, scorers, cases));
  if (own.asking()) return Errors{*own.asking()};
  TRY(const auto reducer, score::Reducer::parse(config.repeat.reduce.value));
  const Named named(stored.results, config, inputs);
  Tally tally(scorers, own, {reducer, weights_of(config, scorers)}, named.cells, cases);
  Rescoring rescoring(stored, cases, named.cells, {scorers, own}, tally);
  TRY_VOID(rescoring.run());
  Rescored out;
  out.dropped = rescoring.dropped();
  out.answers = tally.answers();
  out.results.dataset = stored.results.dataset;
  out.results.dataset_identity = stored.results.dataset_identity;
  out.results.scorers = scorers_digest(config, written, {});
  std::move(tally).finish(out.results, stored.results.repeat);
  return out;
}

}  // namespace llmops::steps::eval

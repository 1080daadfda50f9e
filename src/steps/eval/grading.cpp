#include "steps/eval/grading.h"

#include <algorithm>
#include <functional>

#include "base/text.h"

namespace llmops::steps::eval {

score::Sample sample_of(const model::Answer& answer, const asset::Case& one, const Cell& cell) {
  return {answer.text,
          &one.fields,
          one.expected,
          answer.latency,
          answer.cost,
          answer.finish_reason,
          model::to_node(answer.tool_calls),
          answer.mean_log_probability,
          &cell.tools};
}

Grading::Grading(Who who, const step::Inputs& inputs, std::size_t first_tag, OnGraded on_graded)
    : scorers_(who.scorers),
      own_(who.own),
      inputs_(inputs),
      first_tag_(first_tag),
      next_tag_(first_tag),
      on_graded_(std::move(on_graded)) {}

void Grading::take(const Place& place, const Cell& cell, asset::Case one, const Answered& answered) {
  auto own = own_.of_case(one);
  if (!answered.asked.answer) return on_graded_({place, std::move(one), std::move(own), answered, {}});
  const auto& answer = *answered.asked.answer;
  const auto sample = sample_of(answer, one, cell);
  Open open{place, {}, {}, {}, {}, {}, {}, {}, 0};
  const auto begin = [&](const score::Scorer& scorer) {
    auto begun = scorer.begin(sample);
    std::unique_ptr<score::Scoring> scoring;
    if (!begun) {
      open.scores.emplace_back(std::move(begun).error());
    } else if (auto* score = std::get_if<score::Score>(&*begun)) {
      open.scores.emplace_back(std::move(*score));
    } else {
      open.scores.emplace_back();
      scoring = std::get<std::unique_ptr<score::Scoring>>(*std::move(begun));
      ++open.waiting;
    }
    open.scorings.push_back(std::move(scoring));
  };
  for (const auto& scorer : scorers_) begin(*scorer);
  for (const auto& scorer : own.scorers) begin(*scorer.scorer);
  const auto count = open.scores.size();
  if (open.waiting == 0) {
    Graded graded{place, std::move(one), std::move(own), answered, {}};
    for (auto& score : open.scores) graded.scores.push_back(*std::move(score));
    return on_graded_(std::move(graded));
  }
  open.one = std::move(one);
  open.own = std::move(own);
  open.answered = answered;
  open.replies.resize(count);
  open.missing.resize(count);
  const auto number = ++last_open_;
  auto& kept = open_.emplace(number, std::move(open)).first->second;
  for (std::size_t i = 0; i < count; ++i) {
    if (kept.scorings[i]) go_on(number, kept, i, {});
  }
  if (kept.waiting == 0) close(number);
}

void Grading::go_on(std::uint64_t number, Open& open, std::size_t scorer, std::vector<Result<score::Reply>> replies) {
  auto settle = [&](Result<score::Score> score) {
    open.scores[scorer] = std::move(score);
    open.scorings[scorer] = nullptr;
    --open.waiting;
  };
  auto step = open.scorings[scorer]->go_on(std::move(replies));
  if (!step) return settle(std::move(step).error());
  if (auto* score = std::get_if<score::Score>(&*step)) return settle(std::move(*score));
  auto questions = std::get<std::vector<score::Inquiry>>(*std::move(step));
  std::vector<model::Ask> asks;
  for (auto& question : questions) {
    auto ask = ask_of(std::move(question));
    if (!ask) return settle(std::move(ask).error());
    asks.push_back(*std::move(ask));
  }
  open.replies[scorer].assign(asks.size(), std::nullopt);
  open.missing[scorer] = asks.size();
  for (std::size_t i = 0; i < asks.size(); ++i) {
    Slot slot{number, scorer, i, judge_of(*asks[i].model), {}};
    if (const auto& texts = asks[i].query.embed; !texts.empty())
      slot.embedded = std::hash<std::string>{}(texts.front());
    slots_.emplace(asks[i].tag, slot);
    queue_.push_back(std::move(asks[i]));
  }
}

std::optional<model::Ask> Grading::next() {
  if (queue_.empty()) return std::nullopt;
  auto out = std::move(queue_.front());
  queue_.pop_front();
  return out;
}

void Grading::take_reply(const model::Asked& asked) {
  const auto slot = slots_.at(asked.tag);
  slots_.erase(asked.tag);
  auto& judge = judges_[slot.judge];
  asked.cached ? ++judge.cached : ++judge.asked;
  auto& open = open_.at(slot.open);
  auto& replies = open.replies[slot.scorer];
  if (asked.answer) {
    replies[slot.question] = reply_of(slot, *asked.answer);
    if (!asked.cached) {
      if (!asked.answer->cost) judge.cost.reset();
      if (judge.cost) judge.cost->value += asked.answer->cost->value;
    }
  } else {
    ++judge.errors;
    replies[slot.question] = asked.error ? *asked.error : step_error("no answer");
  }
  if (--open.missing[slot.scorer] > 0) return;
  std::vector<Result<score::Reply>> all;
  for (auto& reply : replies) all.push_back(*std::move(reply));
  go_on(slot.open, open, slot.scorer, std::move(all));
  if (open.waiting == 0) close(slot.open);
}

Result<score::Reply> Grading::reply_of(const Slot& slot, const model::Answer& answer) {
  score::Reply out{answer.text, answer.finish_reason, {}};
  if (!slot.embedded) return out;
  const auto& name = judges_[slot.judge].name;
  if (answer.vectors.size() != 1) return step_error("the model `" + name + "` gave no vector");
  out.vector = answer.vectors.front();
  if (answer.finish_reason == "length") {
    auto& cut = cut_[name];
    cut.texts.insert(*slot.embedded);
    cut.tokens = std::max(cut.tokens, answer.usage.input_tokens.value_or(0));
  }
  return out;
}

std::vector<std::string> Grading::notes() const {
  std::vector<std::string> out;
  for (const auto& [name, cut] : cut_) {
    out.push_back("`" + name + "` reads " + std::to_string(cut.tokens) + " tokens of a text: of " +
                  std::to_string(cut.texts.size()) + (cut.texts.size() == 1 ? " longer one" : " longer ones") +
                  " only the beginning was compared");
  }
  return out;
}

void Grading::close(std::uint64_t number) {
  auto node = open_.extract(number);
  auto& open = node.mapped();
  Graded graded{open.place, std::move(open.one), std::move(open.own), std::move(open.answered), {}};
  for (auto& score : open.scores) {
    graded.scores.push_back(score ? *std::move(score) : step_error("asking ended before the scorer was answered"));
  }
  on_graded_(std::move(graded));
}

void Grading::finish() {
  while (!open_.empty()) close(open_.begin()->first);
}

Result<model::Ask> Grading::ask_of(score::Inquiry question) {
  model::Ask out;
  out.tag = next_tag_++;
  out.query.messages = std::move(question.messages);
  out.query.choices = std::move(question.choices);
  out.query.line = std::move(question.line);
  if (question.embed) out.query.embed = {*std::move(question.embed)};
  if (const auto* called = std::get_if<std::string>(&question.whom)) {
    const auto model = inputs_.models.find(*called);
    if (model == inputs_.models.end()) return invalid_error("there is no model `" + *called + "`");
    out.model = &model->second;
    // A program would have to answer with the very text of a choice; what it says is read more kindly.
    if (model->second.config.provider == "exec") out.query.choices.clear();
  } else {
    out.model = program(std::get<score::ScorerProgram>(question.whom));
  }
  return out;
}

std::size_t Grading::judge_of(const model::AskedModel& model) {
  for (std::size_t i = 0; i < judges_.size(); ++i) {
    if (judges_[i].name == model.name) return i;
  }
  score::JudgeUse use;
  use.name = model.name;
  if (model.cacheable) use.identity = model.identity;
  judges_.push_back(std::move(use));
  return judges_.size() - 1;
}

/// Its answers are not kept: the step's own key covers what it is made of.
const model::AskedModel* Grading::program(const score::ScorerProgram& program) {
  for (const auto& [known, model] : programs_) {
    if (known == program) return model.get();
  }
  auto model = std::make_unique<model::AskedModel>();
  model->name = text::join(program.command, " ");
  model->config.provider = "exec";
  model->config.command = program.command;
  model->cacheable = false;
  programs_.emplace_back(program, std::move(model));
  return programs_.back().second.get();
}

}  // namespace llmops::steps::eval

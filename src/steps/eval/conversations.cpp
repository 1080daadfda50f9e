#include "steps/eval/conversations.h"

#include <iterator>
#include <utility>

namespace llmops::steps::eval {
namespace {

template <class Number>
void add(std::optional<Number>& sum, const std::optional<Number>& more) {
  if (sum && more) {
    *sum += *more;
  } else {
    sum.reset();
  }
}

/// What an answer took, with what those before it took.
void add_earlier(model::Answer& answer, const model::Answer& earlier) {
  add(answer.usage.input_tokens, earlier.usage.input_tokens);
  add(answer.usage.output_tokens, earlier.usage.output_tokens);
  if (answer.cost && earlier.cost) {
    answer.cost->value += earlier.cost->value;
  } else {
    answer.cost.reset();
  }
  answer.latency += earlier.latency;
  answer.busy += earlier.busy;
  answer.time_to_first_token = earlier.time_to_first_token;
}

}  // namespace

model::Ask Conversations::turn_of(Open& open) {
  auto& messages = open.ask.query.messages;
  std::move(open.turns.front().begin(), open.turns.front().end(), std::back_inserter(messages));
  open.turns.pop_front();
  auto out = open.ask;
  if (!open.turns.empty()) out.query.choices.clear();
  return out;
}

model::Ask Conversations::begin(model::Ask ask, prompt::Rendered rendered) {
  ask.query.raw = rendered.raw;
  if (rendered.answered_before.empty()) {
    ask.query.messages = std::move(rendered.messages);
    return ask;
  }
  Open open;
  const auto tag = ask.tag;
  open.ask = std::move(ask);
  std::size_t from = 0;
  rendered.answered_before.push_back(rendered.messages.size());
  for (const auto end : rendered.answered_before) {
    auto& turn = open.turns.emplace_back();
    for (; from < end; ++from) turn.push_back(std::move(rendered.messages[from]));
  }
  auto first = turn_of(open);
  open_.emplace(tag, std::move(open));
  return first;
}

std::optional<Answered> Conversations::take(const model::Asked& asked) {
  const auto found = open_.find(asked.tag);
  if (found == open_.end()) return Answered{asked, {}};
  auto& open = found->second;
  auto now = asked;
  if (now.answer && open.so_far.asked.answer) {
    add_earlier(*now.answer, *open.so_far.asked.answer);
    now.cached = now.cached && open.so_far.asked.cached;
  }
  if (!now.answer || open.turns.empty()) {
    Answered out{std::move(now), std::move(open.so_far.earlier)};
    open_.erase(found);
    return out;
  }
  const auto& text = now.answer->text;
  open.so_far.earlier.push_back(text);
  open.ask.query.messages.push_back({"assistant", {{text, templating::Origin::data}}});
  open.so_far.asked = std::move(now);
  waiting_.push_back(turn_of(open));
  return std::nullopt;
}

std::optional<model::Ask> Conversations::next() {
  if (waiting_.empty()) return std::nullopt;
  auto out = std::move(waiting_.front());
  waiting_.pop_front();
  return out;
}

}  // namespace llmops::steps::eval

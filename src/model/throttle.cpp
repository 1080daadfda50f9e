#include "model/throttle.h"

#include <algorithm>

#include "model/backoff.h"
#include "model/inbox.h"
#include "model/query.h"

namespace llmops::model {
namespace {

/// Of an answer, while none has told.
constexpr std::int64_t kUsualAnswer = 256;
constexpr std::int64_t kBytesPerToken = 4;

}  // namespace

std::int64_t about_tokens(const Query& query) {
  std::size_t bytes = 0;
  for (const auto& message : query.messages) {
    for (const auto& part : message.content) bytes += part.text.size();
  }
  return static_cast<std::int64_t>(bytes) / kBytesPerToken + 1;
}

void Throttle::add(const RateLimits& limits, std::int64_t places) {
  const std::lock_guard lock(mutex_);
  window_.limits = RateLimits::narrower(window_.limits, limits);
  congestion_.add_room(places);
}

/// As prompts and answers before it were longer or shorter than thought.
std::int64_t Throttle::expected_tokens(const Query& query, std::int64_t prompt_tokens) const {
  const auto usual = answers_ > 0 ? output_tokens_ / answers_ : kUsualAnswer;
  const auto more = prompts_ > 0 ? std::max<std::int64_t>(more_tokens_ / prompts_, 0) : 0;
  return prompt_tokens + more + query.parameters.max_tokens.value_or(usual);
}

Turn Throttle::take(Time now, const Query& query, const std::shared_ptr<Inbox>& inbox) {
  const std::lock_guard lock(mutex_);
  Turn out;
  if (on_their_way_ >= congestion_.at_once()) {
    out.verdict = Turn::Verdict::full;
    if (inbox && std::find(waiting_.begin(), waiting_.end(), inbox) == waiting_.end()) waiting_.push_back(inbox);
    return out;
  }
  if (window_.limits.tokens) out.prompt_tokens = about_tokens(query);
  const auto tokens = window_.limits.tokens ? expected_tokens(query, out.prompt_tokens) : 0;
  const auto in_rate = window_.limits.any() ? window_.next(now, tokens) : now;
  out.at = std::max(in_rate, paused_until_);
  if (out.at > now) {
    out.verdict = Turn::Verdict::later;
    out.hold = paused_until_ > in_rate ? Turn::Hold::server : Turn::Hold::rate;
    return out;
  }
  ++on_their_way_;
  out.number = congestion_.note_sent();
  if (window_.limits.any()) out.in_window = window_.note_sent(now, tokens);
  return out;
}

void Throttle::end(const Turn& turn, const TurnEnd& how, Time now) {
  std::vector<std::shared_ptr<Inbox>> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (how.answered) congestion_.answered(turn.number);
    if (how.overloaded) congestion_.overloaded(turn.number, on_their_way_);
    --on_their_way_;
    if (how.pause && *how.pause <= kLongestWait) paused_until_ = std::max(paused_until_, now + *how.pause);
    if (how.output_tokens) {
      ++answers_;
      output_tokens_ += *how.output_tokens;
    }
    if (how.input_tokens && turn.prompt_tokens > 0) {
      ++prompts_;
      more_tokens_ += *how.input_tokens - turn.prompt_tokens;
    }
    if (window_.limits.tokens && how.overloaded) window_.correct(turn.in_window, 0);
    if (window_.limits.tokens && (how.input_tokens || how.output_tokens)) {
      window_.correct(turn.in_window, how.input_tokens.value_or(0) + how.output_tokens.value_or(0));
    }
    waiting.swap(waiting_);
  }
  for (const auto& inbox : waiting) inbox->nudge();
}

}  // namespace llmops::model

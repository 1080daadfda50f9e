#include "model/llama/thread_choice.h"

#include <algorithm>
#include <utility>

namespace llmops::model::llama {
namespace {

constexpr double kTrialEvery = 20, kNewest = 0.3;
/// How much less time a token must take. Fewer threads must be much better: a single try is easily lucky.
constexpr double kForFewer = 0.6, kForMore = 0.95;

}  // namespace

ThreadChoice::ThreadChoice(std::uint32_t most) {
  for (const auto threads : {most, most / 2, 1u}) {
    if (threads > 0 && (candidates_.empty() || candidates_.back().threads != threads)) candidates_.push_back({threads});
  }
}

std::uint32_t ThreadChoice::next(std::size_t tokens) {
  current_ = best_;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const auto& candidate = candidates_[i];
    const bool known_best = candidates_[best_].token_us > 0;
    const auto expected_us = std::max(candidate.trial_us, candidate.token_us * static_cast<double>(tokens));
    if (i != best_ && known_best && candidate.passed_us >= kTrialEvery * expected_us) {
      current_ = i;
      break;
    }
  }
  return candidates_[current_].threads;
}

void ThreadChoice::took(std::size_t tokens, std::chrono::microseconds time) {
  if (!std::exchange(warm_, true)) return;
  const auto us = static_cast<double>(std::max<std::int64_t>(time.count(), 1));
  const auto token_us = us / static_cast<double>(std::max<std::size_t>(tokens, 1));
  for (auto& candidate : candidates_) candidate.passed_us += us;
  auto& tried = candidates_[current_];
  // A try counts as it is, so that a number that was bad while the machine was busy gets a fair look later.
  const bool smooth = current_ == best_ && tried.token_us > 0;
  tried.token_us = smooth ? (1 - kNewest) * tried.token_us + kNewest * token_us : token_us;
  tried.trial_us = us;
  tried.passed_us = 0;
  const auto needed = current_ > best_ ? kForFewer : kForMore;
  if (current_ != best_ && tried.token_us < needed * candidates_[best_].token_us) best_ = current_;
}

}  // namespace llmops::model::llama

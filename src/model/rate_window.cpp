#include "model/rate_window.h"

#include <algorithm>

namespace llmops::model {
namespace {

constexpr std::chrono::seconds kWindow{61};

std::optional<std::int64_t> smaller(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  return a && b ? std::min(*a, *b) : (a ? a : b);
}

}  // namespace

RateLimits RateLimits::narrower(const RateLimits& a, const RateLimits& b) {
  return {smaller(a.requests, b.requests), smaller(a.tokens, b.tokens)};
}

RateWindow::Time RateWindow::next(Time now, std::int64_t tokens) {
  forget(now);
  auto out = now;
  const auto count = static_cast<std::int64_t>(sent_.size());
  if (limits.requests && count >= *limits.requests) {
    out = std::max(out, sent_[static_cast<std::size_t>(count - *limits.requests)].at + kWindow);
  }
  if (limits.tokens) {
    auto left = tokens_ + std::min(tokens, *limits.tokens) - *limits.tokens;
    for (auto oldest = sent_.begin(); left > 0 && oldest != sent_.end(); ++oldest) {
      left -= oldest->tokens;
      out = std::max(out, oldest->at + kWindow);
    }
  }
  return out;
}

std::uint64_t RateWindow::note_sent(Time now, std::int64_t tokens) {
  sent_.push_back({now, tokens});
  tokens_ += tokens;
  return first_ + sent_.size() - 1;
}

void RateWindow::correct(std::uint64_t number, std::int64_t tokens) {
  if (number < first_ || number - first_ >= sent_.size()) return;
  auto& sent = sent_[number - first_];
  tokens_ += tokens - sent.tokens;
  sent.tokens = tokens;
}

void RateWindow::forget(Time now) {
  while (!sent_.empty() && sent_.front().at + kWindow <= now) {
    tokens_ -= sent_.front().tokens;
    sent_.pop_front();
    ++first_;
  }
}

}  // namespace llmops::model

#include "model/exec/deadlines.h"

namespace llmops::model::exec {

Deadlines::Deadlines(sys::Clock& clock, Duration timeout, Owner owner)
    : clock_(clock),
      timeout_(timeout),
      owner_(std::move(owner)),
      thread_([this](const StopToken& stop) { watch(stop); }) {}

void Deadlines::add(std::int64_t number) {
  const auto at = clock_.monotonic() + timeout_;
  const std::lock_guard lock(mutex_);
  while (!deadlines_.empty() && !owner_.needed(deadlines_.front().number)) deadlines_.pop_front();
  deadlines_.push_back({number, at});
  added_.notify_one();
}

void Deadlines::watch(const StopToken& stop) {
  while (!stop.stop_requested()) {
    Deadline next{};
    {
      std::unique_lock lock(mutex_);
      if (!added_.wait(lock, stop, [this] { return !deadlines_.empty(); })) return;
      next = deadlines_.front();
      deadlines_.pop_front();
    }
    if (!owner_.needed(next.number)) continue;
    const auto left = std::chrono::ceil<Duration>(next.at - clock_.monotonic());
    if (left > Duration{0}) clock_.sleep(left, stop);
    if (!stop.stop_requested() && owner_.needed(next.number)) owner_.expire(next.number);
  }
}

}  // namespace llmops::model::exec

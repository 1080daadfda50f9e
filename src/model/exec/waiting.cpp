#include "model/exec/waiting.h"

namespace llmops::model::exec {

std::int64_t WaitingQueries::add(Waiting query) {
  const std::lock_guard lock(mutex_);
  queries_.emplace(++last_, std::move(query));
  return last_;
}

void WaitingQueries::hear(std::int64_t number, const StopToken& stop, std::function<void()> on_stop) {
  auto hearer = std::make_unique<std::stop_callback<std::function<void()>>>(stop, std::move(on_stop));
  const std::lock_guard lock(mutex_);
  // Answered or stopped meanwhile: the hearer goes, outside the lock.
  if (const auto found = queries_.find(number); found != queries_.end()) found->second.on_stop = std::move(hearer);
}

std::optional<Waiting> WaitingQueries::take(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = queries_.find(number);
  if (found == queries_.end()) return std::nullopt;
  auto out = std::move(found->second);
  queries_.erase(found);
  return out;
}

std::vector<Waiting> WaitingQueries::take_all() {
  const std::lock_guard lock(mutex_);
  std::vector<Waiting> out;
  for (auto& [number, query] : queries_) out.push_back(std::move(query));
  queries_.clear();
  return out;
}

bool WaitingQueries::contains(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  return queries_.contains(number);
}

bool WaitingQueries::given(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  return number >= 1 && number <= last_;
}

std::size_t WaitingQueries::size() const {
  const std::lock_guard lock(mutex_);
  return queries_.size();
}

}  // namespace llmops::model::exec

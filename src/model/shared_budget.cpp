#include "model/shared_budget.h"

#include <algorithm>

#include "model/inbox.h"

namespace llmops::model {

SharedBudget::Room SharedBudget::take(const Digest& model, const std::shared_ptr<Inbox>& inbox) {
  const std::lock_guard lock(mutex_);
  auto& known = models_[model];
  const double held = held_for(known);
  const bool fits = spent_ < limit_ && spent_ + held_ + held <= limit_;
  const bool first = !known.dearest && known.on_their_way > 0;
  if (fits && !first) {
    ++known.on_their_way;
    ++on_their_way_;
    held_ += held;
    return {BudgetVerdict::go, held};
  }
  if (on_their_way_ == 0) return {BudgetVerdict::ended, 0};
  if (std::find(waiting_.begin(), waiting_.end(), inbox) == waiting_.end()) waiting_.push_back(inbox);
  return {BudgetVerdict::wait, 0};
}

SharedBudget::Room SharedBudget::take_anyway(const Digest& model) {
  const std::lock_guard lock(mutex_);
  auto& known = models_[model];
  const double held = held_for(known);
  ++known.on_their_way;
  ++on_their_way_;
  held_ += held;
  return {BudgetVerdict::go, held};
}

void SharedBudget::settle(const Digest& model, const Room& room, std::optional<Usd> cost) {
  std::vector<std::shared_ptr<Inbox>> waiting;
  {
    const std::lock_guard lock(mutex_);
    auto& known = models_[model];
    --known.on_their_way;
    --on_their_way_;
    held_ = on_their_way_ == 0 ? 0 : held_ - room.held;
    if (cost) {
      spent_ += cost->value;
      known.dearest = std::max(known.dearest.value_or(0), cost->value);
      dearest_ = std::max(dearest_, cost->value);
    }
    waiting.swap(waiting_);
  }
  for (const auto& inbox : waiting) inbox->nudge();
}

}  // namespace llmops::model

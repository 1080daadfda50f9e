#pragma once
/// \file  How much may still be asked.
#include <algorithm>
#include <optional>

#include "model/asker.h"

namespace llmops::model {

/// Counts what was sent and what it cost. For one thread.
class AskBudget {
 public:
  using Verdict = BudgetVerdict;

  explicit AskBudget(const AskLimits& limits) : usd_(limits.usd), queries_(limits.queries) {}

  /// Whether one more query may be sent now.
  Verdict verdict(std::int64_t on_their_way) const {
    if (queries_ && sent_ >= *queries_) return Verdict::ended;
    if (!usd_) return Verdict::go;
    if (spent_ >= usd_->value || spent_ + dearest_ > usd_->value)
      return on_their_way > 0 ? Verdict::wait : Verdict::ended;
    if (!any_cost_) return on_their_way > 0 ? Verdict::wait : Verdict::go;  // the first one tells what they cost
    return spent_ + dearest_ * static_cast<double>(on_their_way + 1) > usd_->value ? Verdict::wait : Verdict::go;
  }
  void sent() { ++sent_; }
  void cost(std::optional<Usd> cost) {
    any_cost_ = true;
    if (!cost) return;
    spent_ += cost->value;
    dearest_ = std::max(dearest_, cost->value);
  }

 private:
  const std::optional<Usd> usd_;
  const std::optional<std::int64_t> queries_;
  std::int64_t sent_ = 0;
  double spent_ = 0, dearest_ = 0;
  bool any_cost_ = false;
};

}  // namespace llmops::model

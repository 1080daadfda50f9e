#pragma once
/// \file  An amount that many spend together, such as the steps and recipes of one command.
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/digest.h"
#include "base/units.h"

namespace llmops::model {

class Inbox;

/// Whether one more query may be sent now.
enum class BudgetVerdict {
  go,
  wait,  ///< What is on its way may use up the rest.
  ended,
};

/// Room for a query is taken before it is sent, so that the amount is passed by little or not at all, whoever asks: as
/// much as the dearest answer of its model cost so far. Of a model that has not answered yet, one query is let go to
/// tell. Safe to call from many threads.
class SharedBudget {
 public:
  explicit SharedBudget(Usd limit) : limit_(limit.value) {}

  struct Room {
    BudgetVerdict verdict = BudgetVerdict::go;
    double held = 0;  ///< USD, given back by `settle`.
  };
  /// Where it says `wait`, `inbox` is nudged when that may have changed.
  Room take(const Digest& model, const std::shared_ptr<Inbox>& inbox);
  /// For what is sent again: its room was judged before.
  Room take_anyway(const Digest& model);
  /// The query has arrived, or was not sent after all.
  void settle(const Digest& model, const Room& room, std::optional<Usd> cost);

 private:
  struct Model {
    std::optional<double> dearest;
    std::int64_t on_their_way = 0;
  };
  double held_for(const Model& model) const { return model.dearest.value_or(dearest_); }

  const double limit_;
  std::mutex mutex_;
  double spent_ = 0, held_ = 0, dearest_ = 0;
  std::int64_t on_their_way_ = 0;
  std::map<Digest, Model> models_;
  std::vector<std::shared_ptr<Inbox>> waiting_;
};

}  // namespace llmops::model

#pragma once
/// \file  How much may be spent on asking, by one asking or by many together, such as the steps and recipes of a
/// command.
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/units.h"
#include "schema/record.h"

namespace llmops::model {

class Inbox;

/// What is not given is not limited; zero lets nothing be asked.
struct BudgetLimits {
  std::optional<Usd> usd;
  std::optional<std::int64_t> tokens;   ///< Of prompts and answers together.
  std::optional<std::int64_t> queries;  ///< Sent, each once however often it is sent again.
  std::optional<double> minutes;        ///< From when the budget was made.

  bool any() const { return usd || tokens || queries || minutes; }
  friend bool operator==(const BudgetLimits&, const BudgetLimits&) = default;
};

const schema::Record<BudgetLimits>& record_of(BudgetLimits*);

/// A budget that ended: which of its limits was reached, and whose it is.
struct BudgetEnd {
  enum class Limit { usd, tokens, queries, minutes } limit = Limit::usd;
  double amount = 0;   ///< Of that limit.
  std::string option;  ///< The option that gave it, such as `--budget-usd`; empty for the asking's own.
  friend bool operator==(const BudgetEnd&, const BudgetEnd&) = default;
};
/// `the budget of 2 queries`, `the budget of $0.05 (--budget-usd)`.
std::string to_string(const BudgetEnd& end);

/// Whether one more query may be sent now.
enum class BudgetVerdict {
  go,
  wait,  ///< What is on its way may use up the rest.
  ended,
};

/// What an answer took.
struct Spent {
  std::optional<Usd> cost;
  std::optional<std::int64_t> tokens;
};

/// Room for a query is taken before it is sent, so that the limits are passed by little or not at all, whoever asks: as
/// many dollars and tokens as the dearest answer of its model took so far, held until its own is there. What passes a
/// limit is then at most by how much dearer the answers on their way are than all before. Of a model that has not
/// answered yet, one query is let go to tell. Queries are counted exactly. When the minutes are over nothing more is
/// sent; what is on its way is awaited. Safe to call from many threads.
class Budget {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Owner {
    asking,   ///< One call of `Asker::ask`.
    command,  ///< All of a command: its options `--budget-…` gave it.
  };
  Budget(const BudgetLimits& limits, Owner owner, Time now);

  const BudgetLimits& limits() const { return limits_; }
  /// When its minutes are over.
  std::optional<Time> ends_at() const { return ends_at_; }
  BudgetEnd end_of(BudgetEnd::Limit limit) const;

  struct Room {
    BudgetVerdict verdict = BudgetVerdict::go;
    std::optional<BudgetEnd> end;     ///< Where it says `ended`.
    std::array<double, 2> held = {};  ///< Dollars and tokens.
    bool counted = false;             ///< As a query.
  };
  enum class Try {
    first,
    again,  ///< Its room was judged before: only the minutes can refuse it.
  };
  /// Where it says `wait`, `inbox` is nudged when that may have changed.
  Room take(const Digest& model, Try which, Time now, const std::shared_ptr<Inbox>& inbox);
  /// The query was not sent after all.
  void give_back(const Digest& model, const Room& room);
  /// The query has failed.
  void settle(const Digest& model, const Room& room);
  /// It was answered. What an answer does not tell counts as the dearest of its model before it.
  void settle(const Digest& model, const Room& room, const Spent& spent);

 private:
  using Amounts = std::array<double, 2>;
  struct Model {
    std::optional<Amounts> dearest;
    std::int64_t on_their_way = 0;
  };
  Amounts held_for(const Model& model) const { return model.dearest.value_or(dearest_); }
  std::optional<std::size_t> over(const Amounts& more) const;
  void leave(Model& model, const Room& room);

  const BudgetLimits limits_;
  const Owner owner_;
  const std::optional<Time> ends_at_;
  const std::array<std::optional<double>, 2> most_;
  std::mutex mutex_;
  Amounts spent_ = {}, held_ = {}, dearest_ = {};
  std::int64_t on_their_way_ = 0, sent_ = 0;
  std::map<Digest, Model> models_;
  std::vector<std::shared_ptr<Inbox>> waiting_;
};

}  // namespace llmops::model
